package zoo

import "github.com/tomo-viz/tomo/nn/ir"

// EfficientNetB0 builds the base network of the family: 5,288,548 parameters.
func EfficientNetB0(seed uint64) *ir.Graph {
	features := []block{convNorm(convolution{Out: 32, Kernel: 3, Stride: 2}, batchNorm, silu)}
	for _, row := range []struct{ expand, kernel, out, repeat, stride int }{
		{1, 3, 16, 1, 1}, {6, 3, 24, 2, 2}, {6, 5, 40, 2, 2}, {6, 3, 80, 3, 2}, {6, 5, 112, 3, 1}, {6, 5, 192, 4, 2}, {6, 3, 320, 1, 1},
	} {
		stage := []block{mbConv(row.expand, row.kernel, row.out, row.stride)}
		for range row.repeat - 1 {
			stage = append(stage, mbConv(row.expand, row.kernel, row.out, 1))
		}
		features = append(features, numbered(stage...))
	}
	features = append(features, convNorm(convolution{Out: 1280, Kernel: 1}, batchNorm, silu))
	return classifier("efficientnet_b0", seed, side, sequence(
		child("features", numbered(features...)),
		child("avgpool", globalAveragePool),
		flatten,
		child("classifier", numbered(nil, linear(classes))), // the dropout is gone
	))
}

// mbConv is an inverted residual whose depthwise channels are weighed by a
// squeeze-and-excitation, which narrows to a quarter of the block's channels.
func mbConv(expand, kernel, out, stride int) block {
	return func(b *builder, x signal) signal {
		wide := expand * x.channels
		var parts []block
		if expand > 1 {
			parts = append(parts, convNorm(convolution{Out: wide, Kernel: 1}, batchNorm, silu))
		}
		parts = append(parts,
			convNorm(convolution{Out: wide, Kernel: kernel, Stride: stride, Groups: depthwise}, batchNorm, silu),
			squeezeExcitation(x.channels/4, silu, sigmoid),
			convNorm(convolution{Out: out, Kernel: 1}, batchNorm, nil),
		)
		body := child("block", numbered(parts...))
		if stride == 1 && x.channels == out {
			body = residual(body, nil)
		}
		return body(b, x)
	}
}
