package op

import (
	"fmt"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// where takes each element from one of two tensors by a truth value.
var where = Op{
	Name: "Where", MinIn: 3, AnyType: true, Grad: whereGrad,
	moves: func(input int) bool { return input > 0 },
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		shape, err := broadcastDims(in[0].Shape, in[1].Shape, in[2].Shape)
		return []Type{{DType: in[1].DType, Shape: shape}}, err
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		cond, x, y := in[0], in[1], in[2]
		if cond.DType() != tensor.Bool {
			return nil, fmt.Errorf("the condition is %s, not bool", cond.DType())
		}
		if err := sameElements(x, y); err != nil {
			return nil, err
		}
		shape, err := broadcastShapes(cond.Shape(), x.Shape(), y.Shape())
		if err != nil {
			return nil, err
		}
		both := join(x, y)
		c := tensor.Data[bool](broadcastTo(cond, shape))
		at := offsets(shape, 0, broadcastStrides(x.Shape(), shape))
		for i, p := range offsets(shape, x.Len(), broadcastStrides(y.Shape(), shape)) {
			if !c[i] {
				at[i] = p
			}
		}
		return one(both.Take(at, 1, shape...))
	},
}

// join lays the elements of tensors of one type behind each other.
func join(parts ...*tensor.Tensor) *tensor.Tensor {
	n := 0
	for _, t := range parts {
		n += t.Len()
	}
	out := tensor.New(parts[0].DType(), n)
	n = 0
	for _, t := range parts {
		out.CopyRange(n, t, 0, t.Len())
		n += t.Len()
	}
	return out
}

func whereGrad(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	out := noGrads(n)
	cond, zero := n.Inputs[0], g.scalar(0, n.Inputs[1])
	if g.Needs(1) {
		out[1] = g.sumTo(g.Op("Where", nil, cond, dy[0], zero), n.Inputs[1], n.Outputs[0])
	}
	if g.Needs(2) {
		out[2] = g.sumTo(g.Op("Where", nil, cond, zero, dy[0]), n.Inputs[2], n.Outputs[0])
	}
	return out, nil
}
