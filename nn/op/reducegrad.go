package op

import (
	"fmt"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A reduced holds what the rules of the reductions share: the output and its
// gradient with the reduced axes kept, so that they broadcast against x.
type reduced struct {
	g        *Grad
	n        *ir.Node
	x, y, dy ir.ValueID
}

// reduceGrad makes a rule of one that builds dx from a reduced. y is brought
// to the shape of dy only if the rule uses it.
func reduceGrad(usesOutput bool, rule func(r reduced) ir.ValueID) GradFunc {
	return func(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
		out := noGrads(n)
		if !g.Needs(0) {
			return out, nil
		}
		r := reduced{g: g, n: n, x: n.Inputs[0], y: n.Outputs[0], dy: dy[0]}
		unreduce, err := g.unreduce(n)
		if err != nil {
			return nil, err
		}
		if r.dy = unreduce(r.dy); usesOutput {
			r.y = unreduce(r.y)
		}
		out[0] = rule(r)
		return out, nil
	}
}

// unreduce returns a function that puts axes of extent 1 where a reduction
// without keepdims removed them.
func (g *Grad) unreduce(n *ir.Node) (func(ir.ValueID) ir.ValueID, error) {
	same := func(v ir.ValueID) ir.ValueID { return v }
	if n.Attrs.Bool("keepdims", true) {
		return same, nil
	}
	given, known := []int(nil), true
	if n.Input(1) != ir.None {
		given, known = g.Type(n.Inputs[1]).Ints()
	}
	if known && len(given) == 0 && len(n.Attrs.Ints("axes")) == 0 {
		return same, nil // all axes or none: a scalar or x's own shape
	}
	shape := g.Type(n.Inputs[0]).Shape
	if !known || shape == nil {
		return nil, fmt.Errorf("the axes and the rank of the input must be known")
	}
	axes, err := reducedAxes(n, len(shape), given)
	if err != nil {
		return nil, err
	}
	list := g.Ints(axes...)
	return func(v ir.ValueID) ir.ValueID { return g.Op("Unsqueeze", nil, v, list) }, nil
}

// spread repeats v over the shape of x.
func (r reduced) spread(v ir.ValueID) ir.ValueID {
	return r.g.Op("Expand", nil, v, r.g.Op("Shape", nil, r.x))
}

func (r reduced) mul(a, b ir.ValueID) ir.ValueID { return r.g.Op("Mul", nil, a, b) }

var (
	reduceSumGrad = reduceGrad(false, func(r reduced) ir.ValueID { return r.spread(r.dy) })

	reduceMeanGrad = reduceGrad(false, func(r reduced) ir.ValueID {
		return r.spread(r.g.Op("Div", nil, r.dy, r.g.groupSize(r.n)))
	})

	reduceSumSquareGrad = reduceGrad(false, func(r reduced) ir.ValueID {
		return r.mul(r.dy, r.g.Op("Add", nil, r.x, r.x))
	})

	reduceL1Grad = reduceGrad(false, func(r reduced) ir.ValueID {
		return r.mul(r.dy, r.g.Op("Sign", nil, r.x))
	})

	// The norm's gradient at the origin is taken as 0.
	reduceL2Grad = reduceGrad(true, func(r reduced) ir.ValueID {
		zero := r.g.scalar(0, r.x)
		slope := r.g.Op("Div", nil, r.x, r.y)
		return r.mul(r.dy, r.g.Op("Where", nil, r.g.Op("Equal", nil, r.y, zero), zero, slope))
	})

	// d log s = ds/s, and 1/s = exp(-y).
	reduceLogSumGrad = reduceGrad(true, func(r reduced) ir.ValueID {
		return r.spread(r.mul(r.dy, r.g.Op("Exp", nil, r.g.Op("Neg", nil, r.y))))
	})

	reduceLogSumExpGrad = reduceGrad(true, func(r reduced) ir.ValueID {
		return r.mul(r.dy, r.g.Op("Exp", nil, r.g.Op("Sub", nil, r.x, r.y)))
	})

	// Elements that tie for the extreme share the gradient equally.
	reduceExtremeGrad = reduceGrad(true, func(r reduced) ir.ValueID {
		mask := r.g.Op("CastLike", nil, r.g.Op("Equal", nil, r.x, r.y), r.dy)
		keep := r.n.Attrs.Bool("noop_with_empty_axes", false)
		ties := r.g.Op("ReduceSum", r.g.reduceAttrs(r.n, keep), r.g.reduceInputs(r.n, mask)...)
		return r.mul(mask, r.g.Op("Div", nil, r.dy, ties))
	})
)

func (g *Grad) reduceAttrs(n *ir.Node, noop bool) ir.Attrs {
	a := ir.Pairs("keepdims", 1, "noop_with_empty_axes", noop)
	if axes, ok := n.Attrs["axes"]; ok {
		a["axes"] = axes
	}
	return a
}

func (g *Grad) reduceInputs(n *ir.Node, x ir.ValueID) []ir.ValueID {
	return append([]ir.ValueID{x}, n.Inputs[1:]...)
}

// groupSize is how many elements of the input make one of the output, as a
// scalar of the input's type.
func (g *Grad) groupSize(n *ir.Node) ir.ValueID {
	x, y := n.Inputs[0], n.Outputs[0]
	if size, ok := dimNumber(divDims(countDims(g.Type(x).Shape), countDims(g.Type(y).Shape))); ok {
		return g.scalar(float64(size), x)
	}
	size := g.Op("Div", nil, g.Op("Size", nil, x), g.Op("Size", nil, y))
	return g.Op("CastLike", nil, size, x)
}

// reduceProdGrad needs an operator of its own: dy·y/x fails where x is 0.
var reduceProdGrad = reduceGrad(false, func(r reduced) ir.ValueID {
	attrs := r.g.reduceAttrs(r.n, r.n.Attrs.Bool("noop_with_empty_axes", false))
	inputs := append([]ir.ValueID{r.dy}, r.g.reduceInputs(r.n, r.x)...)
	return r.g.Node(Domain, "ReduceProdGrad", attrs, 1, inputs...)[0]
})

// reduceProdBackward computes, for each element, dy times the product of the
// others of its group. Inputs: dy with the reduced axes kept, x, axes.
var reduceProdBackward = Op{
	Name: "ReduceProdGrad", Domain: Domain, MinIn: 2, Cost: flops(3),
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		return []Type{{DType: in[1].DType, Shape: in[1].Shape}}, nil
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		dy, x := in[0], in[1]
		if err := sameElements(dy, x); err != nil {
			return nil, err
		}
		r, err := reducing(n, x.Shape(), opt(in, 2))
		if err != nil {
			return nil, err
		}
		if dy.Len() != 1 && dy.Len() != len(r.starts) {
			return nil, fmt.Errorf("a gradient of shape %v does not fit an input of shape %v", dy.Shape(), x.Shape())
		}
		switch x.DType() {
		case tensor.Float32:
			return one(prodGrad[float32](r, dy, x))
		case tensor.Float64:
			return one(prodGrad[float64](r, dy, x))
		}
		return nil, errElements(x)
	},
}

func prodGrad[T float](r reducer, dy, x *tensor.Tensor) *tensor.Tensor {
	d, v := tensor.Data[T](dy), tensor.Data[T](x)
	dx := make([]T, len(v))
	for i, start := range r.starts {
		before := T(1)
		for _, step := range r.steps {
			dx[start+step] = before
			before *= v[start+step]
		}
		after := d[i%len(d)]
		for k := len(r.steps) - 1; k >= 0; k-- {
			at := start + r.steps[k]
			dx[at] *= after
			after *= v[at]
		}
	}
	return tensor.Of(dx, x.Shape()...)
}
