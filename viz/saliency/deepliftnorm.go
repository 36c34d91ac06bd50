package saliency

import (
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// lpNorm is the rule of y = x k with k = 1/N, N the norm of x. With means over the
// two runs, Δy = k̄ Δx + x̄ Δk and Δk = -ΔN k k'; the norm is rescaled:
// ΔN = Σ Δ|x| in L1, and Σ 2x̄ Δx/(N + N') in L2. So
//
//	dx_i = dy_i k̄ - (Σ dy_j x̄_j) k k' (ΔN/Δx)_i.
//
// A vector of zeros, such as of a blank baseline, stays zero whatever k is: there
// k is that of the other run, and Δk zero.
func (r rescale) lpNorm(g *op.Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	x, norm := n.Inputs[0], "ReduceL2"
	if n.Attrs.Int("p", 2) == 1 {
		norm = "ReduceL1"
	}
	axis, keep := g.Ints(n.Attrs.Int("axis", -1)), ir.Pairs("keepdims", 1)
	zero, one, half := g.Float(0, tensor.Float32), g.Float(1, tensor.Float32), g.Float(0.5, tensor.Float32)
	size, size0 := g.Op(norm, keep, x, axis), g.Op(norm, keep, r.twin(x), axis)
	k, k0 := over(g, one, size, zero), over(g, one, size0, zero)
	ifZero := func(v, other ir.ValueID) ir.ValueID {
		return g.Op("Where", nil, g.Op("Equal", nil, v, zero), other, v)
	}
	middle := g.Op("Mul", nil, half, g.Op("Add", nil, ifZero(k, k0), ifZero(k0, k)))

	slope := over(g, r.mean(g, x), g.Op("Mul", nil, half, g.Op("Add", nil, size, size0)), zero)
	if norm == "ReduceL1" {
		change := g.Op("Sub", nil, g.Op("Abs", nil, x), g.Op("Abs", nil, r.twin(x)))
		slope = over(g, change, r.difference(g, x), g.Op("Sign", nil, x))
	}
	along := g.Op("ReduceSum", keep, g.Op("Mul", nil, dy[0], r.mean(g, x)), axis)
	along = g.Op("Mul", nil, along, g.Op("Mul", nil, k, k0))
	out := nothing(n)
	out[0] = g.Op("Sub", nil, g.Op("Mul", nil, dy[0], middle), g.Op("Mul", nil, along, slope))
	return out, nil
}
