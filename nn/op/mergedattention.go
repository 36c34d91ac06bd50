package op

import (
	"errors"
	"fmt"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
)

// ONNX Runtime's attention operators, which its optimizer of transformers puts
// in place of the products, masks and softmax that exporters write:
//
//	Attention(x, weights, bias?, mask?, past?, attention_bias?, past_length?) -> y, present?
//	MultiHeadAttention(q, k?, v?, bias?, mask?, attention_bias?, past_k?, past_v?, past_length?)
//	  -> y, present_k?, present_v?, scores?
//
// Masks are those of KeyBias. Attention also projects x, by weights [width,
// widths of q, k and v]; past and present are [2, batch, heads, sequence, size].
// Where past_length is given, past is a buffer that holds so many and has room
// for more, and present is the buffer with the new ones in it.
var mergedAttentionOps = []Op{
	{Name: "Attention", Domain: microsoft, MinIn: 2, Body: mergedAttention},
	{Name: "MultiHeadAttention", Domain: microsoft, MinIn: 1, Body: multiHeadAttention},
	{Name: "GroupQueryAttention", Domain: microsoft, MinIn: 1, Body: groupQuery},
	{Name: "RotaryEmbedding", Domain: microsoft, MinIn: 4, Body: mergedRotary},
	{Name: "EmbedLayerNormalization", Domain: microsoft, MinIn: 1, Body: embedNorm},
	rotaryPlaces,
}

// orNone returns input i, None if it is left out.
func orNone(in []ir.ValueID, i int) ir.ValueID {
	if i >= len(in) {
		return ir.None
	}
	return in[i]
}

// A headAttention is softmax(q·kᵀ·scale + biases)·v for heads [batch, heads,
// sequence, size].
type headAttention struct {
	b                  *ir.Builder
	n                  *ir.Node
	q                  ir.ValueID
	keys, values       ir.ValueID // the past ones first
	mask, bias, pastOf ir.ValueID
	causal             bool
}

// run returns the output with its heads joined, and the scores that the softmax
// is taken of.
func (a *headAttention) run() (y, scores ir.ValueID) {
	b := a.b
	turned := b.Op("Transpose", ir.Pairs("perm", []int{0, 1, 3, 2}), a.keys)
	scores = b.Op("MatMul", nil, scaledQuery(b, a.n, a.q), turned)
	if a.causal || a.mask != ir.None {
		attrs := ir.Pairs("causal", a.causal, "mask_filter_value", a.n.Attrs.Float("mask_filter_value", -10000))
		scores = b.Op("Add", nil, scores, b.Node(Domain, "KeyBias", attrs, 1, scores, a.mask, a.pastOf)[0])
	}
	if a.bias != ir.None {
		scores = b.Op("Add", nil, scores, a.bias)
	}
	probabilities := b.Op("Softmax", ir.Pairs("axis", -1), scores)
	return joinHeads(b, b.Op("MatMul", nil, probabilities, a.values), 1), scores
}

// scaledQuery is scaleQuery with a scale of 0 for none.
func scaledQuery(b *ir.Builder, n *ir.Node, q ir.ValueID) ir.ValueID {
	if n.Attrs.Float("scale", 0) == 0 {
		return scaleQuery(b, &ir.Node{}, q)
	}
	return scaleQuery(b, n, q)
}

func headCount(n *ir.Node, name string) (int, error) {
	heads := n.Attrs.Int(name, 0)
	if heads <= 0 {
		return 0, fmt.Errorf("%s is %d; at least one head is needed", name, heads)
	}
	return heads, nil
}

func mergedAttention(b *ir.Builder, n *ir.Node, in []ir.ValueID) ([]ir.ValueID, error) {
	heads, err := headCount(n, "num_heads")
	if err != nil {
		return nil, err
	}
	if n.Attrs.Bool("do_rotary", false) {
		return nil, errors.New("do_rotary is only known for MultiHeadAttention behind RotaryEmbedding, and for GroupQueryAttention")
	}
	projected := addBias(b, b.Op("MatMul", nil, in[0], in[1]), in, 2)
	parts, err := splitProjection(b, n, projected)
	if err != nil {
		return nil, err
	}
	for i := range parts {
		parts[i] = splitHeads(b, parts[i], heads)
	}
	pastK, pastV := ir.ValueID(ir.None), ir.ValueID(ir.None)
	if past := orNone(in, 4); past != ir.None {
		halves := b.Node("", "Split", ir.Pairs("axis", 0, "num_outputs", 2), 2, past)
		pastK, pastV = b.Op("Squeeze", nil, halves[0], b.Ints(0)), b.Op("Squeeze", nil, halves[1], b.Ints(0))
	}
	c := cache{b, orNone(in, 6)}
	if !n.Attrs.Bool("past_present_share_buffer", false) {
		c.length = ir.None
	}
	pastK, keys, presentK := c.extend(pastK, parts[1])
	_, values, presentV := c.extend(pastV, parts[2])
	a := headAttention{b, n, parts[0], keys, values, orNone(in, 3), orNone(in, 5), pastK, n.Attrs.Bool("unidirectional", false)}
	y, _ := a.run()
	if len(n.Outputs) < 2 {
		return []ir.ValueID{y}, nil
	}
	first := b.Ints(0)
	present := b.Op("Concat", ir.Pairs("axis", 0), b.Op("Unsqueeze", nil, presentK, first), b.Op("Unsqueeze", nil, presentV, first))
	return []ir.ValueID{y, present}, nil
}

