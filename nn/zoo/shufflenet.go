package zoo

import "github.com/tomo-viz/tomo/nn/ir"

// ShuffleNetV2 builds the network at width 1: 2,278,604 parameters.
func ShuffleNetV2(seed uint64) *ir.Graph {
	return classifier("shufflenet_v2_x1_0", seed, side, sequence(
		child("conv1", convNorm(convolution{Out: 24, Kernel: 3, Stride: 2}, batchNorm, relu)),
		child("maxpool", maxPool(3, 2, 1)),
		child("stage2", shuffleStage(116, 4)),
		child("stage3", shuffleStage(232, 8)),
		child("stage4", shuffleStage(464, 4)),
		child("conv5", convNorm(convolution{Out: 1024, Kernel: 1}, batchNorm, relu)),
		operator("ReduceMean", ir.Pairs("axes", []int{2, 3}, "keepdims", 0)),
		child("fc", linear(classes)),
	))
}

func shuffleStage(out, units int) block {
	blocks := []block{shuffleDown(out / 2)}
	for range units - 1 {
		blocks = append(blocks, shuffleUnit)
	}
	return numbered(blocks...)
}

// shuffleUnit passes on one half of the channels, computes with the other and
// mixes the two (figure 3c).
func shuffleUnit(b *builder, x signal) signal {
	half := x.channels / 2
	halves := b.split(x, half, half)
	return shuffle(b, b.join(halves[0], child("branch2", shuffleBranch(half, 1))(b, halves[1])))
}

// shuffleDown halves height and width in two branches of all channels (figure
// 3d).
func shuffleDown(out int) block {
	left := numbered(
		depthwiseConv(2), batchNorm,
		conv(convolution{Out: out, Kernel: 1}), batchNorm, relu,
	)
	return sequence(concat(child("branch1", left), child("branch2", shuffleBranch(out, 2))), shuffle)
}

func shuffleBranch(out, stride int) block {
	return numbered(
		conv(convolution{Out: out, Kernel: 1}), batchNorm, relu,
		depthwiseConv(stride), batchNorm,
		conv(convolution{Out: out, Kernel: 1}), batchNorm, relu,
	)
}

func depthwiseConv(stride int) block {
	return func(b *builder, x signal) signal {
		return conv(convolution{Out: x.channels, Kernel: 3, Stride: stride, Groups: depthwise})(b, x)
	}
}

// shuffle takes the channels alternately from the one and the other half.
func shuffle(b *builder, x signal) signal {
	halves := b.reshape(x.value, 0, 2, x.channels/2, -1)
	mixed := b.transpose(halves, 0, 2, 1, 3)
	return x.as(b.op("Reshape", nil, mixed, b.op("Shape", nil, x.value)))
}
