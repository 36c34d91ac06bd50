package zoo

import "github.com/tomo-viz/tomo/nn/ir"

// InceptionV3 builds the network for pictures of 299×299: 23,834,568 parameters.
// Those of torchvision are 27,161,264 with the auxiliary classifier, which takes
// no part once the network is trained and is left out. The pictures are expected
// as the network was trained, from -1 to 1.
func InceptionV3(seed uint64) *ir.Graph {
	return classifier("inception_v3", seed, 299, sequence(
		child("Conv2d_1a_3x3", convNormRelu(convolution{Out: 32, Kernel: 3, Stride: 2, Valid: true})),
		child("Conv2d_2a_3x3", convNormRelu(convolution{Out: 32, Kernel: 3, Valid: true})),
		child("Conv2d_2b_3x3", convNormRelu(convolution{Out: 64, Kernel: 3})),
		child("maxpool1", maxPool(3, 2, 0)),
		child("Conv2d_3b_1x1", convNormRelu(convolution{Out: 80, Kernel: 1})),
		child("Conv2d_4a_3x3", convNormRelu(convolution{Out: 192, Kernel: 3, Valid: true})),
		child("maxpool2", maxPool(3, 2, 0)),
		child("Mixed_5b", mixed5(32)),
		child("Mixed_5c", mixed5(64)),
		child("Mixed_5d", mixed5(64)),
		child("Mixed_6a", reduced6),
		child("Mixed_6b", mixed6(128)),
		child("Mixed_6c", mixed6(160)),
		child("Mixed_6d", mixed6(160)),
		child("Mixed_6e", mixed6(192)),
		child("Mixed_7a", reduced7),
		child("Mixed_7b", mixed7),
		child("Mixed_7c", mixed7),
		child("avgpool", globalAveragePool),
		flatten,
		child("fc", linear(classes)),
	))
}

// convNormRelu is the convolution of the inception networks.
func convNormRelu(c convolution) block {
	return sequence(child("conv", conv(c)), child("bn", norm001), relu)
}

// mixed5 has a 5×5 convolution and two of 3×3 side by side (figure 5, where
// the former is two as well).
func mixed5(pooled int) block {
	return concat(
		child("branch1x1", convNormRelu(convolution{Out: 64, Kernel: 1})),
		sequence(
			child("branch5x5_1", convNormRelu(convolution{Out: 48, Kernel: 1})),
			child("branch5x5_2", convNormRelu(convolution{Out: 64, Kernel: 5})),
		),
		sequence(
			child("branch3x3dbl_1", convNormRelu(convolution{Out: 64, Kernel: 1})),
			child("branch3x3dbl_2", convNormRelu(convolution{Out: 96, Kernel: 3})),
			child("branch3x3dbl_3", convNormRelu(convolution{Out: 96, Kernel: 3})),
		),
		pooledBranch(pooled),
	)
}

// pooledBranch takes the mean over 3×3, of which padding is a part.
func pooledBranch(out int) block {
	return sequence(averagePool(3, 1, 1), child("branch_pool", convNormRelu(convolution{Out: out, Kernel: 1})))
}

// reduced6 halves height and width (figure 10).
func reduced6(b *builder, x signal) signal {
	return concat(
		child("branch3x3", convNormRelu(convolution{Out: 384, Kernel: 3, Stride: 2, Valid: true})),
		sequence(
			child("branch3x3dbl_1", convNormRelu(convolution{Out: 64, Kernel: 1})),
			child("branch3x3dbl_2", convNormRelu(convolution{Out: 96, Kernel: 3})),
			child("branch3x3dbl_3", convNormRelu(convolution{Out: 96, Kernel: 3, Stride: 2, Valid: true})),
		),
		maxPool(3, 2, 0),
	)(b, x)
}

// mixed6 has rows and columns of 7 in the place of 7×7 kernels (figure 6).
func mixed6(narrow int) block {
	row := func(out int) block { return convNormRelu(convolution{Out: out, Kernel: 1, Width: 7}) }
	column := func(out int) block { return convNormRelu(convolution{Out: out, Kernel: 7, Width: 1}) }
	return concat(
		child("branch1x1", convNormRelu(convolution{Out: 192, Kernel: 1})),
		sequence(
			child("branch7x7_1", convNormRelu(convolution{Out: narrow, Kernel: 1})),
			child("branch7x7_2", row(narrow)),
			child("branch7x7_3", column(192)),
		),
		sequence(
			child("branch7x7dbl_1", convNormRelu(convolution{Out: narrow, Kernel: 1})),
			child("branch7x7dbl_2", column(narrow)),
			child("branch7x7dbl_3", row(narrow)),
			child("branch7x7dbl_4", column(narrow)),
			child("branch7x7dbl_5", row(192)),
		),
		pooledBranch(192),
	)
}

// reduced7 halves height and width again.
func reduced7(b *builder, x signal) signal {
	return concat(
		sequence(
			child("branch3x3_1", convNormRelu(convolution{Out: 192, Kernel: 1})),
			child("branch3x3_2", convNormRelu(convolution{Out: 320, Kernel: 3, Stride: 2, Valid: true})),
		),
		sequence(
			child("branch7x7x3_1", convNormRelu(convolution{Out: 192, Kernel: 1})),
			child("branch7x7x3_2", convNormRelu(convolution{Out: 192, Kernel: 1, Width: 7})),
			child("branch7x7x3_3", convNormRelu(convolution{Out: 192, Kernel: 7, Width: 1})),
			child("branch7x7x3_4", convNormRelu(convolution{Out: 192, Kernel: 3, Stride: 2, Valid: true})),
		),
		maxPool(3, 2, 0),
	)(b, x)
}

// mixed7 spreads out: rows and columns of 3 side by side (figure 7).
func mixed7(b *builder, x signal) signal {
	cross := func(row, column string) block {
		return concat(
			child(row, convNormRelu(convolution{Out: 384, Kernel: 1, Width: 3})),
			child(column, convNormRelu(convolution{Out: 384, Kernel: 3, Width: 1})),
		)
	}
	return concat(
		child("branch1x1", convNormRelu(convolution{Out: 320, Kernel: 1})),
		sequence(
			child("branch3x3_1", convNormRelu(convolution{Out: 384, Kernel: 1})),
			cross("branch3x3_2a", "branch3x3_2b"),
		),
		sequence(
			child("branch3x3dbl_1", convNormRelu(convolution{Out: 448, Kernel: 1})),
			child("branch3x3dbl_2", convNormRelu(convolution{Out: 384, Kernel: 3})),
			cross("branch3x3dbl_3a", "branch3x3dbl_3b"),
		),
		pooledBranch(192),
	)(b, x)
}
