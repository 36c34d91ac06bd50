package pass

import (
	"github.com/tomo-viz/tomo/nn/ir"
)

// Respell returns g with nodes written in other words. For each node in order,
// write returns the values that the node's outputs are, which it may append
// nodes of the newest opset for, or nil to leave the node as it is.
func Respell(g *ir.Graph, write func(b *ir.Builder, n *ir.Node) []ir.ValueID) *ir.Graph {
	c := g.Clone()
	c.Opsets = map[string]int{"": ir.LatestOpset}
	for domain, version := range g.Opsets {
		if domain != "" {
			c.Opsets[domain] = version
		}
	}
	b := ir.NewBuilder(c, "")
	c.Nodes = make([]ir.Node, 0, len(g.Nodes))
	for i := range g.Nodes {
		n := g.Nodes[i]
		b.Prefix, b.Module = n.Name+"/", n.Module
		made := write(b, &n)
		if made == nil {
			c.Nodes = append(c.Nodes, n)
			continue
		}
		for k, v := range made {
			same := ir.Node{
				Name: b.Unique(n.Name + "/same"), Op: "Identity", Version: ir.LatestOpset, Module: n.Module,
				Inputs: []ir.ValueID{v}, Outputs: []ir.ValueID{n.Outputs[k]},
			}
			c.Nodes = append(c.Nodes, same)
		}
	}
	renumber(c)
	return c
}
