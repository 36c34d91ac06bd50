package op_test

import (
	"testing"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op/optest"
	"github.com/tomo-viz/tomo/nn/tensor"
)

func TestMatMulGradients(t *testing.T) {
	for _, s := range [][2][]int{
		{{3, 4}, {4, 2}},
		{{2, 3, 4}, {4, 5}},
		{{2, 3, 4}, {2, 4, 5}},
		{{2, 1, 3, 4}, {3, 4, 2}},
		{{3, 4}, {2, 2, 4, 5}},
		{{4}, {4}},
		{{4}, {4, 3}},
		{{4}, {2, 4, 3}},
		{{3, 4}, {4}},
		{{2, 3, 4}, {4}},
	} {
		optest.CheckGrad(t, optest.Case{Op: "MatMul", In: []*tensor.Tensor{rand64(s[0]...), rand64(s[1]...)}})
	}
}

func TestGemmGradients(t *testing.T) {
	for _, trans := range [][2]int64{{0, 0}, {0, 1}, {1, 0}, {1, 1}} {
		a, b := []int{3, 4}, []int{4, 5}
		if trans[0] == 1 {
			a = []int{4, 3}
		}
		if trans[1] == 1 {
			b = []int{5, 4}
		}
		attrs := ir.Attrs{"transA": integer(trans[0]), "transB": integer(trans[1]), "alpha": number(0.5), "beta": number(2)}
		for _, c := range [][]int{{5}, {3, 5}, {3, 1}, {1}, {}} {
			optest.CheckGrad(t, optest.Case{Op: "Gemm", Attrs: attrs, In: []*tensor.Tensor{rand64(a...), rand64(b...), rand64(c...)}})
		}
		optest.CheckGrad(t, optest.Case{Op: "Gemm", Attrs: attrs, In: []*tensor.Tensor{rand64(a...), rand64(b...)}})
	}
}

func TestMatMulRefuses(t *testing.T) {
	matrix := func(shape ...int) *tensor.Tensor { return tensor.New(tensor.Float32, shape...) }
	refuses(t, "MatMul", nil, "cannot be multiplied", matrix(3, 4), matrix(3, 4))
	refuses(t, "MatMul", nil, "broadcast", matrix(2, 3, 4), matrix(3, 4, 5))
	refuses(t, "MatMul", nil, "scalar", matrix(), matrix(3, 4))
	refuses(t, "MatMul", nil, "elements", matrix(1<<15, 1), matrix(1, 1<<15))
	refuses(t, "MatMul", nil, "needed", matrix(2, 3), tensor.New(tensor.Float64, 3, 2))
	refuses(t, "Gemm", nil, "matrices", matrix(2, 3, 4), matrix(4, 5))
	refuses(t, "Gemm", nil, "cannot be multiplied", matrix(2, 3), matrix(4, 5))
	refuses(t, "Gemm", nil, "does not fit", matrix(2, 3), matrix(3, 5), matrix(4, 2, 5))
	refuses(t, "Gemm", nil, "broadcast", matrix(2, 3), matrix(3, 5), matrix(4))
}

// TestEmptyMatMul: a sum of nothing is zero.
func TestEmptyMatMul(t *testing.T) {
	y := optest.Case{Op: "MatMul", In: []*tensor.Tensor{rand64(3, 0), rand64(0, 2)}}.Eval(t)[0]
	if !tensor.Equal(y, tensor.New(tensor.Float64, 3, 2)) {
		t.Errorf("got %v", tensor.Data[float64](y))
	}
	for _, s := range [][2][]int{{{0, 3}, {3, 2}}, {{0, 2, 3}, {3, 2}}, {{2, 3}, {3, 0}}} {
		optest.Case{Op: "MatMul", In: []*tensor.Tensor{rand64(s[0]...), rand64(s[1]...)}}.Eval(t)
	}
}

func TestMatMulInteger(t *testing.T) {
	a := tensor.Of([]uint8{1, 2, 3, 4, 5, 6}, 2, 3)
	b := tensor.Of([]int8{1, -1, 2, -2, 3, -3}, 3, 2)
	y := optest.Case{Op: "MatMulInteger", In: []*tensor.Tensor{a, b, tensor.Of([]uint8{1, 2}, 2), tensor.Scalar[int8](1)}}.Eval(t)[0]
	// (a - [1;2]) = [0 1 2; 2 3 4], (b - 1) = [0 -2; 1 -3; 2 -4]
	if want := tensor.Of([]int32{5, -11, 11, -29}, 2, 2); !tensor.Equal(y, want) {
		t.Errorf("got %v", tensor.Data[int32](y))
	}
}

// TestIntegerGemm: Gemm is defined for integers too.
func TestIntegerGemm(t *testing.T) {
	a, b := tensor.Of([]int32{1, 2, 3, 4}, 2, 2), tensor.Of([]int32{5, 6, 7, 8}, 2, 2)
	y := optest.Case{Op: "Gemm", In: []*tensor.Tensor{a, b, tensor.Vector[int32](1, -1)}}.Eval(t)[0]
	if want := tensor.Of([]int32{20, 21, 44, 49}, 2, 2); !tensor.Equal(y, want) {
		t.Errorf("got %v", tensor.Data[int32](y))
	}
}
