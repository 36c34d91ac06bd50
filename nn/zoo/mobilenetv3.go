package zoo

import "github.com/tomo-viz/tomo/nn/ir"

// A bneck is a row of the tables of MobileNetV3.
type bneck struct {
	kernel, wide, out int
	squeeze           bool
	activation        block
	stride            int
}

// MobileNetV3Large builds the larger of the searched networks: 5,483,032
// parameters.
func MobileNetV3Large(seed uint64) *ir.Graph {
	return mobileNetV3("mobilenet_v3_large", seed, 1280, []bneck{
		{3, 16, 16, false, relu, 1},
		{3, 64, 24, false, relu, 2},
		{3, 72, 24, false, relu, 1},
		{5, 72, 40, true, relu, 2},
		{5, 120, 40, true, relu, 1},
		{5, 120, 40, true, relu, 1},
		{3, 240, 80, false, hardSwish, 2},
		{3, 200, 80, false, hardSwish, 1},
		{3, 184, 80, false, hardSwish, 1},
		{3, 184, 80, false, hardSwish, 1},
		{3, 480, 112, true, hardSwish, 1},
		{3, 672, 112, true, hardSwish, 1},
		{5, 672, 160, true, hardSwish, 2},
		{5, 960, 160, true, hardSwish, 1},
		{5, 960, 160, true, hardSwish, 1},
	})
}

// MobileNetV3Small builds the smaller of the searched networks: 2,542,856
// parameters.
func MobileNetV3Small(seed uint64) *ir.Graph {
	return mobileNetV3("mobilenet_v3_small", seed, 1024, []bneck{
		{3, 16, 16, true, relu, 2},
		{3, 72, 24, false, relu, 2},
		{3, 88, 24, false, relu, 1},
		{5, 96, 40, true, hardSwish, 2},
		{5, 240, 40, true, hardSwish, 1},
		{5, 240, 40, true, hardSwish, 1},
		{5, 120, 48, true, hardSwish, 1},
		{5, 144, 48, true, hardSwish, 1},
		{5, 288, 96, true, hardSwish, 2},
		{5, 576, 96, true, hardSwish, 1},
		{5, 576, 96, true, hardSwish, 1},
	})
}

func mobileNetV3(name string, seed uint64, hidden int, rows []bneck) *ir.Graph {
	features := []block{convNorm(convolution{Out: 16, Kernel: 3, Stride: 2}, norm001, hardSwish)}
	for _, row := range rows {
		features = append(features, row.block)
	}
	last := 6 * rows[len(rows)-1].out
	features = append(features, convNorm(convolution{Out: last, Kernel: 1}, norm001, hardSwish))
	return classifier(name, seed, side, sequence(
		child("features", numbered(features...)),
		child("avgpool", globalAveragePool),
		flatten,
		child("classifier", numbered(linear(hidden), hardSwish, nil, linear(classes))), // the dropout is gone
	))
}

// norm001 is a batch normalization with the epsilon of TensorFlow.
var norm001 = batchNormEpsilon(1e-3)

// block is an inverted residual with a squeeze-and-excitation in some (figure
// 4), which narrows to a quarter of the wide channels.
func (r bneck) block(b *builder, x signal) signal {
	var parts []block
	if r.wide != x.channels {
		parts = append(parts, convNorm(convolution{Out: r.wide, Kernel: 1}, norm001, r.activation))
	}
	parts = append(parts, convNorm(convolution{Out: r.wide, Kernel: r.kernel, Stride: r.stride, Groups: depthwise}, norm001, r.activation))
	if r.squeeze {
		parts = append(parts, squeezeExcitation(divisible(r.wide/4), relu, hardSigmoid))
	}
	parts = append(parts, convNorm(convolution{Out: r.out, Kernel: 1}, norm001, nil))
	body := child("block", numbered(parts...))
	if r.stride == 1 && x.channels == r.out {
		body = residual(body, nil)
	}
	return body(b, x)
}

// divisible rounds a number of channels to a multiple of 8, down by at most a
// tenth.
func divisible(channels int) int {
	rounded := max(8, (channels+4)/8*8)
	if 10*rounded < 9*channels {
		rounded += 8
	}
	return rounded
}
