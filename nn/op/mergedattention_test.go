package op_test

import (
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/op/optest"
	"github.com/tomo-viz/tomo/nn/tensor"
)

const ms = "com.microsoft"

func TestMultiHeadAttentionGradients(t *testing.T) {
	const batch, queries, keys, past = 2, 3, 4, 2
	q, k, v := rand64(batch, queries, 4), optest.Random(1, -1, 1, batch, keys, 4), optest.Random(2, -1, 1, batch, keys, 6)
	bias, pair := optest.Random(3, -1, 1, 14), optest.Random(4, -1, 1, 1, 2, queries, keys)
	mask := tensor.Of([]int32{1, 0, 1, 1, 1, 1, 0, 0}, batch, keys)
	pastK, pastV := optest.Random(5, -1, 1, batch, 2, past, 2), optest.Random(6, -1, 1, batch, 2, past, 3)
	for _, c := range []optest.Case{
		{In: []*tensor.Tensor{q, k, v, bias, mask, pair}, Attrs: ir.Pairs("scale", 0.6, "mask_filter_value", -3.0), Outputs: 4},
		{In: []*tensor.Tensor{q, k, v, nil, nil, nil, pastK, pastV}, Attrs: ir.Pairs("unidirectional", 1), Outputs: 3},
		{In: []*tensor.Tensor{q, optest.Random(7, -1, 1, batch, 2, keys, 2), optest.Random(8, -1, 1, batch, 2, keys, 2)}},
		{In: []*tensor.Tensor{optest.Random(9, -1, 1, batch, queries, 2, 3, 2), nil, nil, optest.Random(10, -1, 1, 12)}},
		{In: []*tensor.Tensor{q, optest.Random(11, -1, 1, batch, keys, 2, 2, 2), nil, nil, tensor.Vector[int32](3, 2)}},
		{In: []*tensor.Tensor{q, k, v, nil, nil, nil, optest.Random(12, -1, 1, batch, 2, 7, 2), optest.Random(13, -1, 1, batch, 2, 7, 3), tensor.Vector[int32](2)}, Outputs: 3},
	} {
		c.Op, c.Domain = "MultiHeadAttention", ms
		if c.Attrs == nil {
			c.Attrs = ir.Attrs{}
		}
		c.Attrs["num_heads"] = ir.Attr{Value: int64(2)}
		optest.CheckGrad(t, c)
	}
}

// TestPackedHeads: features packed into one tensor are those given apart.
func TestPackedHeads(t *testing.T) {
	packed := rand64(2, 3, 2, 3, 4)
	parts := optest.Case{Op: "Split", Attrs: ir.Pairs("axis", 3, "num_outputs", 3), In: []*tensor.Tensor{packed}, Outputs: 3}.Eval(t)
	apart := make([]*tensor.Tensor, 3)
	for i, p := range parts {
		apart[i] = p.Reshape(2, 3, 8)
	}
	attrs := ir.Pairs("num_heads", 2)
	want := optest.Case{Op: "MultiHeadAttention", Domain: ms, Attrs: attrs, In: apart}.Eval(t)[0]
	if got := (optest.Case{Op: "MultiHeadAttention", Domain: ms, Attrs: attrs, In: []*tensor.Tensor{packed}}).Eval(t)[0]; !tensor.Equal(got, want) {
		t.Error("packed queries, keys and values give something else")
	}
	both := optest.Case{Op: "Concat", Attrs: ir.Pairs("axis", 3), In: parts[1:]}.Eval(t)[0]
	if got := (optest.Case{Op: "MultiHeadAttention", Domain: ms, Attrs: attrs, In: []*tensor.Tensor{apart[0], both}}).Eval(t)[0]; !tensor.Equal(got, want) {
		t.Error("packed keys and values give something else")
	}
}

