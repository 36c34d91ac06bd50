package arch

import "github.com/tomo-viz/tomo/nn/ir"

// classes maps an operator to the colour family of its box.
var classes = invert(map[string][]string{
	"conv":       {"Conv", "ConvTranspose", "ConvInteger", "QLinearConv", "DeformConv"},
	"linear":     {"Gemm", "MatMul", "MatMulInteger", "QLinearMatMul", "Einsum", "FusedMatMul"},
	"norm":       {"BatchNormalization", "LayerNormalization", "InstanceNormalization", "GroupNormalization", "LRN", "LpNormalization", "MeanVarianceNormalization", "RMSNormalization", "SkipLayerNormalization", "SimplifiedLayerNormalization"},
	"activation": {"Relu", "LeakyRelu", "PRelu", "Elu", "Selu", "Celu", "Sigmoid", "Tanh", "HardSigmoid", "HardSwish", "Swish", "Softplus", "Softsign", "Softmax", "LogSoftmax", "Hardmax", "Gelu", "FastGelu", "BiasGelu", "Mish", "ThresholdedRelu", "Clip", "Erf", "Shrink"},
	"pool":       {"MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool", "LpPool", "GlobalLpPool", "MaxUnpool", "Resize", "Upsample"},
	"shape":      {"Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "Expand", "Tile", "Concat", "Split", "Slice", "Pad", "Identity", "Dropout", "Cast", "CastLike", "Shape", "Size", "DepthToSpace", "SpaceToDepth", "Crop", "Gather", "GatherND", "GatherElements", "Constant", "ConstantOfShape", "Range", "QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear"},
	"attention":  {"Attention", "MultiHeadAttention", "GroupQueryAttention", "RotaryEmbedding", "QAttention"},
	"embedding":  {"EmbedLayerNormalization"},
	"recurrent":  {"LSTM", "GRU", "RNN"},
	"control":    {"If", "Loop", "Scan", "SequenceMap"},
})

func invert(families map[string][]string) map[string]string {
	out := map[string]string{}
	for class, ops := range families {
		for _, name := range ops {
			out[name] = class
		}
	}
	return out
}

// classOf returns the colour family of a node: by its operator, else "math"
// for one that is known and "unknown" for one that is not.
func classOf(n *ir.Node, known bool) string {
	switch class, listed := classes[n.Op]; {
	case listed:
		return class
	case known:
		return "math"
	}
	return "unknown"
}
