package op

import (
	"fmt"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

var gatherOps = []Op{gather, gatherElements, gatherND, compress}

// indexList reads indices into an axis of n elements, which may count from the
// end.
func indexList(t *tensor.Tensor, n int) ([]int, error) {
	v, err := t.Ints()
	if err != nil {
		return nil, fmt.Errorf("indices: %w", err)
	}
	for i, x := range v {
		if x < -n || x >= n {
			return nil, fmt.Errorf("index %d is outside [%d, %d)", x, -n, n)
		}
		if x < 0 {
			v[i] = x + n
		}
	}
	return v, nil
}

// gather takes slices of an axis by index: the axis is replaced by those of the
// indices.
var gather = Op{
	Name: "Gather", MinIn: 2, AnyType: true, moves: onlyFirst, Grad: moveGrad("Gather"),
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		out := Type{DType: in[0].DType}
		if in[0].Shape == nil {
			return []Type{out}, nil
		}
		axis, err := axisOf(n.Attrs.Int("axis", 0), len(in[0].Shape))
		if err == nil && in[1].Shape != nil {
			out.Shape = joinShapes(in[0].Shape[:axis], in[1].Shape, in[0].Shape[axis+1:])
		}
		return []Type{out}, err
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		x := in[0]
		axis, err := axisOf(n.Attrs.Int("axis", 0), x.Rank())
		if err != nil {
			return nil, err
		}
		index, err := indexList(in[1], x.Dim(axis))
		if err != nil {
			return nil, err
		}
		shape := slices.Concat(x.Shape()[:axis], in[1].Shape(), x.Shape()[axis+1:])
		return takeAs(x, shape, func() ([]int, int) { return alongAxis(x.Shape(), axis, index) })
	},
}

// joinShapes returns the axes of all parts; that of a scalar is not nil.
func joinShapes(parts ...ir.Shape) ir.Shape {
	return append(ir.Shape{}, slices.Concat(parts...)...)
}

// alongAxis lists where the slices of an axis start that index names, and how
// many elements each has.
func alongAxis(shape []int, axis int, index []int) (at []int, run int) {
	outer, extent, run := around(shape, axis)
	at = make([]int, 0, outer*len(index))
	for o := range outer {
		for _, i := range index {
			at = append(at, (o*extent+i)*run)
		}
	}
	return at, run
}

// gatherElements takes single elements: the output has the shape of the
// indices, each of which replaces its own index along the axis.
var gatherElements = Op{
	Name: "GatherElements", MinIn: 2, AnyType: true, moves: onlyFirst, Grad: moveGrad("GatherElements"),
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		return []Type{{DType: in[0].DType, Shape: in[1].Shape}}, nil
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		at, err := elementPlaces(n, in[0].Shape(), in[1])
		if err != nil {
			return nil, err
		}
		return one(in[0].Take(at, 1, in[1].Shape()...))
	},
}

// elementPlaces lists where the elements lie that indices of the same rank
// name along the axis of a tensor of the given shape.
func elementPlaces(n *ir.Node, shape []int, indices *tensor.Tensor) ([]int, error) {
	axis, err := axisOf(n.Attrs.Int("axis", 0), len(shape))
	if err != nil {
		return nil, err
	}
	if len(shape) != indices.Rank() {
		return nil, fmt.Errorf("indices of shape %v do not have the rank of %v", indices.Shape(), shape)
	}
	for a, d := range indices.Shape() {
		if a != axis && d > shape[a] {
			return nil, fmt.Errorf("indices of shape %v exceed %v at axis %d", indices.Shape(), shape, a)
		}
	}
	index, err := indexList(indices, shape[axis])
	if err != nil {
		return nil, err
	}
	strides := stridesOf(shape)
	step := strides[axis]
	strides[axis] = 0
	at := offsets(indices.Shape(), 0, strides)
	for i := range at {
		at[i] += index[i] * step
	}
	return at, nil
}
