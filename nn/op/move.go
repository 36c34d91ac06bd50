package op

import (
	"fmt"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// moveGradOps are the gradients of operators that make their output of
// elements of their first input, wherever they take them from: each adds the
// gradient of an output element to that of the element it came from.
var moveGradOps = []Op{
	moveBackward(tile), moveBackward(slice), moveBackward(gather), moveBackward(gatherElements),
	moveBackward(gatherND), moveBackward(compress), moveBackward(depthToSpace), moveBackward(pad),
}

// moveGrad is the rule of such an operator. The node it emits has the
// operator's name and "Grad", and the inputs dy, x and the rest of the
// operator's, and its attributes.
func moveGrad(name string) GradFunc {
	return func(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
		out := noGrads(n)
		if !g.Needs(0) {
			return out, nil
		}
		inputs := append([]ir.ValueID{dy[0]}, n.Inputs...)
		out[0] = g.Node(Domain, name+"Grad", withOpset(n), 1, inputs...)[0]
		return out, nil
	}
}

// withOpset returns the attributes of a node for one that stands for its
// gradient, and tells it which version of the operator to follow.
func withOpset(n *ir.Node) ir.Attrs {
	attrs := ir.Pairs("opset", n.Version)
	for k, v := range n.Attrs {
		attrs[k] = v
	}
	return attrs
}

// moveBackward makes the gradient operator of forward. It is linear in dy, and
// its gradient is forward itself.
func moveBackward(forward Op) Op {
	return Op{
		Name: forward.Name + "Grad", Domain: Domain, MinIn: 1 + forward.MinIn,
		Infer: func(n *ir.Node, in []Type) ([]Type, error) {
			return []Type{{DType: in[0].DType, Shape: in[1].Shape}}, nil
		},
		Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
			places, err := forward.places(n, in[1].Shape(), in[2:])
			if err != nil {
				return nil, err
			}
			return addAt(in[0], places, in[1].Shape())
		},
		Cost: func(n *ir.Node, in, out []Type) Cost { return Cost{FLOPs: elements(in[0])} },
		Grad: func(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
			out := noGrads(n)
			if g.Needs(0) {
				inputs := append([]ir.ValueID{dy[0]}, n.Inputs[2:]...)
				out[0] = g.Op(forward.Name, n.Attrs, inputs...)
			}
			return out, nil
		},
	}
}

// places asks a moving operator where the elements of its output come from: it
// moves a tensor of the places themselves, counted from 1. Elements that the
// operator fills in are at 0.
func (o *Op) places(n *ir.Node, shape []int, rest []*tensor.Tensor) (*tensor.Tensor, error) {
	forward := *n
	forward.Op, forward.Domain, forward.Version = o.Name, o.Domain, n.Attrs.Int("opset", ir.LatestOpset)
	labels := make([]int64, product(shape))
	for i := range labels {
		labels[i] = int64(i + 1)
	}
	in := append([]*tensor.Tensor{tensor.Of(labels, shape...)}, rest...)
	out, err := o.Eval(&forward, in)
	if err != nil {
		return nil, err
	}
	return out[0], nil
}

// addAt adds each element of dy to the element at its place, counted from 1, of
// a tensor of zeros.
func addAt(dy, places *tensor.Tensor, shape []int) ([]*tensor.Tensor, error) {
	if !slices.Equal(dy.Shape(), places.Shape()) {
		return nil, fmt.Errorf("the gradient has shape %v, the output %v", dy.Shape(), places.Shape())
	}
	switch dy.DType() {
	case tensor.Float32:
		return one(tensor.Of(sumAt[float32](dy, places, product(shape)), shape...))
	case tensor.Float64:
		return one(tensor.Of(sumAt[float64](dy, places, product(shape)), shape...))
	}
	return nil, errElements(dy)
}

func sumAt[T float](dy, places *tensor.Tensor, n int) []T {
	out := make([]T, n)
	d := tensor.Data[T](dy)
	for i, p := range places.I64() {
		if p > 0 {
			out[p-1] += d[i]
		}
	}
	return out
}
