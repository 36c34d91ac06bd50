package op_test

import (
	"math"
	"testing"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op/optest"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// The shapes broadcast in every way: equal, scalar, lead, middle, both.
var broadcastPairs = [][2][]int{
	{{2, 3}, {2, 3}},
	{{2, 3}, {}},
	{{}, {2, 3}},
	{{2, 3, 4}, {4}},
	{{2, 3, 4}, {3, 1}},
	{{2, 1, 4}, {1, 3, 1}},
	{{1}, {5}},
	{{2, 0}, {2, 1}},
}

func TestBinaryGradients(t *testing.T) {
	for _, op := range []string{"Add", "Sub", "Mul", "Div", "Pow", "Mod", "Sum", "Mean", "Max", "Min"} {
		for i, s := range broadcastPairs {
			a := optest.Random(uint64(i), 0.5, 2, s[0]...)
			b := optest.Random(uint64(i+50), 0.6, 1.9, s[1]...)
			optest.CheckGrad(t, optest.Case{Op: op, In: []*tensor.Tensor{a, b}})
		}
	}
}

// Files before opset 7 align the second operand at an axis.
func TestOldBroadcastGradients(t *testing.T) {
	a := optest.Random(1, 0.5, 2, 2, 3, 4)
	for _, op := range []string{"Add", "Sub", "Mul", "Div", "Pow"} {
		for _, c := range []struct {
			shape []int
			axis  int
		}{{[]int{3}, 1}, {[]int{2}, 0}, {[]int{2, 3}, 0}, {[]int{3, 4}, 1}, {[]int{3}, -2}, {[]int{}, 0}} {
			b := optest.Random(2, 0.5, 2, c.shape...)
			optest.CheckGrad(t, optest.Case{Op: op, Version: 6, Attrs: ir.Pairs("broadcast", 1, "axis", c.axis), In: []*tensor.Tensor{a, b}})
		}
	}
}

func TestSignsOfBasesAndDivisors(t *testing.T) {
	a := tensor.Vector(-1.7, 2.3, -0.4, 5.5)
	b := tensor.Vector(0.9, -0.7, -1.3, 2.1)
	for _, op := range []string{"Div", "Mod"} {
		optest.CheckGrad(t, optest.Case{Op: op, In: []*tensor.Tensor{a, b}})
	}
	optest.CheckGrad(t, optest.Case{Op: "Mod", Attrs: ir.Pairs("fmod", 1), In: []*tensor.Tensor{a, b}})
	for _, power := range []*tensor.Tensor{tensor.Scalar(2.0), tensor.Scalar(3.0), tensor.Scalar(0.0), tensor.Scalar(-1.0)} {
		optest.CheckGrad(t, optest.Case{Op: "Pow", In: []*tensor.Tensor{a, power}, Fixed: []int{1}})
	}
	optest.CheckGrad(t, optest.Case{Op: "Pow", In: []*tensor.Tensor{a, tensor.Vector(int64(2), 3, 1, 0)}})
	// 0 to a power: no NaN from the logarithm or from 0^-1.
	zero := tensor.Vector(0.0, 0)
	optest.CheckGrad(t, optest.Case{Op: "Pow", In: []*tensor.Tensor{zero, tensor.Vector(2.0, 3)}, Atol: 1e-4})
	optest.CheckGrad(t, optest.Case{Op: "Pow", In: []*tensor.Tensor{zero, tensor.Scalar(0.0)}, Fixed: []int{1}})
}

func TestVariadicGradients(t *testing.T) {
	in := []*tensor.Tensor{
		optest.Random(1, -1, 1, 2, 3), optest.Random(2, -1, 1, 3), optest.Random(3, -1, 1, 2, 1), optest.Random(4, -1, 1),
	}
	for _, op := range []string{"Sum", "Mean", "Max", "Min"} {
		for n := 1; n <= len(in); n++ {
			optest.CheckGrad(t, optest.Case{Op: op, In: in[:n]})
		}
	}
}

// Inputs that tie share the gradient, as both one-sided derivatives do on
// average.
func TestExtremeTies(t *testing.T) {
	tie := tensor.Vector(1.0, 2, 3)
	optest.CheckGrad(t, optest.Case{Op: "Max", In: []*tensor.Tensor{tie, tie.Clone()}})
}

func TestIntegersWrapAndKeepTheirSign(t *testing.T) {
	i8 := func(v ...int8) *tensor.Tensor { return tensor.Vector(v...) }
	for _, c := range []struct {
		op         string
		attrs      ir.Attrs
		a, b, want *tensor.Tensor
	}{
		{"Add", nil, i8(127, -128), i8(1, -1), i8(-128, 127)},
		{"Div", nil, i8(7, -7, -128), i8(2, 2, -1), i8(3, -3, -128)},
		{"Mod", nil, i8(7, -7, 7, -7), i8(3, 3, -3, -3), i8(1, 2, -2, -1)},
		{"Mod", ir.Pairs("fmod", 1), i8(7, -7, 7, -7), i8(3, 3, -3, -3), i8(1, -1, 1, -1)},
		{"Pow", nil, i8(-2, 3, -1, 5), i8(3, 4, -3, 0), i8(-8, 81, -1, 1)},
		{"Pow", nil, tensor.Vector[int32](9, 2), tensor.Vector[float32](0.5, -1), tensor.Vector[int32](3, 0)},
		{"Max", nil, tensor.Vector[uint64](1<<63, 1), tensor.Vector[uint64](5, 1<<63+1), tensor.Vector[uint64](1<<63, 1<<63+1)},
		{"BitShift", ir.Pairs("direction", "RIGHT"), tensor.Vector[uint8](255, 1), tensor.Vector[uint8](4, 9), tensor.Vector[uint8](15, 0)},
	} {
		got := optest.Case{Op: c.op, Attrs: c.attrs, In: []*tensor.Tensor{c.a, c.b}}.Eval(t)[0]
		if !tensor.Equal(got, c.want) {
			t.Errorf("%s(%v, %v) is %v", c.op, c.a, c.b, got)
		}
	}
}

func TestNaNAndInfinity(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	v := func(x ...float64) *tensor.Tensor { return tensor.Vector(x...) }
	for _, c := range []struct {
		op   string
		in   []*tensor.Tensor
		want *tensor.Tensor
	}{
		{"Max", []*tensor.Tensor{v(nan, inf, 1), v(inf, nan, nan)}, v(nan, nan, nan)},
		{"Min", []*tensor.Tensor{v(nan, -inf, 1), v(-inf, nan, nan)}, v(nan, nan, nan)},
		{"Div", []*tensor.Tensor{v(1, -1, 0), v(0, 0, 0)}, v(inf, -inf, nan)},
		{"Sqrt", []*tensor.Tensor{v(-1, inf)}, v(nan, inf)},
		{"Log", []*tensor.Tensor{v(-1, 0)}, v(nan, -inf)},
		{"Sign", []*tensor.Tensor{v(nan, -inf, 0)}, v(nan, -1, 0)},
		{"Clip", []*tensor.Tensor{v(nan, inf, -inf), tensor.Scalar(-1.0), tensor.Scalar(2.0)}, v(nan, 2, -1)},
		{"Round", []*tensor.Tensor{v(0.5, 1.5, -2.5)}, v(0, 2, -2)},
		{"ReduceMax", []*tensor.Tensor{v(1, nan, inf)}, v(nan)},
		{"ReduceLogSumExp", []*tensor.Tensor{v(1000, 1000)}, v(1000 + math.Ln2)},
		{"ReduceLogSumExp", []*tensor.Tensor{v(-inf, -inf)}, v(-inf)},
	} {
		got := optest.Case{Op: c.op, In: c.in}.Eval(t)[0]
		if !tensor.Equal(got, c.want) {
			t.Errorf("%s is %v, want %v", c.op, tensor.Data[float64](got), tensor.Data[float64](c.want))
		}
	}
}
