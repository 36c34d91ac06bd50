package zoo

import (
	"fmt"

	"github.com/tomo-viz/tomo/nn/ir"
)

// DenseNet121 builds the densely connected network of 121 layers that grow by 32
// channels each: 7,978,856 parameters.
func DenseNet121(seed uint64) *ir.Graph {
	features := []block{
		child("conv0", conv(convolution{Out: 64, Kernel: 7, Stride: 2})),
		child("norm0", batchNorm),
		child("relu0", relu),
		child("pool0", maxPool(3, 2, 1)),
	}
	for i, layers := range []int{6, 12, 24, 16} {
		if i > 0 {
			features = append(features, child(fmt.Sprint("transition", i), transition))
		}
		features = append(features, child(fmt.Sprint("denseblock", i+1), denseBlock(layers, 32)))
	}
	features = append(features, child("norm5", batchNorm))
	return classifier("densenet121", seed, side, sequence(
		child("features", sequence(features...)),
		relu,
		globalAveragePool,
		flatten,
		child("classifier", linear(classes)),
	))
}

// denseBlock gives to each layer what all those before it put out (figure 1).
func denseBlock(layers, growth int) block {
	return func(b *builder, x signal) signal {
		all := []signal{x}
		for i := range layers {
			layer := child(fmt.Sprint("denselayer", i+1), func(b *builder, _ signal) signal {
				return denseLayer(growth)(b, b.join(all...))
			})
			all = append(all, layer(b, x))
		}
		return b.join(all...)
	}
}

// denseLayer normalizes before each convolution, and narrows to four times the
// growth before the 3×3 kernels (section 3, DenseNet-B).
func denseLayer(growth int) block {
	return sequence(
		child("norm1", batchNorm),
		child("relu1", relu),
		child("conv1", conv(convolution{Out: 4 * growth, Kernel: 1})),
		child("norm2", batchNorm),
		child("relu2", relu),
		child("conv2", conv(convolution{Out: growth, Kernel: 3})),
	)
}

// transition halves the channels, the height and the width (DenseNet-C).
func transition(b *builder, x signal) signal {
	return sequence(
		child("norm", batchNorm),
		child("relu", relu),
		child("conv", conv(convolution{Out: x.channels / 2, Kernel: 1})),
		child("pool", averagePool(2, 2, 0)),
	)(b, x)
}
