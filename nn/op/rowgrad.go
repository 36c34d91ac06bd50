package op

import (
	"fmt"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// The gradients of what works on rows (the axes from a given one on) are
// operators of their own, so that an executor can go over each row once:
//
//	SoftmaxGrad(dy, y) -> dx
//	LayerNormGrad(dy, x, scale) -> dx, dscale?
//
// Their axis is the first of a row's, counted from the end. Without a kernel
// their bodies say what they are.
var rowGradOps = []Op{
	{Name: "SoftmaxGrad", Domain: Domain, MinIn: 2, Body: softmaxGradBody},
	{Name: "LayerNormGrad", Domain: Domain, MinIn: 3, Body: layerNormGradBody},
}

// maxRowAxes bounds the axes of a row.
const maxRowAxes = 64

// rowAxes lists the axes from axis, counted from the end, to the last.
func rowAxes(axis int) ([]int, error) {
	if axis < -maxRowAxes || axis >= 0 {
		return nil, fmt.Errorf("axis %d is not between %d and -1", axis, -maxRowAxes)
	}
	var axes []int
	for ; axis < 0; axis++ {
		axes = append(axes, axis)
	}
	return axes, nil
}

// softmaxGradBody: with t = dy·y, dx = t - y·Σt.
func softmaxGradBody(b *ir.Builder, n *ir.Node, in []ir.ValueID) ([]ir.ValueID, error) {
	axes, err := rowAxes(n.Attrs.Int("axis", -1))
	if err != nil {
		return nil, err
	}
	g := &Grad{Builder: b}
	return []ir.ValueID{g.softmaxGrad(in[0], in[1], axes)}, nil
}

func (g *Grad) softmaxGrad(dy, y ir.ValueID, axes []int) ir.ValueID {
	t := g.Op("Mul", nil, dy, y)
	return g.Op("Sub", nil, t, g.Op("Mul", nil, y, g.reduceSum(t, true, axes...)))
}

func layerNormGradBody(b *ir.Builder, n *ir.Node, in []ir.ValueID) ([]ir.ValueID, error) {
	axes, err := rowAxes(n.Attrs.Int("axis", -1))
	if err != nil {
		return nil, err
	}
	g := &Grad{Builder: b}
	dy, x, scale := in[0], in[1], in[2]
	epsilon := g.Op("CastLike", nil, g.Float(n.Attrs.Float("epsilon", 1e-5), tensor.Float64), x)
	s := g.standardize(x, epsilon, axes...)
	out := []ir.ValueID{g.back(s, g.Op("Mul", nil, dy, scale))}
	if n.Output(1) != ir.None {
		out = append(out, g.tomo("SumTo", nil, g.Op("Mul", nil, dy, s.xhat), scale))
	}
	return out, nil
}
