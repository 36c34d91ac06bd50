package op

import (
	"fmt"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// axesInput reads axes from input 1 (since opset 13), or from the attribute;
// nil means that none are given.
func axesInput(n *ir.Node, in []*tensor.Tensor) ([]int, error) {
	t := opt(in, 1)
	if t == nil {
		return n.Attrs.Ints("axes"), nil
	}
	axes, err := t.Ints()
	if err != nil {
		return nil, fmt.Errorf("axes: %w", err)
	}
	return axes, nil
}

// axesType is axesInput for what is known of the inputs.
func axesType(n *ir.Node, in []Type) (axes []int, known bool) {
	if n.Input(1) == ir.None {
		return n.Attrs.Ints("axes"), true
	}
	return opt(in, 1).Ints()
}

// squeeze removes axes of extent 1: those given, or all there are.
var squeeze = Op{
	Name: "Squeeze", MinIn: 1, AnyType: true, moves: onlyFirst, Grad: reshapeGrad,
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		out := Type{DType: in[0].DType}
		axes, known := axesType(n, in)
		if !known || in[0].Shape == nil {
			return []Type{out}, nil
		}
		if _, all := in[0].Shape.Ints(); len(axes) == 0 && !all {
			return []Type{out}, nil // a symbol may turn out to be 1
		}
		var err error
		out.Shape, err = squeezeDims(in[0].Shape, axes)
		return []Type{out}, err
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		axes, err := axesInput(n, in)
		if err != nil {
			return nil, err
		}
		dims, err := squeezeDims(ir.ShapeOf(in[0]), axes)
		if err != nil {
			return nil, err
		}
		shape, _ := dims.Ints()
		return one(in[0].Reshape(shape...))
	},
}

func squeezeDims(s ir.Shape, axes []int) (ir.Shape, error) {
	axes, err := axesOf(axes, len(s))
	if err != nil {
		return nil, err
	}
	out := ir.Shape{}
	for a, d := range s {
		named := slices.Contains(axes, a)
		switch {
		case named && d.IsKnown() && d.N != 1:
			return nil, fmt.Errorf("axis %d has extent %d and cannot be removed", a, d.N)
		case named, len(axes) == 0 && d == ir.Known(1):
		default:
			out = append(out, d)
		}
	}
	return out, nil
}

// unsqueeze puts axes of extent 1 where the output shall have them.
var unsqueeze = Op{
	Name: "Unsqueeze", MinIn: 1, AnyType: true, moves: onlyFirst, Grad: reshapeGrad,
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		out := Type{DType: in[0].DType}
		axes, known := axesType(n, in)
		if !known || in[0].Shape == nil {
			return []Type{out}, nil
		}
		var err error
		out.Shape, err = unsqueezeDims(in[0].Shape, axes)
		return []Type{out}, err
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		axes, err := axesInput(n, in)
		if err != nil {
			return nil, err
		}
		dims, err := unsqueezeDims(ir.ShapeOf(in[0]), axes)
		if err != nil {
			return nil, err
		}
		shape, _ := dims.Ints()
		return one(in[0].Reshape(shape...))
	},
}

func unsqueezeDims(s ir.Shape, axes []int) (ir.Shape, error) {
	out := make(ir.Shape, len(s)+len(axes))
	axes, err := axesOf(axes, len(out))
	if err != nil {
		return nil, err
	}
	for a := range out {
		if slices.Contains(axes, a) {
			out[a] = ir.Known(1)
		} else {
			out[a], s = s[0], s[1:]
		}
	}
	return out, nil
}
