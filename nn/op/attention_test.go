package op_test

import (
	"testing"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/op/optest"
	"github.com/tomo-viz/tomo/nn/tensor"
)

func TestAttentionGradients(t *testing.T) {
	q, k, v := optest.Random(1, -1, 1, 2, 4, 3, 2), optest.Random(2, -1, 1, 2, 2, 5, 2), optest.Random(3, -1, 1, 2, 2, 5, 3)
	past := []*tensor.Tensor{optest.Random(4, -1, 1, 2, 2, 1, 2), optest.Random(5, -1, 1, 2, 2, 1, 3)}
	keep := tensor.Of([]bool{true, false, true, true, false, false, false, false, false, false, true, true, true, true, true}, 3, 5)
	flat := []*tensor.Tensor{optest.Random(6, -1, 1, 2, 3, 8), optest.Random(7, -1, 1, 2, 5, 8), optest.Random(8, -1, 1, 2, 5, 4)}
	heads := func(kv ...any) ir.Attrs { return ir.Pairs(append(kv, "q_num_heads", 4, "kv_num_heads", 4)...) }
	for _, c := range []optest.Case{
		{In: []*tensor.Tensor{q, k, v}},
		{In: []*tensor.Tensor{q, k, v}, Attrs: ir.Pairs("is_causal", 1, "scale", 0.7, "softcap", 1.5), Version: 24},
		{In: []*tensor.Tensor{q, k, v, keep}},
		{In: []*tensor.Tensor{q, k, v, optest.Random(9, -1, 1, 3, 5)}},
		{In: []*tensor.Tensor{q, k, v, optest.Random(9, -1, 1, 4, 3, 6), past[0], past[1]}, Outputs: 3, Attrs: ir.Pairs("is_causal", 1)},
		{In: []*tensor.Tensor{q, k, v, nil, nil, nil, tensor.Vector[int64](4, 2)}},
		{In: flat, Attrs: heads()},
		{In: flat, Attrs: heads("qk_matmul_output_mode", 3), Outputs: 4, Ignore: []int{1, 2}},
	} {
		c.Op = "Attention"
		optest.CheckGrad(t, c)
	}
}

func TestRotaryGradients(t *testing.T) {
	positions := tensor.Of([]int64{0, 1, 2, 3, 1, 0}, 2, 3)
	cos, sin := optest.Random(1, -1, 1, 4, 2), optest.Random(2, -1, 1, 4, 2)
	x := optest.Random(3, -1, 1, 2, 3, 3, 4)
	wide := optest.Random(4, -1, 1, 2, 3, 12)
	for _, c := range []optest.Case{
		{In: []*tensor.Tensor{x, cos, sin, positions}},
		{In: []*tensor.Tensor{x, cos, sin, positions}, Attrs: ir.Pairs("interleaved", 1)},
		{In: []*tensor.Tensor{wide, cos, sin, positions}, Attrs: ir.Pairs("num_heads", 2, "rotary_embedding_dim", 4)},
		{In: []*tensor.Tensor{x, optest.Random(5, -1, 1, 2, 3, 2), optest.Random(6, -1, 1, 2, 3, 2)}},
	} {
		c.Op = "RotaryEmbedding"
		optest.CheckGrad(t, c)
	}
}

func TestSwigluGradients(t *testing.T) {
	in := []*tensor.Tensor{optest.Random(1, -2, 2, 2, 3), optest.Random(2, -2, 2, 2, 3)}
	optest.CheckGrad(t, optest.Case{Op: "SwiGLU", Attrs: ir.Pairs("alpha", 1.3), In: in})
}

func TestMaskedSoftmaxGradients(t *testing.T) {
	optest.CheckGrad(t, optest.Case{Op: "MaskedSoftmax", Domain: "tomo", In: []*tensor.Tensor{optest.Random(1, -2, 2, 2, 3)}})
}

// The cost of a composite operator is that of its parts: here two products of
// 2 heads × 3 queries × 5 keys × 4 features, and the softmax and scaling.
func TestAttentionCost(t *testing.T) {
	n := &ir.Node{Op: "Attention", Version: 23, Inputs: []ir.ValueID{0, 1, 2}, Outputs: []ir.ValueID{3}}
	in := shapes([]int{1, 2, 3, 4}, []int{1, 2, 5, 4}, []int{1, 2, 5, 4})
	for i := range in {
		in[i].DType = tensor.Float32
	}
	got := op.Lookup("", "Attention").Cost(n, in, nil)
	if want := int64(2 * 2 * 3 * 5 * 4); got.MACs != want || got.FLOPs <= 2*want || got.FLOPs > 4*want {
		t.Errorf("cost %+v, want %d MACs", got, want)
	}
}
