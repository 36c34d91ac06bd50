package op

import (
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

var shapeOps = []Op{
	shapeOf, sizeOf, identity, reshape, flatten, squeeze, unsqueeze,
	transpose, expand, tile,
}

// shapeOf returns the extents from the axis start to before the axis end.
var shapeOf = Op{
	Name: "Shape", MinIn: 1, AnyType: true, Grad: zeroGrad,
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		out := Type{DType: tensor.Int64, Shape: ir.Shape{ir.Symbol("")}}
		if s := in[0].Shape; s != nil {
			from, to := axisRange(n, len(s))
			out.Extents = append(ir.Shape{}, s[from:to]...)
			out.Shape = ir.Dims(to - from)
		}
		return []Type{out}, nil
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		from, to := axisRange(n, in[0].Rank())
		v := mapTo(in[0].Shape()[from:to], func(d int) int64 { return int64(d) })
		return one(tensor.Vector(v...))
	},
}

// axisRange reads start and end, which are clamped to the axes there are.
func axisRange(n *ir.Node, rank int) (from, to int) {
	clamp := func(a int) int {
		if a < 0 {
			a += rank
		}
		return min(max(a, 0), rank)
	}
	from, to = clamp(n.Attrs.Int("start", 0)), clamp(n.Attrs.Int("end", rank))
	return from, max(from, to)
}

var sizeOf = Op{
	Name: "Size", MinIn: 1, AnyType: true, Grad: zeroGrad,
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		out := Type{DType: tensor.Int64, Shape: ir.Shape{}}
		if in[0].Shape != nil {
			out.Extents = ir.Shape{countDims(in[0].Shape)}
		}
		return []Type{out}, nil
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		return one(tensor.Scalar(int64(in[0].Len())))
	},
}

// identity also stands for operators that do nothing outside training.
var identity = Op{
	Name: "Identity", MinIn: 1, AnyType: true, Containers: true, Infer: sameType, moves: onlyFirst,
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		return one(in[0])
	},
	Grad: unaryGrad(func(g *Grad, x, y, dy ir.ValueID) ir.ValueID { return dy }),
}

// reshapeGrad is the rule of every operator that keeps the elements in their
// order: the gradient takes the shape of the input.
var reshapeGrad = unaryGrad(func(g *Grad, x, y, dy ir.ValueID) ir.ValueID {
	return g.reshapeLike(dy, x)
})

// reshapeLike gives v, which has as many elements, the shape of like.
func (g *Grad) reshapeLike(v, like ir.ValueID) ir.ValueID {
	if s, ok := g.Type(like).Shape.Ints(); ok && product(s) != 0 {
		return g.Op("Reshape", nil, v, g.Ints(s...))
	}
	return g.Op("Reshape", ir.Pairs("allowzero", 1), v, g.Op("Shape", nil, like))
}
