package op

import (
	"github.com/tomo-viz/tomo/nn/ir"
)

// gradConv is the rule of y = Conv(x, w, b).
func gradConv(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	out := noGrads(n)
	x, w := n.Inputs[0], n.Inputs[1]
	if g.Needs(0) {
		out[0] = g.tomo("ConvGradInput", n.Attrs, dy[0], w, g.shapeOf(x))
	}
	if g.Needs(1) {
		out[1] = g.tomo("ConvGradWeight", n.Attrs, x, dy[0], g.shapeOf(w))
	}
	if g.Needs(2) {
		var err error
		if out[2], err = g.channelSum(dy[0], n.Inputs[0], n.Inputs[1]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// gradConvGradInput: dx is linear in dy, and in w.
func gradConvGradInput(g *Grad, n *ir.Node, ddx []ir.ValueID) ([]ir.ValueID, error) {
	out := noGrads(n)
	dy, w := n.Inputs[0], n.Inputs[1]
	if g.Needs(0) {
		out[0] = g.Op("Conv", n.Attrs, ddx[0], w)
	}
	if g.Needs(1) {
		out[1] = g.tomo("ConvGradWeight", n.Attrs, ddx[0], dy, g.shapeOf(w))
	}
	return out, nil
}

// gradConvGradWeight: dw is linear in x, and in dy.
func gradConvGradWeight(g *Grad, n *ir.Node, ddw []ir.ValueID) ([]ir.ValueID, error) {
	out := noGrads(n)
	x, dy := n.Inputs[0], n.Inputs[1]
	if g.Needs(0) {
		out[0] = g.tomo("ConvGradInput", n.Attrs, dy, ddw[0], g.shapeOf(x))
	}
	if g.Needs(1) {
		out[1] = g.Op("Conv", n.Attrs, x, ddw[0])
	}
	return out, nil
}

// channelSum sums dy [N,C,spatial...] to [C]. The rank is that of any of the
// values like that is known.
func (g *Grad) channelSum(dy ir.ValueID, like ...ir.ValueID) (ir.ValueID, error) {
	rank, err := g.rankOf(like...)
	if err != nil {
		return ir.None, err
	}
	axes := []int{0}
	for a := 2; a < rank; a++ {
		axes = append(axes, a)
	}
	return g.reduceSum(dy, false, axes...), nil
}

// The cost of a convolution is output elements x kernel volume x input
// channels of a group; its gradients make the same products.
func costConv(n *ir.Node, in, out []Type) Cost {
	c := convCost(out[0], in[1].Shape)
	if len(in) > 2 && in[2].Shape != nil {
		c.FLOPs += elements(out[0])
	}
	return c
}

func costConvGradInput(_ *ir.Node, in, _ []Type) Cost { return convCost(in[0], in[1].Shape) }

func costConvGradWeight(_ *ir.Node, in, out []Type) Cost { return convCost(in[1], out[0].Shape) }

// convCost multiplies the elements of y with the weights of one of its
// channels.
func convCost(y Type, w ir.Shape) Cost {
	extents, ok := w.Ints()
	if !ok || len(extents) < 3 {
		return Cost{}
	}
	return products(elements(y) * int64(product(extents[1:])))
}

// products is the Cost of multiply-accumulates.
func products(macs int64) Cost { return Cost{MACs: macs, FLOPs: 2 * macs} }
