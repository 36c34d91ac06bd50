package op_test

import (
	"math"
	"testing"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op/optest"
	"github.com/tomo-viz/tomo/nn/tensor"
)

var reductions = []string{
	"ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceSumSquare",
	"ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp",
}

func TestReduceGradients(t *testing.T) {
	for _, op := range reductions {
		for _, keep := range []int{0, 1} {
			for _, axes := range [][]int64{nil, {0}, {1}, {-1}, {0, 2}, {2, 0, 1}} {
				x := optest.Random(3, 0.3, 2, 2, 3, 2)
				attrs := ir.Pairs("keepdims", keep)
				in := []*tensor.Tensor{x}
				if axes != nil {
					in = append(in, tensor.Vector(axes...))
				}
				optest.CheckGrad(t, optest.Case{Op: op, Attrs: attrs, In: in})
				old := ir.Pairs("keepdims", keep)
				if axes != nil {
					old["axes"] = ir.Attr{Value: axes}
				}
				optest.CheckGrad(t, optest.Case{Op: op, Version: 11, Attrs: old, In: []*tensor.Tensor{x}})
			}
		}
	}
}

func TestReduceNothing(t *testing.T) {
	x := optest.Random(3, 0.3, 2, 2, 3)
	for _, op := range reductions {
		attrs := ir.Pairs("noop_with_empty_axes", 1, "keepdims", 0)
		optest.CheckGrad(t, optest.Case{Op: op, Attrs: attrs, In: []*tensor.Tensor{x, tensor.Vector[int64]()}})
		optest.CheckGrad(t, optest.Case{Op: op, Attrs: attrs, In: []*tensor.Tensor{x}})
	}
	optest.CheckGrad(t, optest.Case{Op: "ReduceSum", In: []*tensor.Tensor{tensor.Scalar(2.0)}})
}

// The product's gradient must be right where one or two factors are zero.
func TestReduceProdAtZero(t *testing.T) {
	x := tensor.Of([]float64{1, 0, 3, 2, 0, 0, 4, 5, 6}, 3, 3)
	optest.CheckGrad(t, optest.Case{Op: "ReduceProd", In: []*tensor.Tensor{x, tensor.Vector[int64](1)}})
}

func TestReduceTiesShare(t *testing.T) {
	x := tensor.Of([]float64{2, 2, 1, 3, 3, 3}, 2, 3)
	g := optest.Gradients(t, optest.Case{Op: "ReduceMax", Attrs: ir.Pairs("keepdims", 0), In: []*tensor.Tensor{x, tensor.Vector[int64](1)}},
		tensor.Vector(1.0, 1))
	want := tensor.Of([]float64{0.5, 0.5, 0, 1. / 3, 1. / 3, 1. / 3}, 2, 3)
	if !tensor.Equal(g[0], want) {
		t.Errorf("gradient %v, want %v", tensor.Data[float64](g[0]), tensor.Data[float64](want))
	}
}

func TestReduceOfNone(t *testing.T) {
	for _, c := range []struct {
		op   string
		in   *tensor.Tensor
		want *tensor.Tensor
	}{
		{"ReduceMax", tensor.New(tensor.Int8, 0), tensor.Vector[int8](-128)},
		{"ReduceMin", tensor.New(tensor.Int8, 0), tensor.Vector[int8](127)},
		{"ReduceMax", tensor.New(tensor.Uint16, 0), tensor.Vector[uint16](0)},
		{"ReduceMin", tensor.New(tensor.Uint16, 0), tensor.Vector[uint16](65535)},
		{"ReduceProd", tensor.New(tensor.Float32, 0), tensor.Vector[float32](1)},
		{"ReduceSum", tensor.New(tensor.Int64, 0, 3), tensor.Of([]int64{0}, 1, 1)},
	} {
		if got := (optest.Case{Op: c.op, In: []*tensor.Tensor{c.in}}).Eval(t)[0]; !tensor.Equal(got, c.want) {
			t.Errorf("%s of %v is %v", c.op, c.in, got)
		}
	}
}

func TestSumToGradients(t *testing.T) {
	for _, s := range broadcastPairs[:7] {
		whole := optest.Case{Op: "Add", In: []*tensor.Tensor{optest.Random(1, 0, 1, s[0]...), optest.Random(2, 0, 1, s[1]...)}}.Eval(t)[0]
		for _, small := range s {
			like := optest.Random(3, 0, 1, small...)
			optest.CheckGrad(t, optest.Case{Op: "SumTo", Domain: "tomo", In: []*tensor.Tensor{whole, like}, Fixed: []int{1}})
		}
	}
}

func TestCumSumGradients(t *testing.T) {
	x := optest.Random(1, -1, 1, 2, 3, 2)
	for _, axis := range []int32{0, 1, -1} {
		for _, attrs := range []ir.Attrs{nil, ir.Pairs("exclusive", 1), ir.Pairs("reverse", 1), ir.Pairs("exclusive", 1, "reverse", 1)} {
			optest.CheckGrad(t, optest.Case{Op: "CumSum", Attrs: attrs, In: []*tensor.Tensor{x, tensor.Scalar(axis)}})
		}
	}
}

func TestArgOfNaNAndTies(t *testing.T) {
	nan := float32(math.NaN())
	x := tensor.Of([]float32{1, nan, 3, nan, 2, 5, 5, 2}, 2, 4)
	for _, c := range []struct {
		op   string
		last int
		want []int64
	}{{"ArgMax", 0, []int64{1, 1}}, {"ArgMax", 1, []int64{3, 2}}, {"ArgMin", 0, []int64{1, 0}}, {"ArgMin", 1, []int64{3, 3}}} {
		got := optest.Case{Op: c.op, Attrs: ir.Pairs("axis", 1, "keepdims", 0, "select_last_index", c.last), In: []*tensor.Tensor{x}}.Eval(t)[0]
		if !tensor.Equal(got, tensor.Vector(c.want...)) {
			t.Errorf("%s, last %d: %v, want %v", c.op, c.last, got.I64(), c.want)
		}
	}
}
