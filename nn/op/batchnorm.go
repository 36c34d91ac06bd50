package op

import (
	"fmt"
	"math"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// BatchNormalization(x, scale, bias, mean, variance) -> y, ... over all axes
// but the channels' (arXiv 1502.03167). With training_mode (since opset 14),
// or before by being asked for more than y, it normalizes with the statistics
// of the batch and returns the running ones updated. With spatial=0 (before
// opset 9) every position of an image has its own.
var batchNormOps = []Op{{
	Name: "BatchNormalization", MinIn: 5,
	Infer: inferBatchNorm,
	Eval:  evalBatchNorm,
	Grad:  gradBatchNorm,
	Cost:  flops(2),
}}

// isTraining reports whether the node normalizes with the batch's statistics.
func isTraining(n *ir.Node) bool {
	if n.Version >= 14 {
		return n.Attrs.Bool("training_mode", false)
	}
	return n.Output(1) != ir.None && !n.Attrs.Bool("is_test", false)
}

func isSpatial(n *ir.Node) bool { return n.Version >= 9 || n.Attrs.Bool("spatial", true) }

func inferBatchNorm(n *ir.Node, in []Type) ([]Type, error) {
	x := in[0].Shape
	want := ir.Symbol("")
	if x != nil && isSpatial(n) {
		if want = ir.Known(1); len(x) > 1 {
			want = x[1]
		}
	}
	for i, p := range in[1:5] {
		if len(p.Shape) != 1 || !isSpatial(n) {
			continue
		}
		if p.Shape[0].IsKnown() && want.IsKnown() && p.Shape[0] != want {
			return nil, fmt.Errorf("input %d of shape %v does not fit %v channels", i+1, p.Shape, want)
		}
	}
	out := []Type{{DType: in[0].DType, Shape: x}}
	for i := 1; i < len(n.Outputs); i++ {
		out = append(out, Type{DType: in[3+(i-1)%2].DType, Shape: in[3].Shape})
	}
	return out, nil
}

func evalBatchNorm(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	// The parameters may be wider or narrower than x (opset 14).
	same := make([]*tensor.Tensor, 5)
	for i := range same {
		if !in[i].DType().IsFloat() {
			return nil, errElements(in[i])
		}
		var err error
		if same[i], err = in[i].Convert(in[0].DType()); err != nil {
			return nil, err
		}
	}
	out, err := byFloat(batchNorm[float32], batchNorm[float64])(n, same)
	if err != nil {
		return nil, err
	}
	for i := 1; i < len(out); i++ {
		if out[i], err = out[i].Convert(in[3+(i-1)%2].DType()); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func batchNorm[T float](n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	shape := batchShape(n, in[0].Shape())
	for i, p := range in[1:] {
		if p.Len() != shape[1] {
			return nil, fmt.Errorf("input %d of %d elements does not fit %d channels", i+1, p.Len(), shape[1])
		}
	}
	epsilon := n.Attrs.Float("epsilon", 1e-5)
	mean, variance := wide[T](in[3]), wide[T](in[4])
	var out []*tensor.Tensor
	if isTraining(n) {
		of, groups := groupsOf(shape, 0, 2)
		mean, variance = statistics(tensor.Data[T](in[0]), of, groups)
		out = running[T](n, in, mean, variance)
	}
	scale, bias := tensor.Data[T](in[1]), tensor.Data[T](in[2])
	y := make([]T, in[0].Len())
	for i, v := range tensor.Data[T](in[0]) {
		c := i / shape[2] % shape[1]
		y[i] = T((float64(v)-mean[c])/math.Sqrt(variance[c]+epsilon))*scale[c] + bias[c]
	}
	return append([]*tensor.Tensor{tensor.Of(y, in[0].Shape()...)}, out...), nil
}

// batchShape views x as images, channels and positions.
func batchShape(n *ir.Node, x []int) []int {
	switch {
	case len(x) == 0:
		return []int{1, 1, 1}
	case len(x) == 1:
		return []int{x[0], 1, 1}
	case isSpatial(n):
		return []int{x[0], x[1], product(x[2:])}
	}
	return []int{x[0], product(x[1:]), 1}
}

func wide[T float](t *tensor.Tensor) []float64 {
	return mapTo(tensor.Data[T](t), func(v T) float64 { return float64(v) })
}

// running returns the outputs of training behind y: the updated mean and
// variance, and before opset 14 those of the batch too.
func running[T float](n *ir.Node, in []*tensor.Tensor, mean, variance []float64) []*tensor.Tensor {
	momentum := n.Attrs.Float("momentum", 0.9)
	blend := func(old *tensor.Tensor, batch []float64) *tensor.Tensor {
		v := tensor.New(old.DType(), old.Shape()...)
		for i, o := range tensor.Data[T](old) {
			tensor.Data[T](v)[i] = T(float64(o)*momentum + batch[i]*(1-momentum))
		}
		return v
	}
	saved := func(batch []float64) *tensor.Tensor {
		return tensor.Of(mapTo(batch, func(v float64) T { return T(v) }), in[3].Shape()...)
	}
	out := []*tensor.Tensor{blend(in[3], mean), blend(in[4], variance), saved(mean), saved(variance)}
	return out[:min(len(out), max(len(n.Outputs)-1, 0))]
}

func gradBatchNorm(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	if err := onlyFirstOutput(dy); err != nil {
		return nil, err
	}
	rank, err := g.rankOf(n.Inputs[0], n.Outputs[0])
	if err != nil {
		return nil, err
	}
	b := batchNormGrad{g, n, rank, noGrads(n)}
	if isTraining(n) {
		b.training(dy[0])
	} else {
		b.inference(dy[0])
	}
	return b.out, nil
}

// onlyFirstOutput errs where a gradient flows from an output that is a
// statistic.
func onlyFirstOutput(dy []ir.ValueID) error {
	for i, d := range dy {
		if i > 0 && d != ir.None {
			return fmt.Errorf("there is no gradient through output %d, only through the first", i)
		}
	}
	if dy[0] == ir.None {
		return fmt.Errorf("no gradient flows into the first output")
	}
	return nil
}

type batchNormGrad struct {
	*Grad
	n    *ir.Node
	rank int
	out  []ir.ValueID
}

// perChannel gives a parameter the shape in which it broadcasts with x.
func (b *batchNormGrad) perChannel(v ir.ValueID) ir.ValueID {
	if !isSpatial(b.n) || b.rank < 3 {
		return v
	}
	return b.Op("Reshape", nil, v, b.Ints(channelShape(-1, b.rank)...))
}

// axes are those that a parameter is repeated along.
func (b *batchNormGrad) axes() []int {
	axes := []int{0}
	for a := 2; a < b.rank && isSpatial(b.n); a++ {
		axes = append(axes, a)
	}
	return axes
}

// sum is the gradient of a parameter that broadcasts with d. A batch of
// numbers has one channel, not an axis of channels.
func (b *batchNormGrad) sum(d ir.ValueID) ir.ValueID {
	return b.reduceSum(d, b.rank == 1, b.axes()...)
}

func (b *batchNormGrad) epsilon() ir.ValueID {
	return b.scalar(b.n.Attrs.Float("epsilon", 1e-5), b.n.Inputs[0])
}

// training sends dy through the batch's statistics.
func (b *batchNormGrad) training(dy ir.ValueID) {
	x := b.n.Inputs[0]
	s := b.standardize(x, b.epsilon(), b.axes()...)
	if b.Needs(0) {
		b.out[0] = b.back(s, b.Op("Mul", nil, dy, b.perChannel(b.n.Inputs[1])))
	}
	if b.Needs(1) {
		b.out[1] = b.sum(b.Op("Mul", nil, dy, s.xhat))
	}
	if b.Needs(2) {
		b.out[2] = b.sum(dy)
	}
}

// inference: y = (x - mean)·inv·scale + bias with inv = 1/√(variance + ε).
func (b *batchNormGrad) inference(dy ir.ValueID) {
	x, scale, mean, variance := b.n.Inputs[0], b.n.Inputs[1], b.n.Inputs[3], b.n.Inputs[4]
	inv := b.inverseRoot(variance, b.epsilon())
	gain := b.Op("Mul", nil, scale, inv)
	if b.Needs(0) {
		b.out[0] = b.Op("Mul", nil, dy, b.perChannel(gain))
	}
	var sum, along ir.ValueID // Σ dy and Σ dy·(x - mean)·inv
	if b.Needs(2) || b.Needs(3) {
		sum = b.sum(dy)
	}
	if b.Needs(1) || b.Needs(4) {
		centred := b.Op("Sub", nil, x, b.perChannel(mean))
		along = b.Op("Mul", nil, b.sum(b.Op("Mul", nil, dy, centred)), inv)
	}
	if b.Needs(1) {
		b.out[1] = along
	}
	if b.Needs(2) {
		b.out[2] = sum
	}
	if b.Needs(3) {
		b.out[3] = b.Op("Neg", nil, b.Op("Mul", nil, sum, gain))
	}
	if b.Needs(4) {
		half := b.Op("Mul", nil, along, b.scalar(-0.5, x))
		b.out[4] = b.Op("Mul", nil, half, b.Op("Mul", nil, gain, inv))
	}
}
