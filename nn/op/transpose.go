package op

import (
	"fmt"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// transpose permutes the axes, or reverses them without the attribute perm.
var transpose = Op{
	Name: "Transpose", MinIn: 1, AnyType: true, moves: onlyFirst,
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		out := Type{DType: in[0].DType}
		if in[0].Shape == nil {
			if perm := n.Attrs.Ints("perm"); perm != nil {
				out.Shape = slices.Repeat(ir.Shape{ir.Symbol("")}, len(perm))
			}
			return []Type{out}, nil
		}
		perm, err := permOf(n, len(in[0].Shape))
		if err == nil {
			out.Shape = permuted(in[0].Shape, perm)
		}
		return []Type{out}, err
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		perm, err := permOf(n, in[0].Rank())
		if err != nil {
			return nil, err
		}
		return one(permute(in[0], perm))
	},
	Grad: func(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
		out := noGrads(n)
		if !g.Needs(0) {
			return out, nil
		}
		attrs := ir.Attrs{}
		if perm := n.Attrs.Ints("perm"); perm != nil {
			if _, err := permOf(n, len(perm)); err != nil {
				return nil, err
			}
			inverse := make([]int, len(perm))
			for i, p := range perm {
				inverse[p] = i
			}
			attrs = ir.Pairs("perm", inverse)
		}
		out[0] = g.Op("Transpose", attrs, dy[0])
		return out, nil
	},
}

func permOf(n *ir.Node, rank int) ([]int, error) {
	perm := n.Attrs.Ints("perm")
	if perm == nil {
		for a := rank - 1; a >= 0; a-- {
			perm = append(perm, a)
		}
		return perm, nil
	}
	fits := len(perm) == rank
	for i, p := range slices.Sorted(slices.Values(perm)) {
		fits = fits && p == i
	}
	if !fits {
		return nil, fmt.Errorf("perm %v does not permute %d axes", perm, rank)
	}
	return perm, nil
}

func permuted[T any](x []T, perm []int) []T {
	return mapTo(perm, func(p int) T { return x[p] })
}

// permute moves the elements so that axis perm[i] of t becomes axis i.
func permute(t *tensor.Tensor, perm []int) *tensor.Tensor {
	return strided(t, 0, permuted(t.Shape(), perm), permuted(stridesOf(t.Shape()), perm))
}
