package op

import (
	"fmt"

	"github.com/tomo-viz/tomo/nn/ir"
)

var attentionOps = []Op{
	{Name: "Attention", MinIn: 3, Body: attentionBody},
	{Name: "RotaryEmbedding", MinIn: 3, Body: rotaryBody},
	{Name: "FlexAttention", Domain: preview, MinIn: 3, Body: flexAttention},
	{Name: "LinearAttention", MinIn: 3, Body: linearAttention},
	linearRecurrence, linearRecurrenceGrad,
	{Name: "CausalConvWithState", MinIn: 2, Body: causalConv},
	{Name: "SwiGLU", MinIn: 2, Body: swigluBody},
	maskScores, maskedSoftmax, repeatHeads, moveBackward(repeatHeads),
}

// The inputs of Attention (opset 23; the last one 24).
const (
	attnMask = 3 + iota
	attnPastKey
	attnPastValue
	attnNonpad
)

// attentionBody is softmax(Q·Kᵀ·scale + bias)·V (arXiv 1706.03762), for Q, K
// and V of shape [batch, heads, sequence, size], or [batch, sequence,
// heads·size] where the attributes name the heads. Outputs: Y, the keys and
// values with the past ones before them, and the scores at the stage that
// qk_matmul_output_mode names: 0 scaled, 1 soft-capped, 2 masked, 3 softmax.
func attentionBody(b *ir.Builder, n *ir.Node, in []ir.ValueID) ([]ir.ValueID, error) {
	qHeads, kvHeads := n.Attrs.Int("q_num_heads", 0), n.Attrs.Int("kv_num_heads", 0)
	if (qHeads > 0) != (kvHeads > 0) {
		return nil, fmt.Errorf("q_num_heads is %d and kv_num_heads %d; both or none are needed", qHeads, kvHeads)
	}
	q := splitHeads(b, in[0], qHeads)
	k := afterPast(b, opt(in, attnPastKey), splitHeads(b, in[1], kvHeads), len(in) > attnPastKey)
	v := afterPast(b, opt(in, attnPastValue), splitHeads(b, in[2], kvHeads), len(in) > attnPastValue)
	keys, values := k, v
	if qHeads == 0 || qHeads != kvHeads {
		keys = b.Node(Domain, "RepeatHeads", nil, 1, k, q)[0]
		values = b.Node(Domain, "RepeatHeads", nil, 1, v, q)[0]
	}
	scaled := b.Op("MatMul", nil, scaleQuery(b, n, q), b.Op("Transpose", ir.Pairs("perm", []int{0, 1, 3, 2}), keys))
	capped := softcap(b, n, scaled)
	masked, probabilities := maskAndNormalize(b, n, in, capped, q)
	y := joinHeads(b, b.Op("MatMul", nil, probabilities, values), qHeads)
	stages := []ir.ValueID{scaled, capped, masked, probabilities}
	mode := n.Attrs.Int("qk_matmul_output_mode", 0)
	if mode < 0 || mode >= len(stages) {
		return nil, fmt.Errorf("qk_matmul_output_mode is %d, not 0 to 3", mode)
	}
	return []ir.ValueID{y, k, v, stages[mode]}, nil
}

// splitHeads makes [batch, heads, sequence, size] of [batch, sequence,
// heads·size]; heads 0 means that they are split already.
func splitHeads(b *ir.Builder, x ir.ValueID, heads int) ir.ValueID {
	if heads == 0 {
		return x
	}
	x = b.Op("Reshape", nil, x, b.Ints(0, 0, heads, -1))
	return b.Op("Transpose", ir.Pairs("perm", []int{0, 2, 1, 3}), x)
}

func joinHeads(b *ir.Builder, x ir.ValueID, heads int) ir.ValueID {
	if heads == 0 {
		return x
	}
	x = b.Op("Transpose", ir.Pairs("perm", []int{0, 2, 1, 3}), x)
	return b.Op("Reshape", nil, x, b.Ints(0, 0, -1))
}

func afterPast(b *ir.Builder, past, x ir.ValueID, given bool) ir.ValueID {
	if !given || past == ir.None {
		return b.Op("Identity", nil, x)
	}
	return b.Op("Concat", ir.Pairs("axis", 2), past, x)
}

// scaleQuery multiplies by the attribute scale, or divides by the square root
// of the size of a head.
func scaleQuery(b *ir.Builder, n *ir.Node, q ir.ValueID) ir.ValueID {
	if n.Attrs.Has("scale") {
		return b.Op("Affine", ir.Pairs("alpha", n.Attrs.Float("scale", 1), "beta", 0.0), q)
	}
	size := b.Op("CastLike", nil, b.Op("Shape", ir.Pairs("start", 3, "end", 4), q), q)
	return b.Op("Div", nil, q, b.Op("Sqrt", nil, size))
}

// softcap squeezes scores into (-c, c) smoothly (arXiv 2408.00118, section 2).
func softcap(b *ir.Builder, n *ir.Node, scores ir.ValueID) ir.ValueID {
	c := n.Attrs.Float("softcap", 0)
	if c == 0 {
		return scores
	}
	scores = b.Op("Affine", ir.Pairs("alpha", 1/c, "beta", 0.0), scores)
	return b.Op("Affine", ir.Pairs("alpha", c, "beta", 0.0), b.Op("Tanh", nil, scores))
}

// maskAndNormalize adds the bias of masks, and takes the softmax in the
// precision asked for. Rows of which nothing is left, as masks given as inputs
// may have, become zeros.
func maskAndNormalize(b *ir.Builder, n *ir.Node, in []ir.ValueID, scores, q ir.ValueID) (masked, p ir.ValueID) {
	given := func(i int) bool { return i < len(in) && in[i] != ir.None }
	masked = scores
	causal := n.Attrs.Bool("is_causal", false)
	if causal || given(attnMask) || given(attnNonpad) {
		inputs := []ir.ValueID{scores, ir.None, ir.None, ir.None}
		for i, from := range []int{attnMask, attnPastKey, attnNonpad} {
			if given(from) {
				inputs[i+1] = in[from]
			}
		}
		masked = b.Node(Domain, "MaskScores", ir.Pairs("is_causal", causal), 1, inputs...)[0]
	}
	p = masked
	precision := n.Attrs.Int("softmax_precision", 0)
	if precision != 0 {
		p = b.Op("Cast", ir.Pairs("to", precision), p)
	}
	if given(attnMask) || given(attnNonpad) {
		p = b.Node(Domain, "MaskedSoftmax", nil, 1, p)[0]
	} else {
		p = b.Op("Softmax", ir.Pairs("axis", -1), p)
	}
	if precision != 0 {
		p = b.Op("CastLike", nil, p, q)
	}
	return masked, p
}

// swigluBody is swish(a)·b (arXiv 2002.05202).
func swigluBody(b *ir.Builder, n *ir.Node, in []ir.ValueID) ([]ir.ValueID, error) {
	gate := b.Op("Swish", ir.Pairs("alpha", n.Attrs.Float("alpha", 1)), in[0])
	return []ir.ValueID{b.Op("Mul", nil, gate, in[1])}, nil
}
