package op_test

import (
	"testing"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
)

func shapes(list ...[]int) []op.Type {
	types := make([]op.Type, len(list))
	for i, s := range list {
		if s != nil {
			types[i].Shape = ir.Dims(s...)
		}
	}
	return types
}

func products(macs int64) op.Cost { return op.Cost{MACs: macs, FLOPs: 2 * macs} }

// TestCosts counts the work by hand.
func TestCosts(t *testing.T) {
	conv := int64(6 * 6 * 6 * 2 * 3 * 3) // outputs x input channels of a group x kernel
	for _, c := range []struct {
		domain, op string
		attrs      ir.Attrs
		in, out    []op.Type
		want       op.Cost
	}{
		{"", "Conv", ir.Pairs("group", 2), shapes([]int{1, 4, 8, 8}, []int{6, 2, 3, 3}), shapes([]int{1, 6, 6, 6}), products(conv)},
		{"", "Conv", nil, shapes([]int{1, 2, 8, 8}, []int{6, 2, 3, 3}, []int{6}), shapes([]int{1, 6, 6, 6}), op.Cost{MACs: conv, FLOPs: 2*conv + 216}},
		{op.Domain, "ConvGradInput", nil, shapes([]int{1, 6, 6, 6}, []int{6, 2, 3, 3}, []int{4}), shapes([]int{1, 2, 8, 8}), products(conv)},
		{op.Domain, "ConvGradWeight", nil, shapes([]int{1, 2, 8, 8}, []int{1, 6, 6, 6}, []int{4}), shapes([]int{6, 2, 3, 3}), products(conv)},
		{"", "ConvTranspose", nil, shapes([]int{1, 2, 4, 4}, []int{2, 3, 2, 2}), shapes([]int{1, 3, 5, 5}), products(2 * 4 * 4 * 3 * 2 * 2)},
		{"", "MatMul", nil, shapes([]int{2, 3, 4}, []int{4, 5}), shapes([]int{2, 3, 5}), products(2 * 3 * 4 * 5)},
		{"", "Gemm", ir.Pairs("transA", 1), shapes([]int{4, 3}, []int{4, 5}), shapes([]int{3, 5}), products(60)},
		{"", "Gemm", nil, shapes([]int{3, 4}, []int{4, 5}, []int{5}), shapes([]int{3, 5}), op.Cost{MACs: 60, FLOPs: 135}},
		{"com.microsoft", "FusedMatMul", ir.Pairs("transA", 1), shapes([]int{4, 3}, []int{4, 5}), shapes([]int{3, 5}), products(60)},
		{"", "Einsum", ir.Pairs("equation", "ij,jk,kl->il"), shapes([]int{2, 3}, []int{3, 4}, []int{4, 5}), shapes([]int{2, 5}), products(2*3*4 + 2*4*5)},
		{"", "Einsum", ir.Pairs("equation", "ij->i"), shapes([]int{2, 3}), shapes([]int{2}), op.Cost{FLOPs: 6}},
		{"", "LSTM", nil, shapes([]int{7, 2, 3}, []int{1, 20, 3}, []int{1, 20, 5}), shapes([]int{7, 1, 2, 5}), products(7 * 2 * 20 * (3 + 5))},
		{"", "MaxPool", ir.Pairs("kernel_shape", []int{3, 2}), shapes([]int{1, 2, 5, 5}), shapes([]int{1, 2, 3, 4}), op.Cost{FLOPs: 24 * 6}},
		{"", "GlobalAveragePool", nil, shapes([]int{1, 2, 5, 5}), shapes([]int{1, 2, 1, 1}), op.Cost{FLOPs: 50}},
		{"", "Resize", ir.Pairs("mode", "linear"), shapes([]int{1, 1, 2, 2}), shapes([]int{1, 1, 4, 4}), op.Cost{FLOPs: 2 * 4 * 16}},
		{"", "SoftmaxCrossEntropyLoss", nil, shapes([]int{2, 3}, []int{2}), shapes([]int{}), op.Cost{FLOPs: 36}},
		{"", "Conv", nil, []op.Type{{}, {}}, []op.Type{{}}, op.Cost{}}, // nothing known
		{"", "MatMul", nil, []op.Type{{}, {}}, []op.Type{{}}, op.Cost{}},
		{"", "LSTM", nil, []op.Type{{}, {}, {}}, []op.Type{{}}, op.Cost{}},
	} {
		n := &ir.Node{Op: c.op, Domain: c.domain, Attrs: c.attrs}
		if got := op.Lookup(c.domain, c.op).Cost(n, c.in, c.out); got != c.want {
			t.Errorf("%s of %v: cost %+v, want %+v", c.op, c.in, got, c.want)
		}
	}
}
