package op

import (
	"fmt"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// sumTo undoes broadcasting in gradients: it sums its first input over the
// axes along which the second, whose elements it does not read, was repeated.
// Its own gradient is that repetition.
var sumTo = Op{
	Name: "SumTo", Domain: Domain, MinIn: 2,
	Cost: func(n *ir.Node, in, out []Type) Cost { return Cost{FLOPs: elements(in[0])} },
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		return []Type{{DType: in[0].DType, Shape: in[1].Shape}}, nil
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		axes, err := repeatedAxes(in[0].Shape(), in[1].Shape())
		if err != nil || len(axes) == 0 {
			return []*tensor.Tensor{in[0]}, err
		}
		r, err := newReducer(in[0].Shape(), axes)
		if err != nil {
			return nil, err
		}
		sum, err := fold{total[float64], total[int64], total[uint64]}.apply(r, in[0])
		if err != nil {
			return nil, err
		}
		return one(sum.Reshape(in[1].Shape()...))
	},
	Grad: func(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
		out := noGrads(n)
		if g.Needs(0) {
			out[0] = g.Op("Expand", nil, dy[0], g.Op("Shape", nil, n.Inputs[0]))
		}
		return out, nil
	},
}

// repeatedAxes lists the axes of shape along which one of shape small is
// repeated to fill it.
func repeatedAxes(shape, small []int) ([]int, error) {
	lead := len(shape) - len(small)
	fits := lead >= 0
	var axes []int
	for a := 0; fits && a < len(shape); a++ {
		switch {
		case a < lead:
			axes = append(axes, a)
		case shape[a] == small[a-lead]:
		case small[a-lead] == 1:
			axes = append(axes, a)
		default:
			fits = false
		}
	}
	if !fits {
		return nil, fmt.Errorf("a gradient of shape %v cannot be summed to shape %v", shape, small)
	}
	return axes, nil
}
