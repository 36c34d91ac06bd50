package op

import (
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// fusedMatMul is alpha·A·B. It exchanges axes of its factors first: the last
// two if transA or transB, the batch's first with the row's if transBatchA or
// transBatchB.
var fusedMatMul = Op{
	Name: "FusedMatMul", Domain: microsoft, MinIn: 2,
	Infer: inferFusedMatMul,
	Eval:  byFloat(evalFusedMatMul[float32], evalFusedMatMul[float64]),
	Grad:  gradFusedMatMul,
	Cost:  costFusedMatMul,
}

// factorPerm is the order of axes in which FusedMatMul reads a factor. A
// vector is never transposed.
func factorPerm(n *ir.Node, side string, rank int) []int {
	perm := make([]int, rank)
	for i := range perm {
		perm[i] = i
	}
	last := rank - 1
	if rank > 2 && n.Attrs.Bool("transBatch"+side, false) {
		// [batch..., rows, columns] is stored as [rows, batch..., columns].
		perm = append(append(perm[1:last:last], 0), last)
	}
	if rank > 1 && n.Attrs.Bool("trans"+side, false) {
		perm[last-1], perm[last] = perm[last], perm[last-1]
	}
	return perm
}

// factorShape is the shape of a factor as it is multiplied.
func factorShape(n *ir.Node, side string, t Type) ir.Shape {
	if t.Shape == nil {
		return nil
	}
	return permuted(t.Shape, factorPerm(n, side, len(t.Shape)))
}

func inferFusedMatMul(n *ir.Node, in []Type) ([]Type, error) {
	shape, err := matmulShape(factorShape(n, "A", in[0]), factorShape(n, "B", in[1]))
	return []Type{{DType: in[0].DType, Shape: shape}}, err
}

func evalFusedMatMul[T float](n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	a := permute(in[0], factorPerm(n, "A", in[0].Rank()))
	b := permute(in[1], factorPerm(n, "B", in[1].Rank()))
	y, err := matmul[T](a, b)
	if err != nil {
		return nil, err
	}
	alpha := n.Attrs.Float("alpha", 1)
	return mapFloat(y[0], func(v float64) float64 { return alpha * v })
}

// gradFusedMatMul is the rule of MatMul between transpositions.
func gradFusedMatMul(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	inner := g
	factors, perms := make([]ir.ValueID, 2), make([][]int, 2)
	for i, side := range []string{"A", "B"} {
		shape := g.Type(n.Inputs[i]).Shape
		if shape == nil {
			return nil, errRank
		}
		perms[i] = factorPerm(n, side, len(shape))
		factors[i] = g.transpose(n.Inputs[i], perms[i])
		inner = inner.with(factors[i], Type{DType: g.Type(n.Inputs[i]).DType, Shape: permuted(shape, perms[i])})
	}
	d := dy[0]
	if alpha := n.Attrs.Float("alpha", 1); alpha != 1 {
		d = g.Op("Mul", nil, d, g.scalar(alpha, n.Inputs[0]))
	}
	out, err := gradMatMul(inner, &ir.Node{Inputs: factors, Outputs: n.Outputs}, []ir.ValueID{d})
	if err != nil {
		return nil, err
	}
	for i := range out {
		if out[i] != ir.None {
			out[i] = g.transpose(out[i], inverse(perms[i]))
		}
	}
	return out, nil
}

// with adds the type of a value that a rule appended.
func (g *Grad) with(v ir.ValueID, t Type) *Grad {
	if int(v) < len(g.Types) {
		return g // it was there before
	}
	types := make([]Type, v+1)
	copy(types, g.Types)
	types[v] = t
	return &Grad{Builder: g.Builder, Types: types, Wanted: g.Wanted}
}

func (g *Grad) transpose(v ir.ValueID, perm []int) ir.ValueID {
	if slices.IsSorted(perm) {
		return v
	}
	return g.Op("Transpose", ir.Pairs("perm", perm), v)
}

func inverse(perm []int) []int {
	inv := make([]int, len(perm))
	for i, axis := range perm {
		inv[axis] = i
	}
	return inv
}

func costFusedMatMul(n *ir.Node, in, out []Type) Cost {
	return costMatMul(n, []Type{{Shape: factorShape(n, "A", in[0])}}, out)
}