// TestSharedBuffers: a buffer with room for more is as good as what it holds.
func TestSharedBuffers(t *testing.T) {
	const batch, heads, past, length, size = 2, 2, 3, 2, 4
	x := []*tensor.Tensor{rand64(batch, length, heads*size), optest.Random(1, -1, 1, batch, length, heads*size), optest.Random(2, -1, 1, batch, length, heads*size)}
	held := []*tensor.Tensor{optest.Random(3, -1, 1, batch, heads, past, size), optest.Random(4, -1, 1, batch, heads, past, size)}
	room := optest.Random(5, -1, 1, batch, heads, 4, size)
	join := func(axis int, in ...*tensor.Tensor) *tensor.Tensor {
		return optest.Case{Op: "Concat", Attrs: ir.Pairs("axis", axis), In: in}.Eval(t)[0]
	}
	buffers := []*tensor.Tensor{join(2, held[0], room), join(2, held[1], room)}
	attrs := ir.Pairs("num_heads", heads, "unidirectional", 1)
	want := optest.Case{Op: "MultiHeadAttention", Domain: ms, Attrs: attrs, In: append(x[:3:3], nil, nil, nil, held[0], held[1])}.Eval(t)[0]
	got := optest.Case{Op: "MultiHeadAttention", Domain: ms, Attrs: attrs, Outputs: 2, In: append(x[:3:3], nil, nil, nil, buffers[0], buffers[1], tensor.Vector[int32](past))}.Eval(t)
	if !tensor.Equal(got[0], want) || got[1].Dim(2) != past+4 {
		t.Errorf("MultiHeadAttention: a buffer of %v gives something else", got[1])
	}

	w, bias := optest.Random(6, -1, 1, heads*size, 3*heads*size), optest.Random(7, -1, 1, 3*heads*size)
	stack := func(kv []*tensor.Tensor) *tensor.Tensor {
		s := kv[0].Shape()
		return join(0, kv[0].Reshape(1, s[0], s[1], s[2], s[3]), kv[1].Reshape(1, s[0], s[1], s[2], s[3]))
	}
	want = optest.Case{Op: "Attention", Domain: ms, Attrs: attrs, In: []*tensor.Tensor{x[0], w, bias, nil, stack(held)}}.Eval(t)[0]
	attrs = ir.Pairs("num_heads", heads, "unidirectional", 1, "past_present_share_buffer", 1)
	got = optest.Case{Op: "Attention", Domain: ms, Attrs: attrs, Outputs: 2, In: []*tensor.Tensor{x[0], w, bias, nil, stack(buffers), nil, tensor.Scalar[int32](past)}}.Eval(t)
	if !tensor.Equal(got[0], want) || got[1].Dim(3) != past+4 {
		t.Errorf("Attention: a buffer of %v gives something else", got[1])
	}
}

func TestMergedAttentionGradients(t *testing.T) {
	x, w, bias := rand64(2, 3, 4), optest.Random(1, -1, 1, 4, 12), optest.Random(2, -1, 1, 12)
	for _, c := range []optest.Case{
		{In: []*tensor.Tensor{x, w, bias}},
		{In: []*tensor.Tensor{x, w, nil, tensor.Vector[int32](2, 3)}, Attrs: ir.Pairs("mask_filter_value", -2.0)},
		{In: []*tensor.Tensor{x, w, bias, tensor.Vector[int32](3, 2, 1, 0)}, Attrs: ir.Pairs("mask_filter_value", -2.0)},
		{In: []*tensor.Tensor{x, optest.Random(3, -1, 1, 4, 10), optest.Random(4, -1, 1, 10), nil, nil, optest.Random(5, -1, 1, 2, 2, 3, 3)}, Attrs: ir.Pairs("qkv_hidden_sizes", []int{4, 4, 2})},
		{In: []*tensor.Tensor{x, w, bias, nil, optest.Random(6, -1, 1, 2, 2, 2, 2, 2)}, Attrs: ir.Pairs("unidirectional", 1), Outputs: 2},
	} {
		c.Op, c.Domain = "Attention", ms
		if c.Attrs == nil {
			c.Attrs = ir.Attrs{}
		}
		c.Attrs["num_heads"] = ir.Attr{Value: int64(2)}
		optest.CheckGrad(t, c)
	}
}

