package autodiff

import (
	"github.com/tomo-viz/tomo/nn/ir"
)

// CrossEntropy appends the mean cross entropy of softmax(logits) against class
// labels, a scalar. logits are [N,C] or [N,C,positions...], labels int64 of
// [N] or [N,positions...] in [0, C).
func CrossEntropy(b *ir.Builder, logits, labels ir.ValueID) ir.ValueID {
	return b.Op("SoftmaxCrossEntropyLoss", nil, logits, labels)
}

// MeanSquaredError appends the mean of (x - target)², a scalar. Both have one
// shape.
func MeanSquaredError(b *ir.Builder, x, target ir.ValueID) ir.ValueID {
	diff := b.Op("Sub", nil, x, target)
	scalar := ir.Pairs("keepdims", 0)
	return b.Op("ReduceMean", scalar, b.Op("Mul", nil, diff, diff))
}
