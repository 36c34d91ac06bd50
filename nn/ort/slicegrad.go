package ort

import (
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
)

// lowerSliceGrad puts zeros where a slice left something out: between its
// elements, then around them.
func lowerSliceGrad(l *lowering, n *ir.Node) (ir.ValueID, error) {
	v, dy, x := n.Inputs[0], slices.Clone(l.shape(n.Inputs[0])), l.shape(n.Outputs[0])
	starts, axes, steps := l.sliceOf(n)
	if starts == nil {
		return lowerMoveGrad(l, n)
	}
	if product(dy) == 0 {
		return l.zeros(x...), nil
	}
	pads := make([]int, 2*len(x))
	for i, at := range starts {
		a, step := i, 1
		if axes != nil {
			a = (axes[i] + len(x)) % len(x)
		}
		if steps != nil {
			step = steps[i]
		}
		if at < 0 {
			at += x[a]
		}
		at = min(max(at, 0), x[a]-1) // a negative step starts at the end at the latest
		if step < 0 {
			v, step = l.reverse(v, a), -step
			at -= (dy[a] - 1) * step
		}
		v = l.spaced(v, dy, a, step)
		pads[a] = at
	}
	for a, d := range x {
		pads[len(x)+a] = d - dy[a] - pads[a]
	}
	return l.pad(v, pads...), nil
}

// spaced puts step-1 zeros between the elements along an axis, and as many
// behind, and keeps the shape.
func (l *lowering) spaced(v ir.ValueID, shape []int, axis, step int) ir.ValueID {
	if step == 1 || shape[axis] == 1 {
		return v
	}
	wide := slices.Insert(slices.Clone(shape), axis+1, 1)
	pads := make([]int, 2*len(wide))
	pads[len(wide)+axis+1] = step - 1
	v = l.pad(l.reshape(v, wide...), pads...)
	shape[axis] *= step
	return l.reshape(v, shape...)
}

// sliceOf reads a Slice of any version; starts are nil if they are computed.
func (l *lowering) sliceOf(n *ir.Node) (starts, axes, steps []int) {
	if n.Attrs.Int("opset", ir.LatestOpset) < 10 {
		return n.Attrs.Ints("starts"), n.Attrs.Ints("axes"), nil
	}
	lists := make([][]int, 4) // starts, ends, axes, steps
	for i := range lists {
		v := n.Input(2 + i)
		if v == ir.None {
			continue
		}
		var ok bool
		if lists[i], ok = l.types[v].Ints(); !ok {
			return nil, nil, nil
		}
	}
	return lists[0], lists[2], lists[3]
}
