package op

import (
	"fmt"
	"math"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// LpNormalization(x) = x/norm along an axis, with the L1 or the L2 norm; a
// zero vector stays zero.
var lpNormOps = []Op{{
	Name: "LpNormalization", MinIn: 1,
	Infer: inferLpNorm,
	Eval:  byFloat(evalLpNorm[float32], evalLpNorm[float64]),
	Grad:  gradLpNorm,
	Cost:  flops(3),
}}

func readLpNorm(n *ir.Node) (axis, p int, err error) {
	axis, p = n.Attrs.Int("axis", -1), n.Attrs.Int("p", 2)
	if p != 1 && p != 2 {
		err = fmt.Errorf("a norm of order %d is not possible; it must be 1 or 2", p)
	}
	return axis, p, err
}

func inferLpNorm(n *ir.Node, in []Type) ([]Type, error) {
	axis, _, err := readLpNorm(n)
	if err == nil && in[0].Shape != nil {
		_, err = axisOf(axis, len(in[0].Shape))
	}
	if err != nil {
		return nil, err
	}
	return sameType(n, in)
}

func evalLpNorm[T float](n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	axis, p, err := readLpNorm(n)
	if err != nil {
		return nil, err
	}
	if axis, err = axisOf(axis, in[0].Rank()); err != nil {
		return nil, err
	}
	x := tensor.Data[T](in[0])
	of, groups := groupsOf(in[0].Shape(), axis)
	norm := make([]float64, groups)
	for i, v := range x {
		norm[of[i]] += math.Pow(math.Abs(float64(v)), float64(p))
	}
	y := make([]T, len(x))
	for i, v := range x {
		if s := norm[of[i]]; s != 0 {
			y[i] = T(float64(v) / math.Pow(s, 1/float64(p)))
		}
	}
	return one(tensor.Of(y, in[0].Shape()...))
}

// gradLpNorm: dx = (d - s·sum(d·y))/norm, where s is y for the L2 norm and the
// sign of x for L1.
func gradLpNorm(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	out := noGrads(n)
	axis, p, err := readLpNorm(n)
	if err != nil || !g.Needs(0) {
		return out, err
	}
	x, y := n.Inputs[0], n.Outputs[0]
	along := g.reduceSum(g.Op("Mul", nil, dy[0], y), true, axis)
	slope, norm := y, g.reduce("ReduceL2", x, true, []int{axis})
	if p == 1 {
		slope, norm = g.Op("Sign", nil, x), g.reduce("ReduceL1", x, true, []int{axis})
	}
	rest := g.Op("Sub", nil, dy[0], g.Op("Mul", nil, slope, along))
	out[0] = g.Op("Div", nil, rest, norm)
	return out, nil
}
