package op

import (
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

var activationOps = []Op{relu}

var relu = Op{
	Name:  "Relu",
	Infer: sameType,
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		return mapFloat(in[0], func(x float64) float64 {
			if x < 0 {
				return 0
			}
			return x // NaN stays NaN
		})
	},
	// dx = dy where the output is positive.
	Grad: func(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
		return g.Node(Domain, "ReluGrad", nil, 1, dy[0], n.Outputs[0]), nil
	},
}

// sameType infers one output of the first input's type and shape.
func sameType(n *ir.Node, in []Type) ([]Type, error) {
	return []Type{{DType: in[0].DType, Shape: in[0].Shape}}, nil
}
