package zoo

import "github.com/tomo-viz/tomo/nn/ir"

// ConvNeXtTiny builds the smallest of the published networks: 28,589,128
// parameters.
func ConvNeXtTiny(seed uint64) *ir.Graph {
	stem := numbered(conv(convolution{Out: 96, Kernel: 4, Stride: 4, Bias: true, Valid: true}), layerNorm2d)
	features := []block{stem}
	for i, depth := range []int{3, 3, 9, 3} {
		if i > 0 {
			features = append(features, numbered(layerNorm2d, conv(convolution{Out: 96 << i, Kernel: 2, Stride: 2, Bias: true, Valid: true})))
		}
		stage := make([]block, depth)
		for k := range stage {
			stage[k] = convNeXtBlock
		}
		features = append(features, numbered(stage...))
	}
	return classifier("convnext_tiny", seed, side, sequence(
		child("features", numbered(features...)),
		child("avgpool", globalAveragePool),
		child("classifier", numbered(layerNorm2d, flatten, linear(classes))),
	))
}

// convNeXtBlock filters each channel on its own, then mixes them at each place
// with the channels last (figure 4). What it adds is scaled by a number for each
// channel, which training begins at 1e-6; here it stands where training leads.
func convNeXtBlock(b *builder, x signal) signal {
	body := numbered(
		conv(convolution{Out: x.channels, Kernel: 7, Groups: depthwise, Bias: true}),
		transposed(0, 2, 3, 1),
		layerNorm(1e-6),
		dense(4*x.channels),
		geluErf,
		dense(x.channels),
		transposed(0, 3, 1, 2),
	)
	scaled := func(b *builder, x signal) signal {
		y := child("block", body)(b, x)
		return b.product(signal{b.normal("layer_scale", 0.5, x.channels, 1, 1), 1, 0, 0.25}, y)
	}
	return residual(scaled, nil)(b, x)
}

// layerNorm2d normalizes over the channels, which are the second axis.
func layerNorm2d(b *builder, x signal) signal {
	return sequence(transposed(0, 2, 3, 1), layerNorm(1e-6), transposed(0, 3, 1, 2))(b, x)
}
