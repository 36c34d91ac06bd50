package op

import (
	"fmt"
	"math"

	"github.com/tomo-viz/tomo/nn/ir"
)

// preview is the domain of operators that ONNX tries out.
const preview = "ai.onnx.preview"

// flexAttention is softmax(mod(q·kᵀ·scale))·v with graphs for what is done to
// scores and to probabilities (arXiv 2412.05496), for q, k and v [batch, heads,
// sequence, size]; query heads may share those of k and v.
func flexAttention(b *ir.Builder, n *ir.Node, in []ir.ValueID) ([]ir.ValueID, error) {
	q := in[0]
	k := b.Node(Domain, "RepeatHeads", nil, 1, in[1], q)[0]
	v := b.Node(Domain, "RepeatHeads", nil, 1, in[2], q)[0]
	// The root of the scale goes to either side, which keeps 16 bits in range.
	q, k = halfScaled(b, n, q, q, 1), halfScaled(b, n, k, q, math.Copysign(1, n.Attrs.Float("scale", 1)))
	scores := b.Op("MatMul", nil, q, b.Op("Transpose", ir.Pairs("perm", []int{0, 1, 3, 2}), k))
	precision := n.Attrs.Int("softmax_precision", 0)
	if precision != 0 {
		scores = b.Op("Cast", ir.Pairs("to", precision), scores)
	}
	scores, err := modified(b, n, "score_mod", scores)
	if err != nil {
		return nil, err
	}
	p, err := modified(b, n, "prob_mod", b.Op("Softmax", ir.Pairs("axis", -1), scores))
	if err != nil {
		return nil, err
	}
	y := b.Op("MatMul", nil, p, b.Op("CastLike", nil, v, p))
	return []ir.ValueID{b.Op("CastLike", nil, y, v)}, nil
}

// halfScaled multiplies by the root of the scale's magnitude, and by a sign. The
// scale is one over the root of the size of a head unless it is given.
func halfScaled(b *ir.Builder, n *ir.Node, x, q ir.ValueID, sign float64) ir.ValueID {
	if n.Attrs.Has("scale") {
		return b.Op("Affine", ir.Pairs("alpha", sign*math.Sqrt(math.Abs(n.Attrs.Float("scale", 1))), "beta", 0.0), x)
	}
	size := b.Op("CastLike", nil, b.Op("Shape", ir.Pairs("start", 3, "end", 4), q), x)
	return b.Op("Div", nil, x, b.Op("Sqrt", nil, b.Op("Sqrt", nil, size)))
}

// modified writes the graph of an attribute, a function of one value, in place.
func modified(b *ir.Builder, n *ir.Node, attr string, x ir.ValueID) (ir.ValueID, error) {
	g, ok := n.Attrs[attr].Value.(*ir.Graph)
	if !ok {
		return x, nil
	}
	if len(g.Inputs) != 1 || len(g.Outputs) != 1 || len(g.Captures) > 0 {
		return 0, fmt.Errorf("%s takes %d values and %d from outside and gives %d, not one and none and one", attr, len(g.Inputs), len(g.Captures), len(g.Outputs))
	}
	ids := map[ir.ValueID]ir.ValueID{ir.None: ir.None, g.Inputs[0]: x}
	at := func(v ir.ValueID) ir.ValueID {
		if _, ok := ids[v]; !ok {
			ids[v] = ir.None // which the operator will miss
			if c := g.Values[v].Const; c != nil {
				ids[v] = b.Const(c)
			}
		}
		return ids[v]
	}
	for i := range g.Nodes {
		inner := &g.Nodes[i]
		if len(inner.Subgraphs()) > 0 {
			return 0, fmt.Errorf("%s has branches or loops, which are not known there", attr)
		}
		outputs := b.Node(inner.Domain, inner.Op, inner.Attrs, len(inner.Outputs), mapTo(inner.Inputs, at)...)
		b.G.Nodes[len(b.G.Nodes)-1].Version = inner.Version
		for k, v := range inner.Outputs {
			if v != ir.None {
				ids[v] = outputs[k]
			}
		}
	}
	return at(g.Outputs[0]), nil
}
