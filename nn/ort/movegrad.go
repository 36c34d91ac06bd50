package ort

import (
	"maps"
	"strings"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// maxLabels bounds the elements of a tensor whose places are written into the
// model, 8 bytes each.
const maxLabels = 1 << 24

// lowerMoveGrad serves every operator that makes its output of elements of its
// first input: the operator itself moves the numbers of the places, from 1, and
// each gradient is added where its number says. What the operator filled in has
// the number 0.
func lowerMoveGrad(l *lowering, n *ir.Node) (ir.ValueID, error) {
	dy, shape := n.Inputs[0], l.shape(n.Outputs[0])
	size := product(shape)
	if size > maxLabels {
		return ir.None, &UnsupportedError{n.Name, n.Op, "its input is too large"}
	}
	labels := make([]int64, size)
	for i := range labels {
		labels[i] = int64(i + 1)
	}
	at := l.forward(n, l.Const(tensor.Of(labels, shape...)))
	sum := l.addAt(l.zeros(dy, size+1), l.reshape(at, -1), l.reshape(dy, -1), 0)
	return l.reshape(l.Op("Slice", nil, sum, l.Ints(1), l.Ints(size+1)), shape...), nil
}

// forward appends the operator that n is the gradient of, on another input.
func (l *lowering) forward(n *ir.Node, x ir.ValueID) ir.ValueID {
	attrs := maps.Clone(n.Attrs)
	delete(attrs, "opset")
	v := l.Op(strings.TrimSuffix(n.Op, "Grad"), attrs, append([]ir.ValueID{x}, n.Inputs[2:]...)...)
	l.G.Nodes[len(l.G.Nodes)-1].Version = n.Attrs.Int("opset", ir.LatestOpset)
	return v
}

// lowerSliceGrad pads what a slice without steps left out; others are moves.
func lowerSliceGrad(l *lowering, n *ir.Node) (ir.ValueID, error) {
	dy, x := l.shape(n.Inputs[0]), l.shape(n.Outputs[0])
	starts, axes, steps := l.sliceOf(n)
	if starts == nil {
		return lowerMoveGrad(l, n)
	}
	pads := make([]int, 2*len(x))
	for i, at := range starts {
		a := i
		if axes != nil {
			a = axes[i]
		}
		if a < 0 {
			a += len(x)
		}
		if steps != nil && steps[i] != 1 {
			return lowerMoveGrad(l, n)
		}
		if at < 0 {
			at += x[a]
		}
		pads[a] = min(max(at, 0), x[a])
	}
	for a, d := range x {
		pads[len(x)+a] = d - dy[a] - pads[a]
	}
	return l.Op("Pad", nil, n.Inputs[0], l.Ints(pads...)), nil
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

// lowerPadGrad cuts off what was padded with constants; others are moves.
func lowerPadGrad(l *lowering, n *ir.Node) (ir.ValueID, error) {
	x := l.shape(n.Outputs[0])
	pads := n.Attrs.Ints("pads")
	if v := n.Input(2); v != ir.None {
		pads, _ = l.types[v].Ints()
	}
	if n.Attrs.Str("mode", "constant") != "constant" || len(pads) != 2*len(x) || n.Input(4) != ir.None {
		return lowerMoveGrad(l, n)
	}
	back := make([]int, len(pads))
	for i, p := range pads {
		back[i] = -p
	}
	return l.Op("Pad", nil, n.Inputs[0], l.Ints(back...)), nil
}

// lowerGatherGrad adds whole rows where indices choose rows, as of a table of
// embeddings; along other axes it is a move.
func lowerGatherGrad(l *lowering, n *ir.Node) (ir.ValueID, error) {
	dy, indices, x := n.Inputs[0], n.Inputs[2], l.shape(n.Outputs[0])
	if n.Attrs.Int("axis", 0) != 0 || len(x) == 0 {
		return lowerMoveGrad(l, n)
	}
	rows := product(l.shape(indices))
	at := l.reshape(indices, rows, 1)
	if l.types[indices].DType != tensor.Int64 {
		at = l.Op("Cast", ir.Pairs("to", 7), at)
	}
	updates := l.reshape(dy, append([]int{rows}, x[1:]...)...)
	return l.Op("ScatterND", ir.Pairs("reduction", "add"), l.zeros(dy, x...), at, updates), nil
}
