package zoo

import (
	"fmt"

	"github.com/tomo-viz/tomo/nn/ir"
)

// ResNet18 builds the residual network of 18 layers: 11,689,512 parameters.
func ResNet18(seed uint64) *ir.Graph { return resNet("resnet18", seed, basicBlock, 2, 2, 2, 2) }

// ResNet50 builds the residual network of 50 layers: 25,557,032 parameters.
func ResNet50(seed uint64) *ir.Graph { return resNet("resnet50", seed, bottleneck, 3, 4, 6, 3) }

// resNet has as many units in each of its four layers as depths say.
func resNet(name string, seed uint64, unit func(width, stride int) block, depths ...int) *ir.Graph {
	layers := []block{
		child("conv1", conv(convolution{Out: 64, Kernel: 7, Stride: 2})),
		child("bn1", batchNorm),
		child("relu", relu),
		child("maxpool", maxPool(3, 2, 1)),
	}
	for i, depth := range depths {
		width, stride := 64<<i, 2
		if i == 0 {
			stride = 1
		}
		units := []block{unit(width, stride)}
		for range depth - 1 {
			units = append(units, unit(width, 1))
		}
		layers = append(layers, child(fmt.Sprint("layer", i+1), numbered(units...)))
	}
	layers = append(layers, child("avgpool", globalAveragePool), flatten, child("fc", linear(classes)))
	return classifier(name, seed, side, sequence(layers...))
}

// basicBlock is two 3×3 convolutions with a shortcut around them (figure 5,
// left), which is a projection where the shape changes (option B).
func basicBlock(width, stride int) block {
	body := sequence(
		child("conv1", conv(convolution{Out: width, Kernel: 3, Stride: stride})),
		child("bn1", batchNorm),
		child("relu", relu),
		child("conv2", conv(convolution{Out: width, Kernel: 3})),
		child("bn2", batchNorm),
	)
	return sequence(residual(body, projection(width, stride)), child("relu", relu))
}

// bottleneck has its 3×3 convolution between two of 1×1, which narrow to the
// width and widen to four times that (figure 5, right). The stride is the 3×3
// convolution's, as in torchvision; in the paper it is the first one's.
func bottleneck(width, stride int) block {
	body := sequence(
		child("conv1", conv(convolution{Out: width, Kernel: 1})),
		child("bn1", batchNorm),
		child("relu", relu),
		child("conv2", conv(convolution{Out: width, Kernel: 3, Stride: stride})),
		child("bn2", batchNorm),
		child("relu", relu),
		child("conv3", conv(convolution{Out: 4 * width, Kernel: 1})),
		child("bn3", batchNorm),
	)
	return sequence(residual(body, projection(4*width, stride)), child("relu", relu))
}

func projection(out, stride int) block {
	return func(b *builder, x signal) signal {
		if stride == 1 && x.channels == out {
			return x
		}
		return child("downsample", numbered(conv(convolution{Out: out, Kernel: 1, Stride: stride}), batchNorm))(b, x)
	}
}
