package op

import (
	"github.com/tomo-viz/tomo/nn/ir"
)

// Operators that ONNX Runtime's graph optimizer puts in place of several of
// ONNX's:
//
//	SkipLayerNormalization(x, skip, scale, bias?, b?) -> y, mean?, inv?, sum?
//	SkipSimplifiedLayerNormalization(x, skip, scale, b?) -> y, none, inv?, sum?
//	BiasGelu(x, b), FastGelu(x, b?), FusedMatMul(a, b)
//
// The first two normalize sum = x + skip + b over the last axis.
var fusedOps = []Op{
	{Name: "SkipLayerNormalization", Domain: microsoft, MinIn: 3, Body: skipLayerNorm},
	{Name: "SkipSimplifiedLayerNormalization", Domain: microsoft, MinIn: 3, Body: skipRMSNorm},
	{Name: "BiasGelu", Domain: microsoft, MinIn: 2, Body: biasedGelu("none")},
	{Name: "FastGelu", Domain: microsoft, MinIn: 1, Body: biasedGelu("tanh")},
	fusedMatMul,
}

func skipLayerNorm(b *ir.Builder, n *ir.Node, in []ir.ValueID) ([]ir.ValueID, error) {
	sum := addBias(b, b.Op("Add", nil, in[0], in[1]), in, 4)
	norm := append([]ir.ValueID{sum}, in[2:min(len(in), 4)]...)
	return append(b.Node("", "LayerNormalization", normAttrs(n), 3, norm...), sum), nil
}

func skipRMSNorm(b *ir.Builder, n *ir.Node, in []ir.ValueID) ([]ir.ValueID, error) {
	sum := addBias(b, b.Op("Add", nil, in[0], in[1]), in, 3)
	y := b.Node("", "SimplifiedLayerNormalization", normAttrs(n), 2, sum, in[2])
	return []ir.ValueID{y[0], ir.None, y[1], sum}, nil
}

func normAttrs(n *ir.Node) ir.Attrs { return ir.Pairs("epsilon", n.Attrs.Float("epsilon", 1e-12)) }

// addBias adds input i if it is given.
func addBias(b *ir.Builder, x ir.ValueID, in []ir.ValueID, i int) ir.ValueID {
	if i >= len(in) || in[i] == ir.None {
		return x
	}
	return b.Op("Add", nil, x, in[i])
}

func biasedGelu(approximate string) BodyFunc {
	return func(b *ir.Builder, _ *ir.Node, in []ir.ValueID) ([]ir.ValueID, error) {
		return []ir.ValueID{b.Op("Gelu", ir.Pairs("approximate", approximate), addBias(b, in[0], in, 1))}, nil
	}
}
