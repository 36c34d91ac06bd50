package op

import (
	"errors"
	"fmt"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// The inputs of GroupQueryAttention.
const (
	gqaQuery = iota
	gqaKey
	gqaValue
	gqaPastKey
	gqaPastValue
	gqaLast
	gqaTotal
	gqaCos
	gqaSin
	gqaPlaces
	gqaBias
	gqaSink
	gqaKeyScale
	gqaValueScale
	gqaQueryNorm
	gqaKeyNorm
	gqaQueryCounts
)

// groupQuery is attention of decoders, in which several query heads share one of
// keys and values (arXiv 2305.13245):
//
//	GroupQueryAttention(q, k?, v?, past_k?, past_v?, last, total, cos?, sin?,
//	  places?, attention_bias?, sink?, ...) -> y, present_k, present_v, scores?
//
// q, k and v are [batch, sequence, heads·size]; without k and v, q holds all
// three side by side. last is the place of each sequence's last key, and total
// the number of keys of the longest one. past and present are [batch, heads, at
// least total, size]; new keys go behind those that are there. Queries see no
// later keys if causal, and with local_window_size only so many. A sink is the
// score of a key without a value for each head (arXiv 2309.17453), 0 if
// smooth_softmax.
func groupQuery(b *ir.Builder, n *ir.Node, in []ir.ValueID) ([]ir.ValueID, error) {
	heads, err := headCount(n, "num_heads")
	if err != nil {
		return nil, err
	}
	shared, err := headCount(n, "kv_num_heads")
	if err == nil {
		err = knownGroupQuery(n, in)
	}
	if err != nil {
		return nil, err
	}
	q, k, v, err := groupHeads(b, in, heads, shared)
	if err != nil {
		return nil, err
	}
	g := groupAttention{b: b, n: n, in: in, length: b.Op("Shape", ir.Pairs("start", 2, "end", 3), q)}
	g.total = b.Op("Reshape", nil, longs(b, in[gqaTotal]), b.Ints(1))
	count := b.Op("Add", nil, b.Op("Reshape", nil, longs(b, in[gqaLast]), b.Ints(-1)), b.Ints(1))
	g.start = b.Op("Max", nil, b.Op("Sub", nil, count, g.length), b.Ints(0))
	if q, k, err = g.prepare(q, k); err != nil {
		return nil, err
	}
	keys, presentK := g.extend(orNone(in, gqaPastKey), k)
	values, presentV := g.extend(orNone(in, gqaPastValue), v)
	y, scores, err := g.attend(q, b.Node(Domain, "RepeatHeads", nil, 1, keys, q)[0], b.Node(Domain, "RepeatHeads", nil, 1, values, q)[0])
	return []ir.ValueID{y, presentK, presentV, scores}, err
}

// knownGroupQuery errs where a node asks for what is not computed.
func knownGroupQuery(n *ir.Node, in []ir.ValueID) error {
	switch {
	case orNone(in, gqaLast) == ir.None || orNone(in, gqaTotal) == ir.None:
		return errors.New("seqlens_k and total_sequence_length are needed")
	case orNone(in, gqaKeyScale) != ir.None || orNone(in, gqaValueScale) != ir.None:
		return errors.New("quantized caches of keys and values are not known")
	case orNone(in, gqaQueryCounts) != ir.None || n.Attrs.Bool("sliding_window_cache", false):
		return errors.New("query_seqlens and sliding_window_cache are not known")
	case orNone(in, gqaPastKey) == ir.None != (orNone(in, gqaPastValue) == ir.None):
		return errors.New("past keys and values are not both given")
	}
	return nil
}

// groupHeads returns queries, keys and values with their heads apart.
func groupHeads(b *ir.Builder, in []ir.ValueID, heads, shared int) (q, k, v ir.ValueID, err error) {
	switch k, v = orNone(in, gqaKey), orNone(in, gqaValue); {
	case k == ir.None != (v == ir.None):
		return 0, 0, 0, errors.New("keys and values are not both given")
	case k != ir.None:
		return splitHeads(b, in[0], heads), splitHeads(b, k, shared), splitHeads(b, v, shared), nil
	}
	packed := splitHeads(b, in[0], heads+2*shared)
	parts := b.Node("", "Split", ir.Pairs("axis", 1), 3, packed, b.Ints(heads, shared, shared))
	return parts[0], parts[1], parts[2], nil
}

// A groupAttention is the node in the making.
type groupAttention struct {
	b                    *ir.Builder
	n                    *ir.Node
	in                   []ir.ValueID
	length, total, start ir.ValueID // of the new ones, of all, and where the new ones go in each sequence
}

// prepare normalizes queries and keys and turns them by their places.
func (g *groupAttention) prepare(q, k ir.ValueID) (ir.ValueID, ir.ValueID, error) {
	b, n := g.b, g.n
	norms := []ir.ValueID{orNone(g.in, gqaQueryNorm), orNone(g.in, gqaKeyNorm)}
	both := []ir.ValueID{q, k}
	for i, name := range []string{"q_norm_epsilon", "k_norm_epsilon"} {
		if norms[i] != ir.None {
			epsilon := n.Attrs.Float(name, n.Attrs.Float("qk_norm_epsilon", 1e-6))
			both[i] = b.Op("RMSNormalization", ir.Pairs("epsilon", epsilon), both[i], norms[i])
		}
	}
	if !n.Attrs.Bool("do_rotary", false) {
		return both[0], both[1], nil
	}
	cos, sin := orNone(g.in, gqaCos), orNone(g.in, gqaSin)
	if cos == ir.None || sin == ir.None {
		return 0, 0, errors.New("do_rotary needs cos_cache and sin_cache")
	}
	places := g.places()
	size := b.Op("Mul", nil, b.Op("Shape", ir.Pairs("start", 1, "end", 2), cos), b.Ints(2))
	for i := range both {
		both[i] = turnHeads(b, both[i], cos, sin, places, size, n.Attrs.Bool("rotary_interleaved", false))
	}
	return both[0], both[1], nil
}

// places are those of the new elements, [batch, sequence]: behind the past ones,
// or given. Of a first prompt only the first one is taken from what is given.
func (g *groupAttention) places() ir.ValueID {
	b, number := g.b, func(v int64) ir.ValueID { return g.b.Const(tensor.Scalar(v)) }
	each := b.Op("Range", nil, number(0), b.Op("Squeeze", nil, g.length), number(1))
	ids := orNone(g.in, gqaPlaces)
	if ids == ir.None {
		return b.Op("Add", nil, b.Op("Unsqueeze", nil, g.start, b.Ints(1)), each)
	}
	first := b.Op("Slice", nil, b.Op("Reshape", nil, ids, b.Ints(-1)), b.Ints(0), b.Ints(1))
	return b.Op("Where", nil, b.Op("Equal", nil, g.total, g.length), b.Op("Add", nil, first, each), ids)
}

// extend writes new keys or values behind the past ones; it returns those that
// count, and the cache, which is longer if the past was.
func (g *groupAttention) extend(past, x ir.ValueID) (all, present ir.ValueID) {
	b := g.b
	room := g.total
	if past != ir.None {
		room = b.Op("Max", nil, b.Op("Sub", nil, g.total, b.Op("Shape", ir.Pairs("start", 2, "end", 3), past)), b.Ints(0))
	}
	shape := b.Op("Concat", ir.Pairs("axis", 0), b.Op("Shape", ir.Pairs("end", 2), x), room, b.Op("Shape", ir.Pairs("start", 3, "end", 4), x))
	buffer := b.Op("Expand", nil, b.Op("CastLike", nil, b.Const(tensor.Scalar[float32](0)), x), shape)
	if past != ir.None {
		buffer = b.Op("Concat", ir.Pairs("axis", 2), past, buffer)
	}
	present = b.Op("TensorScatter", ir.Pairs("axis", 2), buffer, x, g.start)
	return b.Op("Slice", nil, present, b.Ints(0), g.total, b.Ints(2)), present
}

// attend returns the output, and the scores at the stage that qk_output names: 1
// before the softmax, 2 behind it.
func (g *groupAttention) attend(q, keys, values ir.ValueID) (y, shown ir.ValueID, err error) {
	b, n := g.b, g.n
	turned := b.Op("Transpose", ir.Pairs("perm", []int{0, 1, 3, 2}), keys)
	scores := softcap(b, n, b.Op("MatMul", nil, scaledQuery(b, n, q), turned))
	if bias := orNone(g.in, gqaBias); bias != ir.None {
		scores = b.Op("Add", nil, scores, bias)
	}
	attrs := ir.Pairs("causal", n.Attrs.Bool("causal", true), "local_window_size", n.Attrs.Int("local_window_size", -1))
	window := b.Node(Domain, "WindowBias", attrs, 1, scores, g.in[gqaLast])[0]
	probabilities := g.softmax(b.Op("Add", nil, scores, window), q)
	y = joinHeads(b, b.Op("MatMul", nil, probabilities, values), 1)
	switch mode := n.Attrs.Int("qk_output", 0); mode {
	case 0:
		return y, ir.None, nil
	case 1:
		zero := b.Op("CastLike", nil, b.Const(tensor.Scalar[float32](0)), q)
		return y, b.Op("Where", nil, b.Op("IsInf", nil, window), zero, scores), nil
	case 2:
		return y, probabilities, nil
	default:
		return 0, 0, fmt.Errorf("qk_output is %d, not 0 to 2", mode)
	}
}

// softmax is over the keys, and the sink if there is one.
func (g *groupAttention) softmax(scores, q ir.ValueID) ir.ValueID {
	b := g.b
	sink := orNone(g.in, gqaSink)
	if sink == ir.None && !g.n.Attrs.Bool("smooth_softmax", false) {
		return b.Op("Softmax", ir.Pairs("axis", -1), scores)
	}
	if sink == ir.None {
		sink = b.Op("CastLike", nil, b.Const(tensor.Scalar[float32](0)), q)
	} else {
		sink = b.Op("Reshape", nil, sink, b.Ints(1, -1, 1, 1))
	}
	column := b.Op("Concat", ir.Pairs("axis", 0), b.Op("Shape", ir.Pairs("end", 3), scores), b.Ints(1))
	all := b.Op("Concat", ir.Pairs("axis", -1), scores, b.Op("Expand", nil, sink, column))
	p := b.Op("Softmax", ir.Pairs("axis", -1), all)
	return b.Op("Slice", nil, p, b.Ints(0), b.Ints(-1), b.Ints(-1))
}
