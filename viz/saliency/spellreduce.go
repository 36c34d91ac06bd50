package saliency

import (
	"github.com/tomo-viz/tomo/nn/ir"
)

// reduction writes the norm of x along axes, or a sum of functions of its
// elements, as parts that have rules. It returns None for what is no such
// operator.
func (s speller) reduction() ir.ValueID {
	square := func() ir.ValueID { return s.sum(s.Op("Mul", nil, s.x, s.x)) }
	switch s.n.Op {
	case "ReduceL1":
		return s.sum(s.Op("Abs", nil, s.x))
	case "ReduceL2":
		// The root of zero has no slope, so a vector of zeros is a little longer.
		return s.Op("Sqrt", nil, s.Op("Add", nil, square(), s.float(smallestNormal)))
	case "ReduceSumSquare":
		return square()
	}
	return ir.None
}

// smallestNormal is float32's; it is lost in any other number.
const smallestNormal = 0x1p-126

// sum adds up along the axes that the node names, by an attribute or, from opset
// 18 on, by an input.
func (s speller) sum(v ir.ValueID) ir.ValueID {
	inputs := []ir.ValueID{v}
	if axes := s.n.Input(1); axes != ir.None {
		inputs = append(inputs, axes)
	} else if list := s.n.Attrs.Ints("axes"); list != nil {
		inputs = append(inputs, s.Ints(list...))
	}
	attrs := ir.Pairs("keepdims", s.n.Attrs.Int("keepdims", 1), "noop_with_empty_axes", s.n.Attrs.Int("noop_with_empty_axes", 0))
	return s.Op("ReduceSum", attrs, inputs...)
}