// TestLongestMask: a mask of all places, of which the queries' and keys' are
// taken, is the mask of these.
func TestLongestMask(t *testing.T) {
	x, w := rand64(1, 2, 4), optest.Random(1, -1, 1, 4, 12)
	past := optest.Random(2, -1, 1, 2, 1, 2, 1, 2)
	whole := tensor.Of([]int32{1, 0, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 1, 1, 1, 1}, 1, 1, 4, 4)
	cut := tensor.Of([]int32{1, 1, 0, 0, 1, 1}, 1, 2, 3)
	attrs := ir.Pairs("num_heads", 2)
	want := optest.Case{Op: "Attention", Domain: ms, Attrs: attrs, In: []*tensor.Tensor{x, w, nil, cut, past}}.Eval(t)[0]
	if got := (optest.Case{Op: "Attention", Domain: ms, Attrs: attrs, In: []*tensor.Tensor{x, w, nil, whole, past}}).Eval(t)[0]; !tensor.Equal(got, want) {
		t.Error("the mask of all places hides something else")
	}
}

func TestGroupQueryGradients(t *testing.T) {
	q, k, v := rand64(2, 3, 16), optest.Random(1, -1, 1, 2, 3, 8), optest.Random(2, -1, 1, 2, 3, 8)
	pastK, pastV := optest.Random(3, -1, 1, 2, 2, 4, 4), optest.Random(4, -1, 1, 2, 2, 4, 4)
	cos, sin := optest.Random(5, -1, 1, 8, 1), optest.Random(6, -1, 1, 8, 1)
	last, total := tensor.Vector[int32](4, 3), tensor.Scalar[int32](5)
	first := []*tensor.Tensor{q, k, v, nil, nil, tensor.Vector[int32](2, 2), tensor.Scalar[int32](3)}
	norms := []*tensor.Tensor{optest.Random(7, 0.5, 1, 4), optest.Random(8, 0.5, 1, 4)}
	for _, c := range []optest.Case{
		{In: first, Outputs: 3},
		{In: []*tensor.Tensor{q, k, v, pastK, pastV, last, total, cos, sin}, Attrs: ir.Pairs("do_rotary", 1, "local_window_size", 2), Outputs: 3},
		{In: []*tensor.Tensor{optest.Random(9, -1, 1, 2, 3, 32), nil, nil, nil, nil, first[5], first[6]}, Attrs: ir.Pairs("softcap", 0.8, "smooth_softmax", 1, "qk_output", 1), Outputs: 4, Ignore: []int{1, 2}},
		{In: append(first[:7:7], nil, nil, nil, optest.Random(10, -1, 1, 1, 4, 3, 3), optest.Random(11, -1, 1, 4)), Attrs: ir.Pairs("qk_output", 2), Outputs: 4, Ignore: []int{1, 2}},
		{In: append(first[:7:7], nil, nil, nil, nil, nil, nil, nil, norms[0], norms[1]), Attrs: ir.Pairs("causal", 0, "qk_norm_epsilon", 1e-3)},
	} {
		c.Op, c.Domain = "GroupQueryAttention", ms
		if c.Attrs == nil {
			c.Attrs = ir.Attrs{}
		}
		for name, heads := range ir.Pairs("num_heads", 4, "kv_num_heads", 2) {
			c.Attrs[name] = heads
		}
		optest.CheckGrad(t, c)
	}
}

