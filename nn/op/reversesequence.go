package op

import (
	"fmt"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// reverseSequence turns the first sequence_lens[b] steps of sequence b round
// and leaves the rest. It is its own inverse.
var reverseSequence = Op{
	Name: "ReverseSequence", MinIn: 2, AnyType: true, Infer: sameType,
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		x := in[0]
		batch, time := n.Attrs.Int("batch_axis", 1), n.Attrs.Int("time_axis", 0)
		if x.Rank() < 2 || batch+time != 1 || batch*time != 0 {
			return nil, fmt.Errorf("batch axis %d and time axis %d of %v are not its first two", batch, time, x)
		}
		lens, err := in[1].Ints()
		if err != nil || len(lens) != x.Dim(batch) {
			return nil, fmt.Errorf("the lengths are %v, not %d integers", in[1], x.Dim(batch))
		}
		for _, l := range lens {
			if l < 0 || l > x.Dim(time) {
				return nil, fmt.Errorf("the length %d is outside [0, %d]", l, x.Dim(time))
			}
		}
		return takeAs(x, x.Shape(), func() ([]int, int) {
			strides := stridesOf(x.Shape())
			at := offsets(x.Shape()[:2], 0, strides[:2])
			for i := range at {
				index := [2]int{i / x.Dim(1), i % x.Dim(1)}
				if l := lens[index[batch]]; index[time] < l {
					at[i] += (l - 1 - 2*index[time]) * strides[time]
				}
			}
			return at, strides[1]
		})
	},
	Grad: func(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
		out := noGrads(n)
		if g.Needs(0) {
			out[0] = g.Op("ReverseSequence", n.Attrs, dy[0], n.Inputs[1])
		}
		return out, nil
	},
}
