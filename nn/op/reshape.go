package op

import (
	"fmt"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// reshape reads its goal from an input, or before opset 5 from an attribute.
// -1 stands for what is left over, 0 for the input's extent unless allowzero.
var reshape = Op{
	Name: "Reshape", MinIn: 1, AnyType: true, moves: onlyFirst, Grad: reshapeGrad,
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		goal := ir.Shape(nil)
		if n.Input(1) == ir.None {
			goal = mapTo(n.Attrs.Ints("shape"), dimOf)
		} else if goal = opt(in, 1).Dims(); goal == nil {
			shape := unknownRankFrom(in[1])
			return []Type{{DType: in[0].DType, Shape: shape}}, nil
		}
		shape, err := reshapeDims(in[0].Shape, goal, n.Attrs.Bool("allowzero", false))
		return []Type{{DType: in[0].DType, Shape: shape}}, err
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		goal := n.Attrs.Ints("shape")
		if t := opt(in, 1); t != nil {
			var err error
			if goal, err = t.Ints(); err != nil {
				return nil, fmt.Errorf("shape: %w", err)
			}
		}
		shape, err := reshapeTo(in[0].Shape(), goal, n.Attrs.Bool("allowzero", false))
		if err != nil {
			return nil, err
		}
		return one(in[0].Reshape(shape...))
	},
}

// unknownRankFrom returns a shape of unknown extents whose rank is the length
// of the vector t, or nil if that is not known.
func unknownRankFrom(t Type) ir.Shape {
	if len(t.Shape) != 1 || !t.Shape[0].IsKnown() || t.Shape[0].N > foldLimit {
		return nil
	}
	return slices.Repeat(ir.Shape{ir.Symbol("")}, t.Shape[0].N)
}

func reshapeTo(from, goal []int, allowZero bool) ([]int, error) {
	dims, err := reshapeDims(ir.Dims(from...), mapTo(goal, dimOf), allowZero)
	if err != nil {
		return nil, err
	}
	shape, ok := dims.Ints()
	if ok {
		var n int
		if n, err = tensor.NumElements(shape); err == nil {
			ok = n == product(from)
		}
	}
	if !ok || err != nil {
		return nil, fmt.Errorf("a tensor of shape %v cannot take the shape %v", from, goal)
	}
	return shape, nil
}

// reshapeDims resolves 0 and -1 as far as the extents are known. An unknown
// extent is what is left over if it is the only one, -1 or not.
func reshapeDims(from, goal ir.Shape, allowZero bool) (ir.Shape, error) {
	shape := slices.Clone(goal)
	open := -1 // the extent to solve for
	opens := 0
	for i, d := range goal {
		v, ok := dimNumber(d)
		switch {
		case ok && v == 0 && !allowZero:
			if from != nil && i >= len(from) {
				return nil, fmt.Errorf("extent %d of the goal %v is 0, but the input has only %d axes", i, goal, len(from))
			}
			if shape[i] = ir.Symbol(""); from != nil {
				shape[i] = from[i]
			}
		case ok && v < -1:
			return nil, fmt.Errorf("extent %d of the goal %v is negative", i, goal)
		case ok && v == -1, d == ir.Symbol(""):
			shape[i] = ir.Symbol("")
			open = i
			opens++
		}
	}
	if minusOnes(goal) > 1 {
		return nil, fmt.Errorf("the goal %v has more than one -1", goal)
	}
	if opens == 1 && from != nil {
		all, rest := countDims(from), mulDims(slices.Concat(shape[:open], shape[open+1:])...)
		if shape[open] = divDims(all, rest); !shape[open].IsKnown() && all.IsKnown() && rest.IsKnown() {
			return nil, fmt.Errorf("%v elements of shape %v cannot take the shape %v", all, from, goal)
		}
	}
	return shape, checkCounts(from, shape)
}

func minusOnes(goal ir.Shape) int {
	k := 0
	for _, d := range goal {
		if v, ok := dimNumber(d); ok && v == -1 {
			k++
		}
	}
	return k
}

// checkCounts errs if two shapes surely have different numbers of elements.
func checkCounts(a, b ir.Shape) error {
	x, ok1 := a.Ints()
	y, ok2 := b.Ints()
	if !ok1 || !ok2 {
		return nil
	}
	n, err := tensor.NumElements(x)
	if err != nil {
		return err
	}
	if m, err := tensor.NumElements(y); err != nil || m != n {
		return fmt.Errorf("a tensor of shape %v cannot take the shape %v", x, y)
	}
	return nil
}

// flatten makes a matrix: the axes before axis become its rows.
var flatten = Op{
	Name: "Flatten", MinIn: 1, AnyType: true, moves: onlyFirst, Grad: reshapeGrad,
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		out := Type{DType: in[0].DType, Shape: ir.Shape{ir.Symbol(""), ir.Symbol("")}}
		if in[0].Shape == nil {
			return []Type{out}, nil
		}
		axis, err := flattenAxis(n, len(in[0].Shape))
		if err != nil {
			return nil, err
		}
		out.Shape[0], out.Shape[1] = mulDims(in[0].Shape[:axis]...), mulDims(in[0].Shape[axis:]...)
		return []Type{out}, nil
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		axis, err := flattenAxis(n, in[0].Rank())
		if err != nil {
			return nil, err
		}
		shape := in[0].Shape()
		return one(in[0].Reshape(product(shape[:axis]), product(shape[axis:])))
	},
}

// flattenAxis may also lie behind the last axis.
func flattenAxis(n *ir.Node, rank int) (int, error) {
	axis := n.Attrs.Int("axis", 1)
	if axis < -rank || axis > rank {
		return 0, fmt.Errorf("axis %d is outside [%d, %d]", axis, -rank, rank)
	}
	if axis < 0 {
		axis += rank
	}
	return axis, nil
}
