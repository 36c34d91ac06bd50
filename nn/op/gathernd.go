package op

import (
	"fmt"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// gatherND takes slices by index tuples, the last axis of the indices.
var gatherND = Op{
	Name: "GatherND", MinIn: 2, AnyType: true, moves: onlyFirst, Grad: moveGrad("GatherND"),
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		out := Type{DType: in[0].DType}
		x, index := in[0].Shape, in[1].Shape
		if x == nil || len(index) == 0 || !index[len(index)-1].IsKnown() {
			return []Type{out}, nil
		}
		batch := n.Attrs.Int("batch_dims", 0)
		used := index[len(index)-1].N
		if err := checkTuples(len(x), len(index), batch, used); err != nil {
			return nil, err
		}
		out.Shape = joinShapes(index[:len(index)-1], x[batch+used:])
		return []Type{out}, nil
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		x, index, batch := in[0].Shape(), in[1].Shape(), n.Attrs.Int("batch_dims", 0)
		at, run, err := tuplePlaces(x, in[1], batch)
		if err != nil {
			return nil, err
		}
		last := len(index) - 1
		shape := slices.Concat(index[:last], x[batch+index[last]:])
		return takeAs(in[0], shape, func() ([]int, int) { return at, run })
	},
}

func checkTuples(rank, indexRank, batch, used int) error {
	if batch < 0 || batch >= indexRank || batch > rank || used > rank-batch {
		return fmt.Errorf("index tuples of %d and %d batch axes do not fit %d axes", used, batch, rank)
	}
	return nil
}

// tuplePlaces lists where the slices start that index tuples name, and how
// many elements each has. The first batch axes are common to data and indices.
func tuplePlaces(shape []int, indices *tensor.Tensor, batch int) (at []int, run int, err error) {
	index := indices.Shape()
	if len(index) == 0 {
		return nil, 0, fmt.Errorf("indices must have at least one axis")
	}
	used := index[len(index)-1]
	if err := checkTuples(len(shape), len(index), batch, used); err != nil {
		return nil, 0, err
	}
	if !slices.Equal(shape[:batch], index[:batch]) {
		return nil, 0, fmt.Errorf("indices of shape %v do not share %d batch axes with %v", index, batch, shape)
	}
	v, err := indices.Ints()
	if err != nil {
		return nil, 0, fmt.Errorf("indices: %w", err)
	}
	strides := stridesOf(shape)
	tuples, err := checkSize(index[:len(index)-1])
	if err != nil {
		return nil, 0, err
	}
	perBatch := max(1, tuples/max(1, product(shape[:batch])))
	at = make([]int, tuples)
	for t := range at {
		at[t] = t / perBatch * product(shape[batch:])
		for k := range used {
			i, n := v[t*used+k], shape[batch+k]
			if i < -n || i >= n {
				return nil, 0, fmt.Errorf("index %d is outside [%d, %d)", i, -n, n)
			}
			if i < 0 {
				i += n
			}
			at[t] += i * strides[batch+k]
		}
	}
	return at, product(shape[batch+used:]), nil
}

// compress keeps the slices of an axis, or of the flattened input, for which
// the condition is true.
var compress = Op{
	Name: "Compress", MinIn: 2, AnyType: true, Grad: moveGrad("Compress"),
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		out := Type{DType: in[0].DType}
		if !n.Attrs.Has("axis") {
			out.Shape = ir.Shape{ir.Symbol("")}
			return []Type{out}, nil
		}
		if in[0].Shape == nil {
			return []Type{out}, nil
		}
		axis, err := axisOf(n.Attrs.Int("axis", 0), len(in[0].Shape))
		if err == nil {
			out.Shape = slices.Clone(in[0].Shape)
			out.Shape[axis] = ir.Symbol("")
		}
		return []Type{out}, err
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		x := in[0]
		axis := n.Attrs.Int("axis", 0)
		if !n.Attrs.Has("axis") {
			x = x.Reshape(x.Len())
		}
		axis, err := axisOf(axis, x.Rank())
		if err != nil {
			return nil, err
		}
		if in[1].DType() != tensor.Bool || in[1].Len() > x.Dim(axis) {
			return nil, fmt.Errorf("the condition is %v, not at most %d truth values", in[1], x.Dim(axis))
		}
		var index []int
		for i, keep := range tensor.Data[bool](in[1]) {
			if keep {
				index = append(index, i)
			}
		}
		shape := slices.Clone(x.Shape())
		shape[axis] = len(index)
		return takeAs(x, shape, func() ([]int, int) { return alongAxis(x.Shape(), axis, index) })
	},
}
