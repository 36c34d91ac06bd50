package model

import (
	"slices"

	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/pass"
)

// An Attention is one attention of a graph, found by its shape: a softmax of
// the products of queries and keys, by which values are multiplied.
type Attention struct {
	// Probabilities is what the softmax gives, [N, heads, queries, keys]; None
	// where one operator computes all of the attention.
	Probabilities ir.ValueID
	// Node computes the probabilities, or all of it.
	Node ir.NodeID
}

// fusedAttention are operators that hold all of an attention.
var fusedAttention = []string{"Attention", "MultiHeadAttention", "PackedMultiHeadAttention", "PackedAttention", "GroupQueryAttention", "DecoderMaskedMultiHeadAttention"}

// Attentions finds those of a graph, in the order of computation.
func Attentions(g *ir.Graph) []Attention {
	consumers := g.Consumers()
	var out []Attention
	for i := range g.Nodes {
		n := &g.Nodes[i]
		switch {
		case slices.Contains(fusedAttention, n.Op):
			out = append(out, Attention{ir.None, ir.NodeID(i)})
		case (n.Op == "Softmax" || n.Op == "MaskedSoftmax") && comesFromProduct(g, n.Input(0)):
			if p := multiplier(g, consumers, n.Output(0)); p != ir.None {
				out = append(out, Attention{p, ir.NodeID(i)})
			}
		}
	}
	return out
}

// WrittenOut returns the network with the operators that Tomo composes of
// others, such as Attention, written out, and a session that runs it. Values of
// Net are the same values in it.
func (m *Model) WrittenOut() (*ir.Graph, *exec.Session, error) {
	m.writtenOnce.Do(func() {
		g, err := pass.Inline(m.Net)
		m.writtenErr = err
		switch {
		case err != nil:
		case g == m.Net:
			m.written = m.Session()
		default:
			m.written = exec.NewSession(g, m.executor)
		}
	})
	if m.writtenErr != nil {
		return nil, nil, fault.AsUser(m.writtenErr)
	}
	return m.written.Graph(), m.written, nil
}

// Between a product and the softmax stand scales, masks and biases; between the
// softmax and the values what leaves out or mends single numbers.
var (
	beforeSoftmax = []string{"Mul", "MaskScores", "CastLike", "Affine", "Div", "Add", "Sub", "Where", "Cast", "Identity", "Reshape", "Clip"}
	afterSoftmax  = []string{"Dropout", "CastLike", "Cast", "Identity", "Where", "Reshape"}
)

// maxSteps bounds how far from a softmax its products are looked for.
const maxSteps = 8

func comesFromProduct(g *ir.Graph, v ir.ValueID) bool {
	front := []ir.ValueID{v}
	for range maxSteps {
		var next []ir.ValueID
		for _, v := range front {
			if v == ir.None || g.Values[v].Producer == ir.None {
				continue
			}
			n := &g.Nodes[g.Values[v].Producer]
			switch {
			case n.Op == "MatMul" || n.Op == "FusedMatMul" || n.Op == "Einsum":
				return true
			case slices.Contains(beforeSoftmax, n.Op):
				next = append(next, n.Inputs...)
			}
		}
		front = next
	}
	return false
}

// multiplier follows probabilities to where they are a product's first matrix,
// and returns them as they enter it.
func multiplier(g *ir.Graph, consumers [][]ir.NodeID, v ir.ValueID) ir.ValueID {
	for range maxSteps {
		next := ir.ValueID(ir.None)
		for _, c := range consumers[v] {
			n := &g.Nodes[c]
			switch {
			case (n.Op == "MatMul" || n.Op == "FusedMatMul" || n.Op == "Einsum") && n.Input(0) == v:
				return v
			case slices.Contains(afterSoftmax, n.Op):
				next = n.Output(0)
			}
		}
		if next == ir.None {
			return ir.None
		}
		v = next
	}
	return ir.None
}

// NormBefore returns the normalized value that an attention's queries, keys and
// values are projections of; None if none is found.
func (m *Model) NormBefore(a Attention) ir.ValueID {
	needed := m.Net.Needed(m.Net.Nodes[a.Node].Outputs, nil)
	consumers := m.Net.Consumers()
	for i := int(a.Node) - 1; i >= 0; i-- {
		if n := &m.Net.Nodes[i]; needed[i] && m.normalizes(n) {
			return m.withScale(consumers, n.Output(0))
		}
	}
	return ir.None
}

var normalizations = []string{"LayerNormalization", "SkipLayerNormalization", "SimplifiedLayerNormalization", "RMSNormalization", "SkipSimplifiedLayerNormalization"}

// normalizes recognizes a normalization over places, also where it is spelled
// in its parts, of which the last but scale and shift divides one computed
// value by another.
func (m *Model) normalizes(n *ir.Node) bool {
	if n.Output(0) == ir.None || !m.Spatial(n.Output(0)) {
		return false
	}
	computed := func(v ir.ValueID) bool {
		return v != ir.None && m.Net.Values[v].Producer != ir.None && m.Types[v].Value == nil
	}
	return slices.Contains(normalizations, n.Op) || n.Op == "Div" && computed(n.Input(0)) && computed(n.Input(1))
}

// withScale follows a value through what multiplies it by weights and adds
// some.
func (m *Model) withScale(consumers [][]ir.NodeID, v ir.ValueID) ir.ValueID {
	for _, op := range []string{"Mul", "Add"} {
		if len(consumers[v]) != 1 {
			break
		}
		n := &m.Net.Nodes[consumers[v][0]]
		if n.Op != op || !slices.ContainsFunc(n.Inputs, func(in ir.ValueID) bool { return m.Net.Values[in].Const != nil }) {
			break
		}
		v = n.Output(0)
	}
	return v
}
