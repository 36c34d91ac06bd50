package op_test

import (
	"math"
	"testing"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/op/optest"
	"github.com/tomo-viz/tomo/nn/tensor"
)

var einsumCases = []struct {
	equation string
	in       [][]int
}{
	{"ij->ji", [][]int{{2, 3}}},
	{"ij->", [][]int{{2, 3}}},
	{"ij->i", [][]int{{2, 3}}},
	{"ii->i", [][]int{{3, 3}}},
	{"ii", [][]int{{3, 3}}},
	{"bii->b", [][]int{{2, 3, 3}}},
	{"i,i", [][]int{{3}, {3}}},
	{"i,j->ij", [][]int{{2}, {3}}},
	{"bij, bjk -> bik", [][]int{{2, 3, 4}, {2, 4, 5}}},
	{"bhid,bhjd->bhij", [][]int{{2, 2, 3, 4}, {2, 2, 5, 4}}},
	{"...ij,...jk->...ik", [][]int{{2, 3, 4}, {4, 5}}},
	{"...ij,...jk", [][]int{{2, 1, 3, 4}, {3, 4, 2}}},
	{"...i->...", [][]int{{2, 3, 4}}},
	{"i...->i", [][]int{{2, 3, 4}}},
	{"ij,jk,kl->il", [][]int{{2, 3}, {3, 4}, {4, 2}}},
	{"a,ab,abc->abc", [][]int{{2}, {2, 3}, {2, 3, 2}}},
	{"ij,j->i", [][]int{{2, 3}, {1}}}, // broadcast
	{"ij,ij->ij", [][]int{{1, 3}, {2, 1}}},
	{"ij,j->j", [][]int{{2, 1}, {3}}},
	{"iaa,jb->", [][]int{{2, 3, 3}, {3, 2}}},
}

func TestEinsumGradients(t *testing.T) {
	for _, c := range einsumCases {
		t.Run(c.equation, func(t *testing.T) {
			var in []*tensor.Tensor
			for i, s := range c.in {
				in = append(in, optest.Random(uint64(i+1), -1, 1, s...))
			}
			attrs := ir.Attrs{"equation": text(c.equation)}
			optest.CheckGrad(t, optest.Case{Op: "Einsum", Attrs: attrs, In: in})
		})
	}
}

// TestEinsumTo differentiates the gradients: a diagonal that is written, and a
// value that is repeated.
func TestEinsumTo(t *testing.T) {
	for _, c := range []struct {
		equation string
		in       [][]int
		shape    []int64
	}{
		{"i->ii", [][]int{{3}}, []int64{3, 3}},
		{"i->ij", [][]int{{3}}, []int64{3, 4}},
		{"...,...j->...j", [][]int{{2}, {2, 3}}, []int64{2, 3}},
		{"ij,j->i", [][]int{{2, 3}, {3}}, []int64{1}},
	} {
		in := []*tensor.Tensor{}
		for i, s := range c.in {
			in = append(in, optest.Random(uint64(i+1), -1, 1, s...))
		}
		attrs := ir.Attrs{"equation": text(c.equation)}
		optest.CheckGrad(t, optest.Case{Op: "EinsumTo", Domain: op.Domain, Attrs: attrs, In: append([]*tensor.Tensor{tensor.Vector(c.shape...)}, in...)})
	}
}

func TestEinsumIsMatMul(t *testing.T) {
	a, b := rand64(2, 3, 4), rand64(2, 4, 5)
	got := optest.Case{Op: "Einsum", Attrs: ir.Attrs{"equation": text("bij,bjk->bik")}, In: []*tensor.Tensor{a, b}}.Eval(t)[0]
	want := optest.Case{Op: "MatMul", In: []*tensor.Tensor{a, b}}.Eval(t)[0]
	for i, w := range tensor.Data[float64](want) {
		if math.Abs(tensor.Data[float64](got)[i]-w) > 1e-14 {
			t.Fatalf("element %d is %v, want %v", i, tensor.Data[float64](got)[i], w)
		}
	}
}

func TestEinsumRefuses(t *testing.T) {
	x := tensor.New(tensor.Float32, 2, 3)
	for equation, want := range map[string]string{
		"":          "axes",
		"i->i":      "axes",
		"ijk->i":    "axes",
		"ij,jk->ik": "operands",
		"ii->i":     "extents",
		"ij->k":     "no operand",
		"i1->i":     "character",
		"i.j->i":    "character",
		"......->":  "character",
	} {
		refuses(t, "Einsum", ir.Attrs{"equation": text(equation)}, want, x)
	}
	long := tensor.New(tensor.Float32, 1<<15)
	refuses(t, "Einsum", ir.Attrs{"equation": text("i,j->ij")}, "elements", long, long)
	refuses(t, "Einsum", ir.Attrs{"equation": text("i,j,k->k")}, "needed", long, long, tensor.New(tensor.Float64, 2))
}

// TestEinsumSumsFirst: what only one operand has is summed before the operands
// meet, or this would take 2^40 products.
func TestEinsumSumsFirst(t *testing.T) {
	x := tensor.New(tensor.Float64, 1<<20)
	tensor.Data[float64](x)[7] = 2
	attrs := ir.Attrs{"equation": text("i,j->")}
	if y := (optest.Case{Op: "Einsum", Attrs: attrs, In: []*tensor.Tensor{x, x}}).Eval(t)[0]; tensor.Data[float64](y)[0] != 4 {
		t.Errorf("got %v", tensor.Data[float64](y))
	}
}
