package op

import (
	"fmt"
	"math"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// Operators that ONNX Runtime's graph optimizer puts in place of several of
// ONNX's:
//
//	SkipLayerNormalization(x, skip, scale, bias?, b?) -> y, mean?, inv?, sum?
//	SkipSimplifiedLayerNormalization(x, skip, scale, b?) -> y, none, inv?, sum?
//	BiasGelu(x, b), FastGelu(x, b?), FusedMatMul(a, b)
//	FusedConv(x, w, b?, z?), FusedGemm(a, b, c?), BiasSoftmax(x, b)
//
// The first two normalize sum = x + skip + b over the last axis. FusedConv is an
// activation of the convolution plus z, FusedGemm one of Gemm, BiasSoftmax the
// softmax of a sum over all axes from one on.
var fusedOps = []Op{
	{Name: "SkipLayerNormalization", Domain: microsoft, MinIn: 3, Body: skipLayerNorm},
	{Name: "SkipSimplifiedLayerNormalization", Domain: microsoft, MinIn: 3, Body: skipRMSNorm},
	{Name: "BiasGelu", Domain: microsoft, MinIn: 2, Body: biasedGelu("none")},
	{Name: "FastGelu", Domain: microsoft, MinIn: 1, Body: biasedGelu("tanh")},
	{Name: "FusedConv", Domain: microsoft, MinIn: 2, Body: fusedConv},
	{Name: "FusedGemm", Domain: microsoft, MinIn: 2, Body: fusedGemm},
	{Name: "BiasSoftmax", Domain: microsoft, MinIn: 2, Body: biasSoftmax},
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

func fusedConv(b *ir.Builder, n *ir.Node, in []ir.ValueID) ([]ir.ValueID, error) {
	attrs := someAttrs(n, "auto_pad", "dilations", "group", "kernel_shape", "pads", "strides")
	y := addBias(b, b.Op("Conv", attrs, in[:min(len(in), 3)]...), in, 3)
	params := n.Attrs.Floats("activation_params")
	return activated(b, n, y, func(i int, def float32) float64 {
		if i < len(params) {
			return float64(params[i])
		}
		return float64(def)
	})
}

func fusedGemm(b *ir.Builder, n *ir.Node, in []ir.ValueID) ([]ir.ValueID, error) {
	y := b.Op("Gemm", someAttrs(n, "alpha", "beta", "transA", "transB"), in...)
	return activated(b, n, y, func(i int, def float32) float64 {
		return n.Attrs.Float([]string{"activation_alpha", "activation_beta"}[i], float64(def))
	})
}

func someAttrs(n *ir.Node, names ...string) ir.Attrs {
	attrs := ir.Attrs{}
	for _, name := range names {
		if a, ok := n.Attrs[name]; ok {
			attrs[name] = a
		}
	}
	return attrs
}

// activated applies the activation that a fused node names. param gives its i-th
// parameter.
func activated(b *ir.Builder, n *ir.Node, y ir.ValueID, param func(i int, def float32) float64) ([]ir.ValueID, error) {
	switch kind := n.Attrs.Str("activation", ""); kind {
	case "":
	case "Relu", "Tanh", "Sigmoid", "Softplus", "Softsign", "HardSwish":
		y = b.Op(kind, nil, y)
	case "LeakyRelu":
		y = b.Op(kind, ir.Pairs("alpha", param(0, 0.01)), y)
	case "Elu", "ThresholdedRelu":
		y = b.Op(kind, ir.Pairs("alpha", param(0, 1)), y)
	case "HardSigmoid":
		y = b.Op(kind, ir.Pairs("alpha", param(0, 0.2), "beta", param(1, 0.5)), y)
	case "Clip":
		// The bounds are inputs, which must be of the type of y.
		y = b.Op(kind, nil, y, b.Op("CastLike", nil, b.Float(param(0, -math.MaxFloat32), tensor.Float32), y), b.Op("CastLike", nil, b.Float(param(1, math.MaxFloat32), tensor.Float32), y))
	default:
		return nil, fmt.Errorf("the activation %q is not one of Relu, Tanh, Sigmoid, Softplus, Softsign, HardSwish, LeakyRelu, Elu, ThresholdedRelu, HardSigmoid, Clip", kind)
	}
	return []ir.ValueID{y}, nil
}

func biasSoftmax(b *ir.Builder, n *ir.Node, in []ir.ValueID) ([]ir.ValueID, error) {
	y := b.Op("Softmax", ir.Pairs("axis", n.Attrs.Int("axis", 1)), b.Op("Add", nil, in[0], in[1]))
	b.G.Nodes[len(b.G.Nodes)-1].Version = 11 // the last that takes all axes as one
	return []ir.ValueID{y}, nil
}
