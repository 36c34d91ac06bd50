package zoo

import "github.com/tomo-viz/tomo/nn/ir"

// GoogLeNet builds the first inception network, with the batch normalizations
// that torchvision gives it and without the auxiliary classifiers, which take no
// part once the network is trained: 6,624,904 parameters.
func GoogLeNet(seed uint64) *ir.Graph {
	return classifier("googlenet", seed, side, sequence(
		child("conv1", convNormRelu(convolution{Out: 64, Kernel: 7, Stride: 2})),
		child("maxpool1", maxPoolCeil(3, 2)),
		child("conv2", convNormRelu(convolution{Out: 64, Kernel: 1})),
		child("conv3", convNormRelu(convolution{Out: 192, Kernel: 3})),
		child("maxpool2", maxPoolCeil(3, 2)),
		child("inception3a", inception(64, 96, 128, 16, 32, 32)),
		child("inception3b", inception(128, 128, 192, 32, 96, 64)),
		child("maxpool3", maxPoolCeil(3, 2)),
		child("inception4a", inception(192, 96, 208, 16, 48, 64)),
		child("inception4b", inception(160, 112, 224, 24, 64, 64)),
		child("inception4c", inception(128, 128, 256, 24, 64, 64)),
		child("inception4d", inception(112, 144, 288, 32, 64, 64)),
		child("inception4e", inception(256, 160, 320, 32, 128, 128)),
		child("maxpool4", maxPoolCeil(2, 2)),
		child("inception5a", inception(256, 160, 320, 32, 128, 128)),
		child("inception5b", inception(384, 192, 384, 48, 128, 128)),
		child("avgpool", globalAveragePool),
		flatten,
		child("fc", linear(classes)),
	))
}

// inception has four branches side by side (figure 2b). Its numbers are those of
// a row of table 1; the 5×5 kernels of the paper are 3×3 in torchvision and in
// the TensorFlow network that its weights come from.
func inception(out1, narrow3, out3, narrow5, out5, pooled int) block {
	return concat(
		child("branch1", convNormRelu(convolution{Out: out1, Kernel: 1})),
		child("branch2", numbered(
			convNormRelu(convolution{Out: narrow3, Kernel: 1}),
			convNormRelu(convolution{Out: out3, Kernel: 3}),
		)),
		child("branch3", numbered(
			convNormRelu(convolution{Out: narrow5, Kernel: 1}),
			convNormRelu(convolution{Out: out5, Kernel: 3}),
		)),
		child("branch4", numbered(
			maxPool(3, 1, 1),
			convNormRelu(convolution{Out: pooled, Kernel: 1}),
		)),
	)
}
