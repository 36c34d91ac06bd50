package op

import (
	"fmt"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

var cumulativeOps = []Op{
	cumulative("CumSum", arithAdd, 0, cumSumGrad),
	cumulative("CumProd", arithMul, 1, nil),
}

// cumulative makes the operator of running results along an axis: each element
// becomes the sum or product of those up to it, without itself if exclusive,
// and from the end if reverse.
func cumulative(name string, k arith, neutral int, grad GradFunc) Op {
	return Op{
		Name: name, MinIn: 2, Infer: sameType, Cost: flops(1), Grad: grad,
		Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
			v, err := in[1].Ints()
			if err != nil || len(v) != 1 {
				return nil, fmt.Errorf("the axis must be one integer, not %v", in[1])
			}
			axis, err := axisOf(v[0], in[0].Rank())
			if err != nil {
				return nil, err
			}
			r, err := newReducer(in[0].Shape(), []int{axis})
			if err != nil {
				return nil, err
			}
			c := scan{r, neutral, n.Attrs.Bool("exclusive", false), n.Attrs.Bool("reverse", false)}
			switch t := in[0]; t.DType() {
			case tensor.Float32:
				return one(scanAs[float32](c, t, k.f))
			case tensor.Float64:
				return one(scanAs[float64](c, t, k.f))
			case tensor.Int32:
				return one(scanAs[int32](c, t, k.i))
			case tensor.Int64:
				return one(scanAs[int64](c, t, k.i))
			case tensor.Uint32:
				return one(scanAs[uint32](c, t, k.u))
			case tensor.Uint64:
				return one(scanAs[uint64](c, t, k.u))
			}
			return nil, errElements(in[0])
		},
	}
}

type scan struct {
	reducer
	neutral            int
	exclusive, reverse bool
}

func scanAs[T, W number](c scan, t *tensor.Tensor, f func(a, b W) W) *tensor.Tensor {
	x := tensor.Data[T](t)
	y := make([]T, len(x))
	for _, start := range c.starts {
		acc := W(c.neutral)
		for k := range c.steps {
			if c.reverse {
				k = len(c.steps) - 1 - k
			}
			at := start + c.steps[k]
			if c.exclusive {
				y[at] = T(acc)
			}
			acc = f(acc, W(x[at]))
			if !c.exclusive {
				y[at] = T(acc)
			}
		}
	}
	return tensor.Of(y, t.Shape()...)
}

// cumSumGrad runs from the other end: element i reaches all outputs from i on.
func cumSumGrad(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	out := noGrads(n)
	if g.Needs(0) {
		attrs := ir.Pairs("exclusive", n.Attrs.Bool("exclusive", false), "reverse", !n.Attrs.Bool("reverse", false))
		out[0] = g.Op("CumSum", attrs, dy[0], n.Inputs[1])
	}
	return out, nil
}
