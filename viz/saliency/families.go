package saliency

import (
	"github.com/tomo-viz/tomo/nn/autodiff"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/viz"
)

// A family is what the rules of DeepLIFT and LRP know an operator as. Operators
// of no family have no rule.
type family int

const (
	moves    family = iota // moves, copies and drops elements
	rescales               // a function of each element on its own
	linear                 // linear in what of its inputs depends on the picture
	products               // a product or quotient, of which both sides may depend on it
	selects                // the largest or smallest of several
	softmax
	norms     // scales by what its input's own size is
	logSumExp // the logarithm of a sum of exponentials
)

var families = func() map[string]family {
	table := map[string]family{}
	put := func(f family, ops ...string) {
		for _, name := range ops {
			table[name] = f
		}
	}
	put(moves, "Identity", "Cast", "CastLike", "Dropout", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose",
		"Slice", "Split", "Concat", "Gather", "GatherElements", "GatherND", "Expand", "Tile", "Pad", "DepthToSpace", "SpaceToDepth",
		"Where", "ReverseSequence", "Trilu", "Compress", "QuantizeLinear", "DequantizeLinear")
	put(rescales, "Relu", "LeakyRelu", "PRelu", "Elu", "Celu", "Selu", "ThresholdedRelu", "Clip", "Shrink",
		"Sigmoid", "HardSigmoid", "HardSwish", "Swish", "Mish", "Gelu", "com.microsoft.Gelu", "com.microsoft.QuickGelu", "tomo.GeluErf", "tomo.GeluTanh",
		"Tanh", "ScaledTanh", "Softplus", "Softsign", "ParametricSoftplus", "Erf", "Exp", "Log", "Sqrt", "Reciprocal", "Abs",
		"Sin", "Cos", "Tan", "Asin", "Acos", "Atan", "Sinh", "Cosh", "Asinh", "Acosh", "Atanh", "Pow")
	put(linear, "Conv", "ConvTranspose", "Gemm", "Einsum", "BatchNormalization", "Affine", "Add", "Sub", "Neg", "Sum", "Mean",
		"AveragePool", "GlobalAveragePool", "ReduceMean", "ReduceSum", "CumSum", "Resize", "Upsample")
	put(products, "MatMul", "com.microsoft.FusedMatMul", "Mul", "Div")
	put(selects, "MaxPool", "GlobalMaxPool", "ReduceMax", "ReduceMin", "Max", "Min")
	put(softmax, "Softmax")
	put(norms, "LayerNormalization", "RMSNormalization", "SimplifiedLayerNormalization", "InstanceNormalization", "GroupNormalization", "LRN", "LpNormalization", "MeanVarianceNormalization")
	put(logSumExp, "ReduceLogSumExp")
	return table
}()

// rulesFor gives every operator of a graph the rule of its family, and one that
// refuses it where it has none.
func rulesFor(g *ir.Graph, method string, byFamily map[family]op.GradFunc) autodiff.Rules {
	rules := autodiff.Rules{}
	for i := range g.Nodes {
		name := opName(&g.Nodes[i])
		f, known := families[name]
		if rule := byFamily[f]; known && rule != nil {
			rules[name] = rule
			continue
		}
		rules[name] = func(_ *op.Grad, n *ir.Node, _ []ir.ValueID) ([]ir.ValueID, error) {
			return nil, viz.Userf("%s has no rule for the operator %s; use a method that reads gradients, such as ig, or one that only asks the network, such as occlusion", method, name)
		}
	}
	return rules
}

// dependent counts the inputs that depend on the picture.
func dependent(g *op.Grad, n *ir.Node) int {
	count := 0
	for i := range n.Inputs {
		if g.Needs(i) {
			count++
		}
	}
	return count
}

// with returns what a rule may use, after the type of a value that rules made
// was noted to be that of another.
func with(g *op.Grad, made, like ir.ValueID) *op.Grad {
	c := *g
	c.Types = make([]op.Type, max(len(g.Types), int(made)+1))
	copy(c.Types, g.Types)
	c.Types[made] = g.Type(like)
	c.Types[made].Value = nil
	return &c
}
