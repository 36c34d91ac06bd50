package zoo

import "github.com/tomo-viz/tomo/nn/ir"

// SqueezeNet11 builds SqueezeNet 1.1, whose classifier is a convolution:
// 1,235,496 parameters.
func SqueezeNet11(seed uint64) *ir.Graph {
	features := numbered(
		conv(convolution{Out: 64, Kernel: 3, Stride: 2, Bias: true, Valid: true}),
		relu,
		maxPoolCeil(3, 2),
		fire(16, 64), fire(16, 64),
		maxPoolCeil(3, 2),
		fire(32, 128), fire(32, 128),
		maxPoolCeil(3, 2),
		fire(48, 192), fire(48, 192),
		fire(64, 256), fire(64, 256),
	)
	head := numbered(
		nil, // the dropout
		conv(convolution{Out: classes, Kernel: 1, Bias: true}),
		relu,
		globalAveragePool,
	)
	return classifier("squeezenet1_1", seed, side, sequence(child("features", features), child("classifier", head), flatten))
}

// fire narrows to few channels and widens again with 1×1 and 3×3 kernels side
// by side (figure 1).
func fire(narrow, wide int) block {
	return sequence(
		convRelu("squeeze", convolution{Out: narrow, Kernel: 1, Bias: true}),
		concat(
			convRelu("expand1x1", convolution{Out: wide, Kernel: 1, Bias: true}),
			convRelu("expand3x3", convolution{Out: wide, Kernel: 3, Bias: true}),
		),
	)
}

func convRelu(name string, c convolution) block {
	return sequence(child(name, conv(c)), child(name+"_activation", relu))
}
