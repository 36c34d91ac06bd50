package zoo

import "github.com/tomo-viz/tomo/nn/ir"

// ResNet18 builds the residual network of 18 layers: 11,689,512 parameters.
func ResNet18(seed uint64) *ir.Graph {
	return classifier("resnet18", seed, side, sequence(
		child("conv1", conv(convolution{Out: 64, Kernel: 7, Stride: 2})),
		child("bn1", batchNorm),
		child("relu", relu),
		child("maxpool", maxPool(3, 2, 1)),
		child("layer1", numbered(basicBlock(64, 1), basicBlock(64, 1))),
		child("layer2", numbered(basicBlock(128, 2), basicBlock(128, 1))),
		child("layer3", numbered(basicBlock(256, 2), basicBlock(256, 1))),
		child("layer4", numbered(basicBlock(512, 2), basicBlock(512, 1))),
		child("avgpool", globalAveragePool),
		flatten,
		child("fc", linear(classes)),
	))
}

// basicBlock is two 3×3 convolutions with a shortcut around them (figure 5,
// left), which is a projection where the shape changes (option B).
func basicBlock(out, stride int) block {
	body := sequence(
		child("conv1", conv(convolution{Out: out, Kernel: 3, Stride: stride})),
		child("bn1", batchNorm),
		child("relu", relu),
		child("conv2", conv(convolution{Out: out, Kernel: 3})),
		child("bn2", batchNorm),
	)
	return sequence(residual(body, projection(out, stride)), child("relu", relu))
}

func projection(out, stride int) block {
	return func(b *builder, x signal) signal {
		if stride == 1 && x.channels == out {
			return x
		}
		return child("downsample", numbered(conv(convolution{Out: out, Kernel: 1, Stride: stride}), batchNorm))(b, x)
	}
}
