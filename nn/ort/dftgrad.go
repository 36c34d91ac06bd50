package ort

import (
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// lowerDFTGrad transforms back: the transpose of a transform is the inverse one
// without its factor, and the other way round.
func lowerDFTGrad(l *lowering, n *ir.Node) (ir.ValueID, error) {
	dy, from, to := n.Inputs[0], l.shape(n.Inputs[0]), l.shape(n.Outputs[0])
	last := len(to) - 1
	axis, length, ok := l.dftOf(n, to)
	if !ok {
		return ir.None, &UnsupportedError{n.Name, n.Op, "its axis or length is computed"}
	}
	inverse := n.Attrs.Bool("inverse", false)
	v := dy
	if from[last] == 1 {
		v = l.resized(v, from, last, 2)
	}
	v = l.resized(v, from, axis, length)
	v = l.Op("DFT", ir.Pairs("inverse", !inverse), v, ir.None, l.Const(tensor.Scalar(int64(axis))))
	if !inverse {
		v = l.times(v, float64(length)) // which the inverse divides by
	} else {
		v = l.times(v, 1/float64(length))
		if n.Attrs.Bool("onesided", false) {
			v = l.folded(v, from, axis, length)
		}
	}
	v = l.resized(v, from, axis, to[axis])
	return l.resized(v, from, last, to[last]), nil
}

// dftOf reads the axis and the length of the transform.
func (l *lowering) dftOf(n *ir.Node, x []int) (axis, length int, ok bool) {
	axis = n.Attrs.Int("axis", -2)
	if v := n.Input(3); v != ir.None {
		at, known := l.types[v].Ints()
		if !known || len(at) != 1 {
			return 0, 0, false
		}
		axis = at[0]
	}
	axis = (axis + len(x)) % len(x)
	length = x[axis]
	if n.Attrs.Bool("inverse", false) && n.Attrs.Bool("onesided", false) {
		length = 2 * (length - 1)
	}
	if v := n.Input(2); v != ir.None {
		given, known := l.types[v].Ints()
		if !known || len(given) != 1 {
			return 0, 0, false
		}
		length = given[0]
	}
	return axis, length, true
}

// folded adds the second half of a spectrum, which was completed by symmetry,
// to the first: but for the ends each number stands for two.
func (l *lowering) folded(v ir.ValueID, shape []int, axis, length int) ir.ValueID {
	half := length/2 + 1
	v = l.resized(v, shape, axis, half)
	twice := make([]float64, half)
	for k := range twice {
		if twice[k] = 1; k > 0 && k < length-k {
			twice[k] = 2
		}
	}
	along := repeated(len(shape), 1)
	along[axis] = half
	return l.mul(v, l.numbers(twice, along...))
}

// resized cuts an axis or pads it with zeros, and notes the extent in shape.
func (l *lowering) resized(v ir.ValueID, shape []int, axis, extent int) ir.ValueID {
	pads := make([]int, 2*len(shape))
	pads[len(shape)+axis] = extent - shape[axis]
	shape[axis] = extent
	return l.pad(v, pads...)
}
