package zoo

import "github.com/tomo-viz/tomo/nn/ir"

// Tiny builds a residual network of a few thousand parameters for pictures of
// 16×16 and 5 classes: small enough to run in a test, with all that the large
// ones have.
func Tiny(seed uint64) *ir.Graph {
	return classifier("tiny", seed, 16, sequence(
		child("conv1", conv(convolution{Out: 8, Kernel: 3})),
		child("bn1", batchNorm),
		child("relu", relu),
		child("layer1", numbered(basicBlock(8, 1), basicBlock(16, 2))),
		child("avgpool", globalAveragePool),
		flatten,
		child("fc", linear(5)),
	))
}
