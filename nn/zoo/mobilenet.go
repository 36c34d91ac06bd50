package zoo

import "github.com/tomo-viz/tomo/nn/ir"

// MobileNetV2 builds the network of inverted residuals at width 1: 3,504,872
// parameters.
func MobileNetV2(seed uint64) *ir.Graph {
	features := []block{convNormRelu6(convolution{Out: 32, Kernel: 3, Stride: 2})}
	for _, row := range []struct{ expand, out, repeat, stride int }{
		{1, 16, 1, 1}, {6, 24, 2, 2}, {6, 32, 3, 2}, {6, 64, 4, 2}, {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1},
	} {
		for i := range row.repeat {
			stride := 1
			if i == 0 {
				stride = row.stride
			}
			features = append(features, invertedResidual(row.expand, row.out, stride))
		}
	}
	features = append(features, convNormRelu6(convolution{Out: 1280, Kernel: 1}))
	return classifier("mobilenet_v2", seed, side, sequence(
		child("features", numbered(features...)),
		globalAveragePool,
		flatten,
		child("classifier", numbered(nil, linear(classes))), // the dropout is gone
	))
}

func convNormRelu6(c convolution) block { return convNorm(c, batchNorm, relu6) }

// invertedResidual widens, filters each channel on its own and narrows again
// without an activation (table 1); a shortcut joins ends of equal shape.
func invertedResidual(expand, out, stride int) block {
	return func(b *builder, x signal) signal {
		wide := expand * x.channels
		var parts []block
		if expand > 1 {
			parts = append(parts, convNormRelu6(convolution{Out: wide, Kernel: 1}))
		}
		parts = append(parts,
			convNormRelu6(convolution{Out: wide, Kernel: 3, Stride: stride, Groups: depthwise}),
			conv(convolution{Out: out, Kernel: 1}),
			batchNorm,
		)
		body := child("conv", numbered(parts...))
		if stride == 1 && x.channels == out {
			body = residual(body, nil)
		}
		return body(b, x)
	}
}
