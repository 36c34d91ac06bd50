package op

import (
	"fmt"
	"math"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// clip bounds by attributes before opset 11 and by inputs since. Where the
// lower bound is above the upper one, the upper one holds.
var clip = Op{
	Name: "Clip", MinIn: 1, Infer: sameType, Cost: flops(1), Grad: clipGrad,
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		lo, hi := opt(in, 1), opt(in, 2)
		if lo == nil && hi == nil && n.Version < 11 {
			return clipAttrs(n, in[0])
		}
		out := in[0]
		for _, bound := range []struct {
			by *tensor.Tensor
			k  arith
		}{
			{lo, arithMax},
			{hi, arithMin},
		} {
			if bound.by == nil {
				continue
			}
			if bound.by.Len() != 1 {
				return nil, fmt.Errorf("a bound must be one number, not %v", bound.by)
			}
			clipped, err := bound.k.apply(out, bound.by.Reshape())
			if err != nil {
				return nil, err
			}
			out = clipped[0]
		}
		return one(out)
	},
}

func clipAttrs(n *ir.Node, t *tensor.Tensor) ([]*tensor.Tensor, error) {
	lo := n.Attrs.Float("min", math.Inf(-1))
	hi := n.Attrs.Float("max", math.Inf(1))
	return mapFloat(t, func(x float64) float64 { return min(max(x, lo), hi) })
}

// clipGrad passes the gradient where nothing was clipped, bounds included; a
// bound gets that of the elements it replaced.
func clipGrad(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	out := noGrads(n)
	x, y := n.Inputs[0], n.Outputs[0]
	zero := g.scalar(0, x)
	if g.Needs(0) {
		out[0] = g.Op("Where", nil, g.Op("Equal", nil, x, y), dy[0], zero)
	}
	for i, cmp := range []string{1: "Less", 2: "Greater"} {
		if i > 0 && g.Needs(i) {
			beyond := g.Op("Where", nil, g.Op(cmp, nil, x, n.Inputs[i]), dy[0], zero)
			out[i] = g.Node(Domain, "SumTo", nil, 1, beyond, n.Inputs[i])[0]
		}
	}
	return out, nil
}
