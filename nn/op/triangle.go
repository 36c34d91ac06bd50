package op

import (
	"fmt"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// trilu keeps the upper or lower triangle of matrices, from the diagonal k on.
var trilu = Op{
	Name: "Trilu", MinIn: 1, AnyType: true, Infer: sameType,
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		x := in[0]
		if x.Rank() < 2 {
			return nil, fmt.Errorf("matrices are needed, not %v", x)
		}
		k := 0
		if t := opt(in, 1); t != nil {
			v, err := t.Ints()
			if err != nil || len(v) != 1 {
				return nil, fmt.Errorf("k must be one integer, not %v", t)
			}
			k = min(max(v[0], -x.Dim(-2)), x.Dim(-1))
		}
		upper := n.Attrs.Bool("upper", true)
		rows, cols := x.Dim(-2), x.Dim(-1)
		at := make([]int, x.Len())
		for i := range at {
			if col, row := i%cols, i/cols%rows; upper && col < row+k || !upper && col > row+k {
				at[i] = -1
			} else {
				at[i] = i
			}
		}
		return one(x.Take(at, 1, x.Shape()...))
	},
	Grad: func(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
		out := noGrads(n)
		if g.Needs(0) {
			out[0] = g.Op("Trilu", n.Attrs, append([]ir.ValueID{dy[0]}, n.Inputs[1:]...)...)
		}
		return out, nil
	},
}