// splitProjection parts what the weights made into queries, keys and values.
func splitProjection(b *ir.Builder, n *ir.Node, x ir.ValueID) ([]ir.ValueID, error) {
	sizes := n.Attrs.Ints("qkv_hidden_sizes")
	switch len(sizes) {
	case 0:
		return slices.Clone(b.Node("", "Split", ir.Pairs("axis", -1, "num_outputs", 3), 3, x)), nil
	case 3:
		return slices.Clone(b.Node("", "Split", ir.Pairs("axis", -1), 3, x, b.Ints(sizes...))), nil
	}
	return nil, fmt.Errorf("qkv_hidden_sizes has %d numbers, not three", len(sizes))
}

func multiHeadAttention(b *ir.Builder, n *ir.Node, in []ir.ValueID) ([]ir.ValueID, error) {
	heads, err := headCount(n, "num_heads")
	if err != nil {
		return nil, err
	}
	if orNone(in, 9) != ir.None {
		return nil, errors.New("the cache of a beam search (cache_indirection) is not known")
	}
	parts, err := unpackHeads(b, in)
	if err != nil {
		return nil, err
	}
	if bias := orNone(in, 3); bias != ir.None {
		addProjectionBias(b, parts, bias)
	}
	for i := range parts {
		parts[i] = b.Node(Domain, "SplitHeads", ir.Pairs("heads", heads), 1, parts[i])[0]
	}
	c := cache{b, orNone(in, 8)}
	past, keys, presentK := c.extend(orNone(in, 6), parts[1])
	_, values, presentV := c.extend(orNone(in, 7), parts[2])
	a := headAttention{b, n, parts[0], keys, values, orNone(in, 4), orNone(in, 5), past, n.Attrs.Bool("unidirectional", false)}
	y, scores := a.run()
	return []ir.ValueID{y, presentK, presentV, scores}, nil
}

// unpackHeads returns queries, keys and values. Without keys the queries hold
// all three as [batch, sequence, heads, 3, size], and without values the keys
// hold both.
func unpackHeads(b *ir.Builder, in []ir.ValueID) ([]ir.ValueID, error) {
	unpack := func(x ir.ValueID, n int) []ir.ValueID {
		parts := slices.Clone(b.Node("", "Split", ir.Pairs("axis", 3, "num_outputs", n), n, x))
		for i := range parts {
			parts[i] = b.Op("Reshape", nil, parts[i], b.Ints(0, 0, -1))
		}
		return parts
	}
	q, k, v := in[0], orNone(in, 1), orNone(in, 2)
	switch {
	case k != ir.None && v != ir.None:
		return []ir.ValueID{q, k, v}, nil
	case k != ir.None:
		return append([]ir.ValueID{q}, unpack(k, 2)...), nil
	case v != ir.None:
		return nil, errors.New("there are values without keys")
	}
	return unpack(q, 3), nil
}

// addProjectionBias adds to queries, keys and values their parts of one vector.
func addProjectionBias(b *ir.Builder, parts []ir.ValueID, bias ir.ValueID) {
	at := b.Ints(0)
	for i, x := range parts {
		end := b.Op("Add", nil, at, b.Op("Shape", ir.Pairs("start", 2, "end", 3), x))
		parts[i] = b.Op("Add", nil, x, b.Op("Slice", nil, bias, at, end, b.Ints(0)))
		at = end
	}
}

// A cache joins new keys or values [batch, heads, sequence, size] to past ones.
type cache struct {
	b      *ir.Builder
	length ir.ValueID // how many a buffer holds, None if past ones are all there
}

// extend returns the past ones alone, all, and what is handed on; None and twice
// the new ones if there is no past.
func (c cache) extend(past, x ir.ValueID) (before, all, present ir.ValueID) {
	b := c.b
	switch {
	case past == ir.None:
		x = b.Op("Identity", nil, x)
		return ir.None, x, x
	case c.length == ir.None:
		all = b.Op("Concat", ir.Pairs("axis", 2), past, x)
		return past, all, all
	}
	length := longs(b, b.Op("Reshape", nil, c.length, b.Ints(1)))
	start := b.Op("Expand", nil, length, b.Op("Shape", ir.Pairs("end", 1), x))
	present = b.Op("TensorScatter", ir.Pairs("axis", 2), past, x, start)
	end := b.Op("Add", nil, length, b.Op("Shape", ir.Pairs("start", 2, "end", 3), x))
	zero, axis := b.Ints(0), b.Ints(2)
	return b.Op("Slice", nil, past, zero, length, axis), b.Op("Slice", nil, present, zero, end, axis), present
}

// longs makes int64 of integers.
func longs(b *ir.Builder, v ir.ValueID) ir.ValueID { return b.Op("CastLike", nil, v, b.Ints(0)) }
