package op

import (
	"fmt"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// expand broadcasts its input with a shape; either may have the larger extent.
var expand = Op{
	Name: "Expand", MinIn: 2, AnyType: true, moves: onlyFirst,
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		goal := in[1].Dims()
		if goal == nil {
			goal = unknownRankFrom(in[1])
		}
		for _, d := range goal {
			if v, ok := dimNumber(d); ok && v < 0 {
				return nil, fmt.Errorf("the goal %v has a negative extent", goal)
			}
		}
		shape, err := broadcastDims(in[0].Shape, goal)
		return []Type{{DType: in[0].DType, Shape: shape}}, err
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		goal, err := in[1].Ints()
		if err != nil {
			return nil, fmt.Errorf("shape: %w", err)
		}
		shape, err := broadcastShapes(in[0].Shape(), goal)
		if err != nil {
			return nil, err
		}
		return one(broadcastTo(in[0], shape))
	},
	Grad: func(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
		out := noGrads(n)
		if g.Needs(0) {
			out[0] = g.sumTo(dy[0], n.Inputs[0], n.Outputs[0])
		}
		return out, nil
	},
}

// tile repeats its input along each axis. In opset 1 it repeats along one axis
// only, and the inputs are the number of tiles and the axis.
var tile = Op{
	Name: "Tile", MinIn: 2, AnyType: true, moves: onlyFirst, Grad: moveGrad("Tile"),
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		out := Type{DType: in[0].DType}
		if in[0].Shape == nil {
			return []Type{out}, nil
		}
		repeats := in[1].Dims()
		if n.Version < 6 || repeats == nil {
			out.Shape = slices.Repeat(ir.Shape{ir.Symbol("")}, len(in[0].Shape))
			return []Type{out}, nil
		}
		if len(repeats) != len(in[0].Shape) {
			return nil, fmt.Errorf("%d repeats for %d axes", len(repeats), len(in[0].Shape))
		}
		out.Shape = ir.Shape{}
		for a, d := range in[0].Shape {
			if v, ok := dimNumber(repeats[a]); ok && v < 0 {
				return nil, fmt.Errorf("%d repeats of axis %d", v, a)
			}
			out.Shape = append(out.Shape, mulDims(d, repeats[a]))
		}
		return []Type{out}, nil
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		repeats, err := repeatsOf(n, in)
		if err != nil {
			return nil, err
		}
		shape := make([]int, in[0].Rank())
		for a, d := range in[0].Shape() {
			if shape[a], err = scaled(d, repeats[a]); err != nil {
				return nil, err
			}
		}
		if count, err := checkSize(shape); err != nil || count == 0 {
			return emptyOf(in[0].DType(), shape, err)
		}
		return one(tiled(in[0], repeats).Reshape(shape...))
	},
}

// scaled multiplies an extent, and errs where the product is absurd.
func scaled(d, by int) (int, error) {
	if by < 0 || d > 0 && by > maxElements/d {
		return 0, fmt.Errorf("%d repeats of extent %d are not possible", by, d)
	}
	return d * by, nil
}

func repeatsOf(n *ir.Node, in []*tensor.Tensor) ([]int, error) {
	repeats, err := in[1].Ints()
	if err != nil {
		return nil, fmt.Errorf("repeats: %w", err)
	}
	rank := in[0].Rank()
	if n.Domain == "" && n.Version < 6 {
		return oldRepeats(repeats, opt(in, 2), rank)
	}
	if len(repeats) != rank {
		return nil, fmt.Errorf("%d repeats for %d axes", len(repeats), rank)
	}
	return repeats, nil
}

func oldRepeats(tiles []int, axisInput *tensor.Tensor, rank int) ([]int, error) {
	if axisInput == nil || axisInput.Len() != 1 || len(tiles) != 1 {
		return nil, fmt.Errorf("the number of tiles and the axis must be one number each")
	}
	axes, err := axisInput.Ints()
	if err != nil {
		return nil, fmt.Errorf("axis: %w", err)
	}
	axis, err := axisOf(axes[0], rank)
	if err != nil {
		return nil, err
	}
	repeats := slices.Repeat([]int{1}, rank)
	repeats[axis] = tiles[0]
	return repeats, nil
}

// tiled repeats t with each axis split in two: the repeats, and the extent.
func tiled(t *tensor.Tensor, repeats []int) *tensor.Tensor {
	var shape, strides []int
	for a, s := range stridesOf(t.Shape()) {
		shape = append(shape, repeats[a], t.Dim(a))
		strides = append(strides, 0, s)
	}
	return strided(t, 0, shape, strides)
}
