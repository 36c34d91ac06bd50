package op_test

import (
	"testing"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op/optest"
	"github.com/tomo-viz/tomo/nn/tensor"
)

func TestLinearAttentionGradients(t *testing.T) {
	q, k, v := rand64(2, 5, 8), optest.Random(1, -1, 1, 2, 5, 4), optest.Random(2, -1, 1, 2, 5, 6)
	past := optest.Random(3, -1, 1, 2, 2, 2, 3)
	perKey, perHead := optest.Random(4, -1, 0, 2, 5, 4), optest.Random(5, -1, 0, 2, 5, 2)
	rates, rate := optest.Random(6, 0, 1, 2, 5, 2), optest.Random(7, 0, 1, 2, 5, 1)
	for _, c := range []optest.Case{
		{Attrs: ir.Pairs("update_rule", "linear"), In: []*tensor.Tensor{q, k, v}},
		{Attrs: ir.Pairs("update_rule", "gated", "scale", 0.5), In: []*tensor.Tensor{q, k, v, past, perHead}},
		{Attrs: ir.Pairs("update_rule", "delta"), In: []*tensor.Tensor{q, k, v, nil, nil, rate}},
		{Attrs: ir.Attrs{}, In: []*tensor.Tensor{q, k, v, past, perKey, rates}},
		{Attrs: ir.Attrs{}, In: []*tensor.Tensor{q, k, v, past, perHead, rate}},
	} {
		c.Op, c.Outputs = "LinearAttention", 2
		for name, heads := range ir.Pairs("q_num_heads", 4, "kv_num_heads", 2) {
			c.Attrs[name] = heads
		}
		optest.CheckGrad(t, c)
		c.Ignore = []int{1}
		optest.CheckGrad(t, c)
	}
	refuses(t, "LinearAttention", ir.Pairs("q_num_heads", 4, "kv_num_heads", 2, "update_rule", "gated"), "decay", q, k, v)
}

// TestLinearAttentionGoesOn: what is cut in two and handed the state on is as
// good as the whole.
func TestLinearAttentionGoesOn(t *testing.T) {
	in := []*tensor.Tensor{rand64(1, 5, 8), optest.Random(1, -1, 1, 1, 5, 4), optest.Random(2, -1, 1, 1, 5, 6), nil, optest.Random(3, -1, 0, 1, 5, 2), optest.Random(4, 0, 1, 1, 5, 1)}
	run := func(in []*tensor.Tensor) []*tensor.Tensor {
		return optest.Case{Op: "LinearAttention", Attrs: ir.Pairs("q_num_heads", 4, "kv_num_heads", 2), In: in, Outputs: 2}.Eval(t)
	}
	part := func(from, to int, past *tensor.Tensor) []*tensor.Tensor {
		cut := make([]*tensor.Tensor, len(in))
		for i, x := range in {
			if x != nil {
				cut[i] = optest.Case{Op: "Slice", In: []*tensor.Tensor{x, tensor.Vector(int64(from)), tensor.Vector(int64(to)), tensor.Vector[int64](1)}}.Eval(t)[0]
			}
		}
		cut[3] = past
		return run(cut)
	}
	whole := run(in)
	first := part(0, 2, nil)
	second := part(2, 5, first[1])
	joined := optest.Case{Op: "Concat", Attrs: ir.Pairs("axis", 1), In: []*tensor.Tensor{first[0], second[0]}}.Eval(t)[0]
	if !tensor.Equal(joined, whole[0]) || !tensor.Equal(second[1], whole[1]) {
		t.Error("the parts give something else")
	}
}

func TestCausalConvGradients(t *testing.T) {
	x, w, bias, past := rand64(2, 3, 4), optest.Random(1, -1, 1, 3, 1, 3), optest.Random(2, -1, 1, 3), optest.Random(3, -1, 1, 2, 3, 2)
	for _, c := range []optest.Case{
		{In: []*tensor.Tensor{x, w}},
		{In: []*tensor.Tensor{x, w, bias, past}, Attrs: ir.Pairs("activation", "silu")},
		{In: []*tensor.Tensor{x, optest.Random(4, -1, 1, 3, 1, 1), bias}},
	} {
		c.Op, c.Outputs = "CausalConvWithState", 2
		if c.In[1].Dim(2) == 1 {
			c.Outputs = 1 // there is no state
		}
		optest.CheckGrad(t, c)
	}
	refuses(t, "CausalConvWithState", ir.Pairs("activation", "relu"), "relu", x, w)
}

func TestFlexAttentionGradients(t *testing.T) {
	mod := ir.New("mod")
	b := ir.NewBuilder(mod, "")
	x := mod.AddInput("scores", tensor.Float64, nil)
	mod.Inputs, mod.Outputs = []ir.ValueID{x}, []ir.ValueID{b.Op("Tanh", nil, b.Op("Mul", nil, x, b.Const(tensor.Scalar(0.7))))}
	in := []*tensor.Tensor{rand64(1, 4, 2, 3), optest.Random(1, -1, 1, 1, 2, 3, 3), optest.Random(2, -1, 1, 1, 2, 3, 2)}
	for _, attrs := range []ir.Attrs{nil, {"scale": number(0.3), "score_mod": {Value: mod}}, {"prob_mod": {Value: mod}}} {
		optest.CheckGrad(t, optest.Case{Op: "FlexAttention", Domain: "ai.onnx.preview", Attrs: attrs, In: in})
	}
}
