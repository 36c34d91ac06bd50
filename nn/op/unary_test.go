package op_test

import (
	"testing"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op/optest"
	"github.com/tomo-viz/tomo/nn/tensor"
)

func TestUnaryGradients(t *testing.T) {
	for op, domain := range map[string][2]float64{
		"Abs": {-2, -0.1}, "Neg": {-2, 2}, "Exp": {-2, 2}, "Log": {0.2, 3}, "Sqrt": {0.2, 3}, "Reciprocal": {0.5, 2}, "Erf": {-2, 2},
		"Sin": {-3, 3}, "Cos": {-3, 3}, "Tan": {-1, 1}, "Asin": {-0.8, 0.8}, "Acos": {-0.8, 0.8}, "Atan": {-3, 3},
		"Sinh": {-2, 2}, "Cosh": {-2, 2}, "Asinh": {-2, 2}, "Acosh": {1.3, 3}, "Atanh": {-0.8, 0.8},
		"Identity": {-1, 1}, "Dropout": {-1, 1},
	} {
		for i, shape := range [][]int{{2, 3}, {}, {1, 2, 2}, {0}} {
			x := optest.Random(uint64(i), domain[0], domain[1], shape...)
			optest.CheckGrad(t, optest.Case{Op: op, In: []*tensor.Tensor{x}})
		}
	}
}

func TestClipGradients(t *testing.T) {
	x := tensor.Vector(-2.0, -0.5, 0.1, 0.7, 3)
	lo, hi := tensor.Scalar(-1.0), tensor.Scalar(0.5)
	for _, in := range [][]*tensor.Tensor{{x}, {x, lo}, {x, nil, hi}, {x, lo, hi}} {
		optest.CheckGrad(t, optest.Case{Op: "Clip", In: in})
	}
	optest.CheckGrad(t, optest.Case{Op: "Clip", Version: 6, Attrs: ir.Pairs("min", 0.0, "max", 6.0), In: []*tensor.Tensor{x}})
}

// The seed decides what is dropped, so the differences see one mask.
func TestDropoutGradientInTraining(t *testing.T) {
	x := optest.Random(1, -1, 1, 4, 5)
	optest.CheckGrad(t, optest.Case{
		Op: "Dropout", Attrs: ir.Pairs("seed", 7),
		In: []*tensor.Tensor{x, tensor.Scalar(float32(0.4)), tensor.Scalar(true)}, Outputs: 2,
	})
	y := optest.Case{Op: "Dropout", Attrs: ir.Pairs("seed", 7), In: []*tensor.Tensor{optest.Random(1, 1, 2, 100, 100), tensor.Scalar(float32(0.4)), tensor.Scalar(true)}, Outputs: 2}.Eval(t)
	kept := 0
	for _, k := range tensor.Data[bool](y[1]) {
		if k {
			kept++
		}
	}
	if kept < 5800 || kept > 6200 { // 6000 ± 4σ
		t.Errorf("%d of 10000 elements are kept at ratio 0.4", kept)
	}
}

func TestCastGradients(t *testing.T) {
	x := optest.Random(1, -1, 1, 2, 3)
	optest.CheckGrad(t, optest.Case{Op: "CastLike", In: []*tensor.Tensor{x, tensor.Scalar(1.0)}, Fixed: []int{1}})
	optest.CheckGrad(t, optest.Case{Op: "Cast", Attrs: ir.Pairs("to", 11), In: []*tensor.Tensor{x}})
}

func TestWhereGradients(t *testing.T) {
	cond := tensor.Of([]bool{true, false, false, true, true, false}, 2, 3)
	for _, s := range [][2][]int{{{2, 3}, {2, 3}}, {{3}, {2, 1}}, {{}, {1, 3}}, {{4, 1, 1}, {}}} {
		x, y := optest.Random(1, -1, 1, s[0]...), optest.Random(2, -1, 1, s[1]...)
		optest.CheckGrad(t, optest.Case{Op: "Where", In: []*tensor.Tensor{cond, x, y}})
	}
}