func TestMergedRotaryGradients(t *testing.T) {
	cos, sin := rand64(6, 2), optest.Random(1, -1, 1, 6, 2)
	places := tensor.Of([]int64{0, 5, 2, 1, 1, 3}, 2, 3)
	for _, c := range []optest.Case{
		{In: []*tensor.Tensor{optest.Random(2, -1, 1, 2, 3, 8), places, cos, sin}},
		{In: []*tensor.Tensor{optest.Random(3, -1, 1, 2, 2, 3, 4), tensor.Vector[int64](2), cos, sin}, Attrs: ir.Pairs("interleaved", 1)},
		{In: []*tensor.Tensor{optest.Random(4, -1, 1, 2, 3, 12), places, cos, sin}, Attrs: ir.Pairs("num_heads", 2, "rotary_embedding_dim", 4)},
	} {
		c.Op, c.Domain = "RotaryEmbedding", ms
		optest.CheckGrad(t, c)
	}
}

func TestEmbedNormGradients(t *testing.T) {
	ids := tensor.Of([]int32{1, 0, 2, 1, 1, 2}, 2, 3)
	words, places, table := rand64(3, 4), optest.Random(1, -1, 1, 5, 4), optest.Random(2, -1, 1, 2, 4)
	scale, bias := optest.Random(3, -1, 1, 4), optest.Random(4, -1, 1, 4)
	attrs := ir.Pairs("epsilon", 1e-3)
	for _, in := range [][]*tensor.Tensor{
		{ids, tensor.Of([]int32{0, 1, 1, 0, 0, 0}, 2, 3), words, places, table, scale, bias},
		{ids, nil, words, places, nil, scale, bias, nil, ids},
	} {
		optest.CheckGrad(t, optest.Case{Op: "EmbedLayerNormalization", Domain: ms, Attrs: attrs, In: in, Outputs: 3})
	}
}

func TestBiasSoftmaxGradients(t *testing.T) {
	optest.CheckGrad(t, optest.Case{Op: "BiasSoftmax", Domain: ms, Attrs: ir.Pairs("axis", 2, "is_inner_broadcast", 0), In: []*tensor.Tensor{rand64(2, 3, 2, 2), optest.Random(1, -1, 1, 2, 1, 1, 2)}})
}

// TestUnknownAttention: what is not computed is refused by name.
func TestUnknownAttention(t *testing.T) {
	x, count := rand64(1, 2, 4), tensor.Vector[int32](1)
	for want, c := range map[string]optest.Case{
		"divisible":           {Op: "MultiHeadAttention", Attrs: ir.Pairs("num_heads", 3), In: []*tensor.Tensor{x, x, x}},
		"beam":                {Op: "MultiHeadAttention", Attrs: ir.Pairs("num_heads", 2), In: []*tensor.Tensor{x, x, x, nil, nil, nil, nil, nil, nil, count}},
		"one head":            {Op: "Attention", In: []*tensor.Tensor{x, rand64(4, 12)}},
		"do_rotary":           {Op: "Attention", Attrs: ir.Pairs("num_heads", 2, "do_rotary", 1), In: []*tensor.Tensor{x, rand64(4, 12)}},
		"does not fit scores": {Op: "Attention", Attrs: ir.Pairs("num_heads", 2), In: []*tensor.Tensor{x, rand64(4, 12), nil, tensor.Vector[int32](1, 2, 3)}},
		"packed_batching":     {Op: "RotaryEmbedding", Attrs: ir.Pairs("is_packed_batching", 1), In: []*tensor.Tensor{rand64(1, 2, 2, 4), tensor.Vector[int64](0), rand64(8, 2), rand64(8, 2)}},
		"quantized":           {Op: "GroupQueryAttention", Attrs: ir.Pairs("num_heads", 2, "kv_num_heads", 1), In: []*tensor.Tensor{x, x, x, nil, nil, count, count, nil, nil, nil, nil, nil, x, x}},
	} {
		n := &ir.Node{Name: "node", Op: c.Op, Domain: ms, Version: 1, Attrs: c.Attrs, Inputs: make([]ir.ValueID, len(c.In)), Outputs: []ir.ValueID{1}}
		if _, err := op.Eval(n, c.In); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one about %q", err, want)
		}
	}
}
