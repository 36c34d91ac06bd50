package saliency

import (
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// AttnLRP is LRP of what transformers are made of besides dense layers. Achtibat
// et al., ICML 2024, arXiv 2402.05602, section 3.3:
//
//   - softmax by its Taylor expansion where it is, whose constant term absorbs
//     relevance as a bias does;
//   - a product of two activations by halves, each divided by the ε rule;
//   - layer and RMS normalization with the deviation held constant, so that the
//     division by it is the identity rule and the mean is a linear operator;
//   - activations, SiLU and GELU among them, by the identity rule.
//
// As ε vanishes, all of these but the last are the input times a gradient of
// which every division by z is gone again: no value is large because some z is
// small, whatever cancels in a residual stream.

// taylor is the rule of softmax s of x (proposition 3.1):
//
//	R_i = x_i (R_i - s_i Σ_j R_j),
//
// the input times the Jacobian of R/s. What is masked out, by -∞ too, has s_i = 0
// and gets nothing.
func taylor(g *op.Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	x, s := n.Inputs[0], n.Outputs[0]
	axes := g.Ints(softmaxAxes(n, len(g.Type(x).Shape))...)
	all := g.Op("ReduceSum", ir.Pairs("keepdims", 1), dy[0], axes)
	share := g.Op("Mul", nil, x, g.Op("Sub", nil, dy[0], g.Op("Mul", nil, s, all)))
	zero := g.Float(0, tensor.Float32)
	out := nothing(n)
	out[0] = g.Op("Where", nil, g.Op("Equal", nil, s, zero), zero, share)
	return out, nil
}

// linear divides among what a linear operator adds up, by the ε rule. One whose
// operands both depend on the picture, as an einsum's may, is a product.
func (r *relevance) linear(g *op.Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	if n.Op == "Einsum" {
		return r.product(g, n, dy)
	}
	return r.epsilonRule(g, n, dy)
}

// product divides between factors: a gate or a divisor gets nothing (Arras et al.
// 2017, arXiv 1706.07206, section 3.2), and equals the same share each (AttnLRP,
// proposition 3.3).
func (r *relevance) product(g *op.Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	factors := dependent(g, n)
	if factors < 2 {
		return r.epsilonRule(g, n, dy)
	}
	c := *g
	c.Wanted = append([]bool(nil), g.Wanted...)
	if n.Op == "Div" {
		c.Wanted[1] = false
		return r.epsilonRule(&c, n, dy)
	}
	gates := 0
	for i, v := range n.Inputs {
		if g.Needs(i) && r.gates[v] {
			gates++
			c.Wanted[i] = false
		}
	}
	if gates == factors { // and nothing that they are of
		c.Wanted, gates = g.Wanted, 0
	}
	share := g.Op("Mul", nil, dy[0], g.Float(1/float64(factors-gates), tensor.Float32))
	return r.epsilonRule(&c, n, append([]ir.ValueID{share}, dy[1:]...))
}
