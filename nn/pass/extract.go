package pass

import (
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
)

// Extract returns the part of g that makes the fetched values from the fed
// ones: feeds become the inputs, whatever made them before, and fetch the
// outputs. A constant that is fed is no constant any more.
func Extract(g *ir.Graph, feeds, fetch []ir.ValueID) *ir.Graph {
	c := g.Clone()
	c.Inputs, c.Outputs = slices.Clone(feeds), slices.Clone(fetch)
	fed := make(map[ir.ValueID]bool, len(feeds))
	for _, v := range feeds {
		fed[v] = true
		c.Values[v].Const, c.Values[v].Missing = nil, ""
	}
	for i := range c.Nodes {
		c.Nodes[i] = without(c.Nodes[i], fed)
	}
	renumber(c)
	return prune(c)
}

// without returns n with the fed ones left out of its outputs.
func without(n ir.Node, fed map[ir.ValueID]bool) ir.Node {
	for i, v := range n.Outputs {
		if fed[v] {
			outputs := slices.Clone(n.Outputs)
			outputs[i] = ir.None
			n.Outputs = outputs
		}
	}
	return n
}

// Prune returns g without the nodes that none of its outputs needs.
func Prune(g *ir.Graph) *ir.Graph { return prune(g.Clone()) }

// prune changes g itself.
func prune(g *ir.Graph) *ir.Graph {
	needed := g.Needed(g.Outputs, nil)
	kept := g.Nodes[:0]
	for i, n := range g.Nodes {
		if needed[i] {
			kept = append(kept, n)
		}
	}
	g.Nodes = kept
	renumber(g)
	return g
}
