package op

import (
	"fmt"

	"github.com/tomo-viz/tomo/nn/ir"
)

// linearAttention keeps, in place of past keys and values, one matrix for each
// head that is made of their products (arXiv 2006.16236), which may decay (arXiv
// 2312.06635) and in which a key's old value is replaced (arXiv 2412.06464):
//
//	LinearAttention(q, k, v, past?, decay?, beta?) -> y, present
//
// q, k and v are [batch, sequence, heads·size], the state is [batch, heads, size
// of a key, size of a value]. The attribute update_rule says what is given:
// linear, gated by decay, delta with the rates beta, or gated_delta with both.
func linearAttention(b *ir.Builder, n *ir.Node, in []ir.ValueID) ([]ir.ValueID, error) {
	heads, err := headCount(n, "q_num_heads")
	if err != nil {
		return nil, err
	}
	shared, err := headCount(n, "kv_num_heads")
	if err != nil {
		return nil, err
	}
	past, decay, beta := orNone(in, 3), orNone(in, 4), orNone(in, 5)
	rule := n.Attrs.Str("update_rule", "gated_delta")
	gated, delta := rule == "gated" || rule == "gated_delta", rule == "delta" || rule == "gated_delta"
	switch {
	case !gated && !delta && rule != "linear":
		return nil, fmt.Errorf("the update_rule %q is not one of linear, gated, delta, gated_delta", rule)
	case gated != (decay != ir.None) || delta != (beta != ir.None):
		return nil, fmt.Errorf("decay goes with the rules gated and gated_delta, beta with delta and gated_delta; the rule is %s", rule)
	}
	if gated {
		decay = splitHeads(b, decay, shared)
	}
	if delta { // one rate for each head, or for all
		beta = b.Op("Unsqueeze", nil, b.Op("Transpose", ir.Pairs("perm", []int{0, 2, 1}), beta), b.Ints(3))
	}
	scale := ir.Pairs("scale", n.Attrs.Float("scale", 0))
	out := b.Node(Domain, "LinearRecurrence", scale, 2, splitHeads(b, in[0], heads), splitHeads(b, in[1], shared), splitHeads(b, in[2], shared), past, decay, beta)
	return []ir.ValueID{joinHeads(b, out[0], 1), out[1]}, nil
}
