package op

import (
	"fmt"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// dropout does nothing unless its input training_mode (opset 12) is true. It
// then zeroes elements with probability ratio and scales the others up. Which
// ones depends on the seed and the number of elements only, so that the
// gradient is the operator again, with the same seed. Before opset 12 training
// was a matter of attributes that exporters left as they were; it is taken to
// be over.
var dropout = Op{
	Name: "Dropout", MinIn: 1, Cost: flops(1), Random: true,
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		mask := Type{DType: tensor.Bool, Shape: in[0].Shape}
		if n.Version < 10 {
			mask.DType = in[0].DType
		}
		return []Type{{DType: in[0].DType, Shape: in[0].Shape}, mask}, nil
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		ratio, err := dropRatio(n, in)
		if err != nil {
			return nil, err
		}
		if ratio == 0 && n.Output(1) == ir.None {
			return one(in[0])
		}
		keep := kept(in[0].Len(), ratio, seedOf(n))
		y := []*tensor.Tensor{in[0]}
		if ratio > 0 {
			if y, err = dropOut(in[0], keep, 1/(1-ratio)); err != nil {
				return nil, err
			}
		}
		mask := tensor.Of(keep, in[0].Shape()...)
		if n.Version < 10 {
			mask, err = mask.Convert(in[0].DType())
		}
		return append(y, mask), err
	},
	Grad: func(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
		out := noGrads(n)
		if g.Needs(0) && dy[0] != ir.None {
			inputs := append([]ir.ValueID{dy[0]}, n.Inputs[1:]...)
			out[0] = g.Op("Dropout", ir.Attrs{"seed": ir.Attr{Value: int64(seedOf(n))}}, inputs...)
		}
		return out, nil
	},
}

// dropRatio is 0 outside training.
func dropRatio(n *ir.Node, in []*tensor.Tensor) (float64, error) {
	training, err := flag(opt(in, 2))
	if err != nil || !training {
		return 0, err
	}
	r := opt(in, 1)
	if r == nil {
		return 0.5, nil
	}
	v, err := r.Floats()
	if err != nil || len(v) != 1 || !(v[0] >= 0 && v[0] < 1) {
		return 0, fmt.Errorf("the ratio must be one number in [0, 1), not %v", r)
	}
	return v[0], nil
}

// flag reads an optional truth value.
func flag(t *tensor.Tensor) (bool, error) {
	if t == nil {
		return false, nil
	}
	if t.DType() != tensor.Bool || t.Len() != 1 {
		return false, fmt.Errorf("a single truth value is needed, not %v", t)
	}
	return tensor.Data[bool](t)[0], nil
}

// kept draws which elements are kept.
func kept(n int, ratio float64, seed uint64) []bool {
	r := newMersenne(uint32(seed))
	keep := make([]bool, n)
	for i := range keep {
		keep[i] = ratio == 0 || r.float64() >= ratio
	}
	return keep
}

func dropOut(t *tensor.Tensor, keep []bool, scale float64) ([]*tensor.Tensor, error) {
	i := -1
	return mapFloat(t, func(x float64) float64 {
		if i++; !keep[i] {
			return 0
		}
		return x * scale
	})
}
