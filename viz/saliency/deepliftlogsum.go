package saliency

import (
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// logSumExp is the rule of y = log Σ exp x, a chain of rescaled functions: with
// E = exp(x - m) and S = Σ E
//
//	dx_i = dy (Δy/ΔS) (ΔE_i/Δx_i).
//
// m is the largest of both runs. It cancels, as the one slope has e^m for a factor
// and the other e^-m; without it x above 88 overflows, and S below -87 is none.
func (r rescale) logSumExp(g *op.Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	x, x0 := n.Inputs[0], r.twin(n.Inputs[0])
	spread, err := spreadOver(g, n, dy[0])
	if err != nil {
		return nil, err
	}
	zero := g.Float(0, tensor.Float32)
	dx := g.Op("Where", nil, g.Op("Equal", nil, x, x0), zero, r.difference(g, x)) // -∞ is no different from -∞
	top := reduceLike(g, n, "ReduceMax", g.Op("Max", nil, x, x0))
	exp := func(v ir.ValueID) ir.ValueID { return g.Op("Exp", nil, g.Op("Sub", nil, v, top)) }
	e, e0 := exp(x), exp(x0)
	slopeE := r.smooth(g, dx, g.Op("Sub", nil, e, e0), exp(r.mean(g, x)))

	s, s0 := reduceLike(g, n, "ReduceSum", e), reduceLike(g, n, "ReduceSum", e0)
	ds := reduceLike(g, n, "ReduceSum", g.Op("Mul", nil, slopeE, dx))
	// Logarithms of sums are exact where these are near each other, and the
	// operator's own where one of them is nothing beside the other.
	change := g.Op("Sub", nil, g.Op("Log", nil, s), g.Op("Log", nil, s0))
	apart := g.Op("Sub", nil, reduceLike(g, n, n.Op, x), reduceLike(g, n, n.Op, x0))
	lost := g.Op("Less", nil, g.Op("Min", nil, s, s0), g.Float(smallestNormal, tensor.Float32))
	change = g.Op("Where", nil, lost, apart, change)
	midway := g.Op("Reciprocal", nil, g.Op("Mul", nil, g.Op("Add", nil, s, s0), g.Float(0.5, tensor.Float32)))
	slopeL := r.smooth(g, ds, change, midway)

	out := nothing(n)
	out[0] = g.Op("Mul", nil, spread, g.Op("Mul", nil, slopeL, slopeE))
	return out, nil
}

// smooth is change/dx, and where dx is small the slope half-way; see gentle.
func (rescale) smooth(g *op.Grad, dx, change, midway ir.ValueID) ir.ValueID {
	near := g.Op("Less", nil, g.Op("Abs", nil, dx), g.Float(small, tensor.Float32))
	return g.Op("Where", nil, near, midway, g.Op("Div", nil, change, dx))
}

// reduceLike reduces v by another operator along the axes of a reduction, which
// are kept.
func reduceLike(g *op.Grad, n *ir.Node, by string, v ir.ValueID) ir.ValueID {
	attrs := ir.Pairs("keepdims", 1)
	for name, a := range n.Attrs {
		if name != "keepdims" {
			attrs[name] = a
		}
	}
	return g.Op(by, attrs, append([]ir.ValueID{v}, n.Inputs[1:]...)...)
}

// spreadOver repeats dy, of what a reduction puts out, over what it reads.
func spreadOver(g *op.Grad, n *ir.Node, dy ir.ValueID) (ir.ValueID, error) {
	sum := *n
	sum.Op = "ReduceSum" // whose gradient is just that
	out, err := plain(g, &sum, []ir.ValueID{dy})
	if err != nil {
		return ir.None, err
	}
	return out[0], nil
}
