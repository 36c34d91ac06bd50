package op

import (
	"fmt"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// Global pooling is pooling with a window as large as the input; the spatial
// axes keep extent 1. Its gradients:
//
//	tomo.GlobalMaxPoolGrad(dy, x) -> dx      to the first maximum of each channel
//	tomo.GlobalLpPoolGrad(dy, x, y) -> dx
var globalPoolOps = []Op{
	{
		Name: "GlobalAveragePool", MinIn: 1,
		Infer: inferGlobalPool,
		Eval:  global(0, inferGlobalPool, byFloat(evalAveragePool[float32], evalAveragePool[float64])),
		Grad:  gradGlobalAverage,
		Cost:  costGlobalPool,
	},
	{
		Name: "GlobalMaxPool", MinIn: 1,
		Infer: inferGlobalPool,
		Eval:  global(0, inferGlobalPool, evalMaxPool),
		Grad:  gradGlobalMax,
		Cost:  costGlobalPool,
	},
	{
		Name: "GlobalLpPool", MinIn: 1,
		Infer: inferGlobalPool,
		Eval:  global(0, inferGlobalPool, byFloat(evalLpPool[float32], evalLpPool[float64])),
		Grad:  gradGlobalLp,
		Cost:  costGlobalPool,
	},
	{
		Name: "GlobalMaxPoolGrad", Domain: Domain, MinIn: 2,
		Infer: likeInput(1),
		Eval:  global(1, likeInput(1), byFloat(evalMaxPoolGrad[float32], evalMaxPoolGrad[float64])),
		Grad:  gradGlobalMaxGrad,
	},
	{
		Name: "GlobalLpPoolGrad", Domain: Domain, MinIn: 3,
		Infer: likeInput(1),
		Eval:  global(1, likeInput(1), byFloat(evalLpPoolGrad[float32], evalLpPoolGrad[float64])),
	},
}

func inferGlobalPool(_ *ir.Node, in []Type) ([]Type, error) {
	x := in[0].Shape
	if x == nil {
		return []Type{{DType: in[0].DType}}, nil
	}
	if len(x) < 2 {
		return nil, fmt.Errorf("an input of shape %v has no channels", x)
	}
	shape := ir.Shape{x[0], x[1]}
	for range x[2:] {
		shape = append(shape, ir.Known(1))
	}
	return []Type{{DType: in[0].DType, Shape: shape}}, nil
}

// global evaluates a pooling operator, or its gradient, with all spatial axes
// of input x as one window.
func global(x int, infer func(*ir.Node, []Type) ([]Type, error), eval evalFunc) evalFunc {
	return func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		types := mapTo(in, TypeOf)
		if _, err := inferGlobalPool(n, types[x:]); err != nil {
			return nil, err
		}
		out, err := infer(n, types)
		if err != nil {
			return nil, err
		}
		window := ir.Pairs("kernel_shape", []int{product(in[x].Shape()[2:])})
		if p, ok := n.Attrs["p"]; ok {
			window["p"] = p
		}
		y, err := eval(&ir.Node{Attrs: window}, mapTo(in, flatPlanes))
		if err != nil {
			return nil, err
		}
		shape, _ := out[0].Shape.Ints()
		return one(y[0].Reshape(shape...))
	}
}

// flatPlanes joins the spatial axes; what has none is left for the operator to
// refuse.
func flatPlanes(t *tensor.Tensor) *tensor.Tensor {
	if t == nil || t.Rank() < 2 {
		return t
	}
	s := t.Shape()
	return t.Reshape(s[0], s[1], product(s[2:]))
}

// gradGlobalAverage spreads dy evenly: dx = dy / positions, expanded.
func gradGlobalAverage(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	out := noGrads(n)
	if !g.Needs(0) {
		return out, nil
	}
	x := n.Inputs[0]
	if s := g.Type(x).Shape; s != nil {
		if spatial, ok := s[2:].Ints(); ok {
			share := g.Op("Mul", nil, dy[0], g.scalar(1/float64(product(spatial)), x))
			out[0] = g.Op("Expand", nil, share, g.shapeOf(x))
			return out, nil
		}
	}
	shape := g.shapeOf(x)
	spatial := g.Op("Slice", nil, shape, g.Ints(2), g.Ints(1<<31))
	count := g.Op("ReduceProd", ir.Pairs("keepdims", 0), spatial)
	share := g.Op("Div", nil, dy[0], g.Op("CastLike", nil, count, dy[0]))
	out[0] = g.Op("Expand", nil, share, shape)
	return out, nil
}

// gradGlobalMax sends dy to the first maximum of each channel.
func gradGlobalMax(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	out := noGrads(n)
	if g.Needs(0) {
		out[0] = g.tomo("GlobalMaxPoolGrad", nil, dy[0], n.Inputs[0])
	}
	return out, nil
}

// gradGlobalMaxGrad: the gradient of dy is taken from where the maxima are,
// which the gradient of ones marks.
func gradGlobalMaxGrad(g *Grad, n *ir.Node, ddx []ir.ValueID) ([]ir.ValueID, error) {
	out := noGrads(n)
	if g.Needs(0) {
		dy, x := n.Inputs[0], n.Inputs[1]
		ones := g.Op("CastLike", nil, g.Op("Equal", nil, dy, dy), x)
		mark := g.tomo("GlobalMaxPoolGrad", nil, ones, x)
		out[0] = g.tomo("SumTo", nil, g.Op("Mul", nil, ddx[0], mark), dy)
	}
	return out, nil
}

// gradGlobalLp: dx = dy sign(x) (|x|/y)^(p-1), zero where the norm is zero.
func gradGlobalLp(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	out := noGrads(n)
	if g.Needs(0) {
		out[0] = g.tomo("GlobalLpPoolGrad", n.Attrs, dy[0], n.Inputs[0], n.Outputs[0])
	}
	return out, nil
}

// costGlobalPool counts one operation per element.
func costGlobalPool(_ *ir.Node, in, _ []Type) Cost { return Cost{FLOPs: elements(in[0])} }
