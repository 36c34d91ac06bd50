package pass

import (
	"maps"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
)

// Bypass returns g without the nodes that hand their input on as it is:
// Identity, Dropout outside training, and casts to the type that is there
// already. What read their outputs reads their inputs. A node stays if its
// output is one of g's or is captured by a subgraph. The types are those that
// Infer found for g.
func Bypass(g *ir.Graph, types []op.Type) *ir.Graph {
	b := &bypassing{g: g.Clone(), types: types, uses: countUses(g), fixed: map[ir.ValueID]bool{}, source: map[ir.ValueID]ir.ValueID{}}
	for _, v := range g.Outputs {
		b.fixed[v] = true
	}
	for i := range g.Nodes {
		for _, v := range captured(&g.Nodes[i]) {
			b.fixed[v] = true
		}
	}
	kept := b.g.Nodes[:0]
	for _, n := range g.Nodes {
		n.Inputs = b.resolve(n.Inputs)
		if b.passes(&n) {
			b.source[n.Outputs[0]] = n.Inputs[0]
			continue
		}
		kept = append(kept, n)
	}
	b.g.Nodes = kept
	renumber(b.g)
	return b.g
}

type bypassing struct {
	g      *ir.Graph
	types  []op.Type
	uses   []int // readers of each value
	fixed  map[ir.ValueID]bool
	source map[ir.ValueID]ir.ValueID // of a value that is gone
}

func (b *bypassing) resolve(inputs []ir.ValueID) []ir.ValueID {
	out := slices.Clone(inputs)
	for i, v := range out {
		if s, ok := b.source[v]; ok {
			out[i] = s
		}
	}
	return out
}

// passes reports whether a node can go.
func (b *bypassing) passes(n *ir.Node) bool {
	if n.Domain != "" || len(n.Outputs) == 0 || n.Input(0) == ir.None || n.Outputs[0] == ir.None || b.fixed[n.Outputs[0]] {
		return false
	}
	switch n.Op {
	case "Identity":
		return true
	case "Cast":
		from, to := b.types[n.Inputs[0]].DType, b.types[n.Outputs[0]].DType
		return from != 0 && from == to
	case "Dropout":
		return b.isInference(n)
	}
	return false
}

// isInference reports whether a Dropout drops nothing and nobody asks what it
// dropped.
func (b *bypassing) isInference(n *ir.Node) bool {
	if mask := n.Output(1); mask != ir.None && (b.uses[mask] > 0 || b.fixed[mask]) {
		return false
	}
	training := n.Input(2)
	if training == ir.None {
		return true
	}
	flag := b.types[training].Value
	if flag == nil {
		return false
	}
	v, err := flag.Ints()
	return err == nil && len(v) == 1 && v[0] == 0
}

// countUses counts how often each value is read, captures included.
func countUses(g *ir.Graph) []int {
	uses := make([]int, len(g.Values))
	for i := range g.Nodes {
		for _, v := range g.Nodes[i].Reads() {
			uses[v]++
		}
	}
	return uses
}

// captured lists the values that a node's subgraphs read.
func captured(n *ir.Node) []ir.ValueID {
	var ids []ir.ValueID
	for _, sub := range n.Subgraphs() {
		ids = slices.AppendSeq(ids, maps.Values(sub.Captures))
	}
	return ids
}
