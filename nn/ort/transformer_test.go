package ort_test

import (
	"fmt"
	"testing"

	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A fusedNode is one of ONNX Runtime's own operators in some configuration.
type fusedNode struct {
	op    string
	attrs ir.Attrs
	in    []*tensor.Tensor // nil where one is left out
	// outputs tells which are asked for.
	outputs []bool
	// loose says that only the first output is compared: the others are buffers,
	// of which no more is said than what is used.
	loose bool
}

func (f fusedNode) String() string { return fmt.Sprint(f.op, f.in, f.attrs, f.outputs) }

// graph returns a graph of the node, whose inputs are all variable.
func (f fusedNode) graph() *ir.Graph {
	g := ir.New(f.op)
	n := ir.Node{Name: "node", Op: f.op, Domain: "com.microsoft", Version: 1, Attrs: f.attrs}
	for i, x := range f.in {
		v := ir.ValueID(ir.None)
		if x != nil {
			v = g.AddInput(fmt.Sprint("x", i), x.DType(), ir.ShapeOf(x))
		}
		n.Inputs = append(n.Inputs, v)
	}
	for i, asked := range f.outputs {
		v := ir.ValueID(ir.None)
		if asked {
			v = g.AddValue(ir.Value{Name: fmt.Sprint("y", i)})
			g.Outputs = append(g.Outputs, v)
		}
		n.Outputs = append(n.Outputs, v)
	}
	if _, err := g.AddNode(n); err != nil {
		panic(err)
	}
	return g
}

// TestFusedOperators compares ONNX Runtime's own operators with the library,
// and their gradients on the library with those of the reference.
func TestFusedOperators(t *testing.T) {
	e := newORT(t, 2)
	cases := map[string][]fusedNode{
		"MultiHeadAttention": multiHeadCases(), "Attention": attentionCases(), "GroupQueryAttention": groupQueryCases(),
		"RotaryEmbedding": rotaryCases(), "EmbedLayerNormalization": embedCases(), "others": otherCases(),
	}
	for name, list := range cases {
		t.Run(name, func(t *testing.T) {
			for _, f := range list {
				f.compare(t, e)
			}
			t.Logf("%d configurations", len(list))
		})
	}
}

func (f fusedNode) compare(t *testing.T, e exec.Executor) {
	g := f.graph()
	feeds := map[ir.ValueID]*tensor.Tensor{}
	var in []*tensor.Tensor
	for i, v := range g.Nodes[0].Inputs {
		if v != ir.None {
			feeds[v] = f.in[i]
			in = append(in, f.in[i])
		}
	}
	want, err := exec.NewSession(g, e).Run(t.Context(), feeds, g.Outputs...)
	if err != nil {
		t.Errorf("%v: the library: %v", f, err)
		return
	}
	for _, own := range []exec.Executor{exec.Plain(), exec.Default()} {
		got, err := exec.NewSession(g, own).Run(t.Context(), feeds, g.Outputs...)
		if err != nil {
			t.Errorf("%v: %s: %v", f, own.Name(), err)
			return
		}
		compared := g.Outputs
		if f.loose {
			compared = compared[:1]
		}
		for i, v := range compared {
			near(t, fmt.Sprintf("%v: %s: %s", f, own.Name(), g.Values[v].Name), got[i], want[i], false)
		}
	}
	for _, v := range g.Outputs {
		g.Values[v].DType = want[0].DType()
		break
	}
	some, err := compareGradients(e, g, in)
	if err != nil || !some {
		t.Errorf("%v: gradient compared: %v, %v", f, some, err)
	}
}

// draw returns numbers from -1 to 1 that differ between tensors of a case.
func draw(seed uint64, shape ...int) *tensor.Tensor {
	x := spread(tensor.Float32, append([]int{int(seed) + 1}, shape...))
	return tensor.Of(x.F32()[int(seed)*x.Len()/(int(seed)+1):], shape...)
}

func counts(v ...int32) *tensor.Tensor { return tensor.Of(v, len(v)) }

// packed are bytes, all different ones, as long as there are.
func packed(shape ...int) *tensor.Tensor {
	x := tensor.New(tensor.Uint8, shape...)
	for i := range tensor.Data[uint8](x) {
		tensor.Data[uint8](x)[i] = uint8(i*37 + 11)
	}
	return x
}

func multiHeadCases() (list []fusedNode) {
	const batch, queries, keys, past, heads, size = 2, 3, 5, 2, 2, 4
	q, k, v := draw(1, batch, queries, heads*size), draw(2, batch, keys, heads*size), draw(3, batch, keys, heads*6)
	bias, pair := draw(4, 2*heads*size+heads*6), draw(5, batch, heads, queries, keys)
	add := func(attrs ir.Attrs, outputs []bool, in ...*tensor.Tensor) {
		attrs["num_heads"] = ir.Attr{Value: int64(heads)}
		list = append(list, fusedNode{"MultiHeadAttention", attrs, in, outputs, false})
	}
	one, all := []bool{true}, []bool{true, true, true, true}
	add(ir.Attrs{}, one, q, k, v)
	add(ir.Attrs{}, one, q, k, v, bias)
	add(ir.Pairs("scale", 0.7), one, q, k, v, bias)
	add(ir.Attrs{}, []bool{true, false, false, true}, q, k, v, nil, nil, pair)
	add(ir.Attrs{}, one, q, k, v, nil, nil, draw(6, 1, 1, queries, keys))
	square := []*tensor.Tensor{q, draw(18, batch, queries, heads*size), draw(19, batch, queries, heads*6)}
	add(ir.Pairs("unidirectional", 1), one, square...)
	add(ir.Pairs("unidirectional", 1, "mask_filter_value", -30.0), one, append(square, nil, counts(3, 2), draw(20, batch, heads, queries, queries))...)
	masks := []*tensor.Tensor{
		counts(4, 2), counts(4, 2, 0, 3, 6, 0, 5, 10),
		tensor.Of([]int32{1, 0, 1, 1, 0, 0, 1, 1, 1, 1}, batch, keys),
		tensor.Of([]int32{1, 0, 1, 1, 0, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0, 0, 1}, batch, queries, keys),
	}
	for _, mask := range masks {
		add(ir.Pairs("mask_filter_value", -30.0), []bool{true, false, false, true}, q, k, v, bias, mask)
		add(ir.Pairs("mask_filter_value", -30.0), one, q, k, v, nil, mask, pair)
	}
	add(ir.Attrs{}, one, q, draw(7, batch, heads, keys, size), draw(8, batch, heads, keys, size))
	add(ir.Attrs{}, one, q, draw(7, batch, heads, keys, size), draw(8, batch, heads, keys, size), nil, masks[2], pair)
	pastK, pastV := draw(9, batch, heads, past, size), draw(10, batch, heads, past, size)
	own := []*tensor.Tensor{q, draw(11, batch, queries, heads*size), draw(12, batch, queries, heads*size), draw(13, 3*heads*size), nil, nil, pastK, pastV}
	add(ir.Attrs{}, all, own...)
	add(ir.Pairs("unidirectional", 1), all, own...)
	own[4], own[5] = tensor.Of([]int32{1, 0, 1, 1, 1, 0, 1, 1, 1, 1}, batch, past+queries), draw(14, batch, heads, queries, past+queries)
	add(ir.Pairs("unidirectional", 1, "mask_filter_value", -20.0), all, own...)
	return list
}

func attentionCases() (list []fusedNode) {
	const batch, length, width, heads = 2, 4, 6, 3
	x, w, bias := draw(1, batch, length, width), draw(2, width, 36), draw(3, 36)
	add := func(attrs ir.Attrs, outputs []bool, in ...*tensor.Tensor) {
		attrs["num_heads"] = ir.Attr{Value: int64(heads)}
		list = append(list, fusedNode{"Attention", attrs, in, outputs, false})
	}
	one, both := []bool{true}, []bool{true, true}
	add(ir.Attrs{}, one, x, w, bias)
	add(ir.Attrs{}, both, x, w, bias)
	add(ir.Pairs("scale", 0.3, "unidirectional", 1), one, x, w, bias)
	add(ir.Pairs("qkv_hidden_sizes", []int{12, 12, 6}), one, x, draw(4, width, 30), draw(5, 30))
	add(ir.Attrs{}, one, x, w, bias, nil, nil, draw(6, batch, heads, length, length))
	for _, mask := range []*tensor.Tensor{
		counts(3, 1), counts(4, 3, 1, 0), tensor.Of([]int32{1, 1, 0, 1, 0, 1, 1, 1}, batch, length), tensor.Of([]int32{1, 0}, batch, 1),
		tensor.Of([]int32{1, 0, 1, 1, 0, 1, 0, 1, 1, 0, 1, 0, 0, 1, 0, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 1}, batch, length, length),
	} {
		add(ir.Pairs("mask_filter_value", -30.0), one, x, w, bias, mask)
		add(ir.Pairs("mask_filter_value", -30.0, "unidirectional", 1), both, x, w, bias, mask)
	}
	past := draw(7, 2, batch, heads, 3, 4)
	add(ir.Attrs{}, both, x, w, bias, nil, past)
	add(ir.Pairs("unidirectional", 1), both, x, w, bias, nil, past)
	add(ir.Pairs("unidirectional", 1, "mask_filter_value", -30.0), both, x, w, bias, tensor.Of([]int32{1, 1, 0, 1, 0, 1, 1, 1, 1, 0, 1, 1, 1, 1}, batch, 3+length), past)
	return list
}

func groupQueryCases() (list []fusedNode) {
	const length, heads, shared, size = 4, 4, 2, 16
	add := func(attrs ir.Attrs, outputs int, batch int, last []int32, total, past int, rotary int, more ...*tensor.Tensor) {
		for name, v := range ir.Pairs("num_heads", heads, "kv_num_heads", shared) {
			attrs[name] = v
		}
		in := []*tensor.Tensor{draw(1, batch, length, heads*size), draw(2, batch, length, shared*size), draw(3, batch, length, shared*size), nil, nil, counts(last...), tensor.Scalar(int32(total)), nil, nil}
		if past > 0 {
			in[3], in[4] = draw(4, batch, shared, past, size), draw(5, batch, shared, past, size)
		}
		if rotary > 0 {
			in[7], in[8] = draw(6, 16, rotary), draw(7, 16, rotary)
			attrs["do_rotary"] = ir.Attr{Value: int64(1)}
		}
		asked := []bool{true, true, true, true}[:outputs]
		list = append(list, fusedNode{"GroupQueryAttention", attrs, append(in, more...), asked, past+length > total})
	}
	full := []int32{3, 3}
	add(ir.Attrs{}, 3, 2, full, 4, 0, 0)
	add(ir.Attrs{}, 3, 2, full, 4, 0, 8)
	add(ir.Pairs("rotary_interleaved", 1, "scale", 0.4), 3, 2, full, 4, 0, 8)
	add(ir.Pairs("local_window_size", 2), 3, 2, full, 4, 0, 0)
	add(ir.Pairs("softcap", 0.9), 3, 2, full, 4, 0, 0)
	add(ir.Pairs("smooth_softmax", 1), 3, 2, full, 4, 0, 0)
	add(ir.Pairs("softcap", 0.9), 3, 2, full, 4, 0, 0, nil, draw(8, 1, heads, 4, 4))
	add(ir.Attrs{}, 3, 2, full, 4, 0, 0, nil, nil, draw(9, heads))
	add(ir.Pairs("qk_output", 1, "softcap", 0.9), 4, 2, full, 4, 0, 0)
	add(ir.Pairs("qk_output", 2), 4, 2, full, 4, 0, 8)
	add(ir.Attrs{}, 3, 1, []int32{6}, 7, 3, 8)                                             // a prompt goes on
	add(ir.Pairs("local_window_size", 3), 3, 1, []int32{6}, 7, 3, 0)                       //
	add(ir.Attrs{}, 3, 1, []int32{6}, 7, 9, 8)                                             // in a buffer with room
	add(ir.Attrs{}, 3, 2, full, 4, 6, 0)                                                   // a prompt in an empty buffer
	add(ir.Attrs{}, 3, 2, full, 4, 0, 8, tensor.Of([]int64{0, 1, 2, 3, 5, 6, 7, 9}, 2, 4)) // places of their own
	packed := list[1]
	packed.in = append([]*tensor.Tensor{draw(10, 2, length, (heads+2*shared)*size), nil, nil}, packed.in[3:]...)
	return append(list, packed, decoding(heads, shared, size))
}

// decoding is a step by one key of sequences of different lengths.
func decoding(heads, shared, size int) fusedNode {
	return fusedNode{"GroupQueryAttention", ir.Pairs("num_heads", heads, "kv_num_heads", shared, "do_rotary", 1), []*tensor.Tensor{
		draw(1, 2, 1, heads*size), draw(2, 2, 1, shared*size), draw(3, 2, 1, shared*size), draw(4, 2, shared, 5, size), draw(5, 2, shared, 5, size),
		counts(5, 2), tensor.Scalar[int32](6), draw(6, 8, size/2), draw(7, 8, size/2),
	}, []bool{true, true, true}, true}
}

func rotaryCases() (list []fusedNode) {
	const batch, heads, length, size = 2, 3, 4, 8
	cos, sin := draw(1, 9, size/2), draw(2, 9, size/2)
	places := tensor.Of([]int64{0, 3, 2, 1, 8, 4, 5, 6}, batch, length)
	for _, x := range []*tensor.Tensor{draw(3, batch, length, heads*size), draw(4, batch, heads, length, size)} {
		for interleaved := range 2 {
			for _, at := range []*tensor.Tensor{places, tensor.Vector[int64](3)} {
				list = append(list, fusedNode{"RotaryEmbedding", ir.Pairs("interleaved", interleaved), []*tensor.Tensor{x, at, cos, sin}, []bool{true}, false})
			}
		}
	}
	partly := ir.Pairs("num_heads", heads, "rotary_embedding_dim", 4)
	return append(list, fusedNode{"RotaryEmbedding", partly, []*tensor.Tensor{draw(3, batch, length, heads*size), places, draw(1, 9, 2), draw(2, 9, 2)}, []bool{true}, false})
}

func embedCases() (list []fusedNode) {
	const batch, length, width = 2, 3, 8
	ids, segments := tensor.Of([]int32{1, 4, 0, 2, 2, 3}, batch, length), tensor.Of([]int32{0, 1, 1, 0, 0, 1}, batch, length)
	words, places, table := draw(1, 5, width), draw(2, 6, width), draw(3, 2, width)
	scale, bias := draw(4, width), draw(5, width)
	mask := tensor.Of([]int32{1, 1, 0, 1, 0, 1}, batch, length)
	for _, in := range [][]*tensor.Tensor{
		{ids, segments, words, places, table, scale, bias},
		{ids, nil, words, places, nil, scale, bias},
		{ids, segments, words, places, table, scale, bias, mask},
		{ids, segments, words, places, table, scale, bias, nil, tensor.Of([]int32{5, 0, 1, 2, 3, 4}, batch, length)},
		{ids, segments, words, places, table, scale, bias, mask, tensor.Of([]int32{5, 0, 1}, 1, length)},
	} {
		for _, outputs := range [][]bool{{true}, {true, true, true}} {
			list = append(list, fusedNode{"EmbedLayerNormalization", ir.Pairs("epsilon", 1e-3), in, outputs, false})
		}
	}
	return list
}

func otherCases() []fusedNode {
	x, skip, scale, bias := draw(1, 2, 3, 8), draw(2, 2, 3, 8), draw(3, 8), draw(4, 8)
	return []fusedNode{
		{"SkipLayerNormalization", ir.Pairs("epsilon", 1e-3), []*tensor.Tensor{x, skip, scale}, []bool{true}, false},
		{"SkipLayerNormalization", ir.Pairs("epsilon", 1e-3), []*tensor.Tensor{x, draw(5, 3, 8), scale, bias, draw(6, 8)}, []bool{true, false, false, true}, false},
		{"SkipSimplifiedLayerNormalization", ir.Pairs("epsilon", 1e-3), []*tensor.Tensor{x, skip, scale}, []bool{true}, false},
		{"SkipSimplifiedLayerNormalization", ir.Pairs("epsilon", 1e-3), []*tensor.Tensor{x, skip, scale, draw(6, 8)}, []bool{true, false, false, true}, false},
		{"QuickGelu", ir.Pairs("alpha", 1.3), []*tensor.Tensor{x}, []bool{true}, false},
		{"BiasGelu", nil, []*tensor.Tensor{x, bias}, []bool{true}, false},
		{"FastGelu", nil, []*tensor.Tensor{x, bias}, []bool{true}, false},
		{"FusedGemm", ir.Pairs("activation", "LeakyRelu", "activation_alpha", 0.3, "transB", 1, "alpha", 0.5), []*tensor.Tensor{draw(7, 3, 4), draw(8, 5, 4), draw(9, 5)}, []bool{true}, false},
		{"FusedGemm", ir.Pairs("activation", "Tanh"), []*tensor.Tensor{draw(7, 3, 4), draw(8, 4, 5)}, []bool{true}, false},
		{"MatMulNBits", ir.Pairs("bits", 4, "block_size", 16, "N", 3, "K", 40), []*tensor.Tensor{draw(10, 2, 40), packed(3, 3, 8), draw(11, 3, 3)}, []bool{true}, false},
		{"MatMulNBits", ir.Pairs("bits", 4, "block_size", 32, "N", 3, "K", 40), []*tensor.Tensor{draw(10, 2, 40), packed(3, 2, 16), draw(11, 3, 2), packed(3, 1)}, []bool{true}, false},
		{"MatMulNBits", ir.Pairs("bits", 8, "block_size", 16, "N", 3, "K", 40), []*tensor.Tensor{draw(10, 2, 40), packed(3, 3, 16), draw(11, 3, 3), packed(3, 3)}, []bool{true}, false},
		{"Gelu", nil, []*tensor.Tensor{x}, []bool{true}, false},
		{"FusedMatMul", ir.Pairs("alpha", 0.5, "transA", 1), []*tensor.Tensor{x, skip}, []bool{true}, false},
	}
}
