package pass

import (
	"github.com/tomo-viz/tomo/nn/ir"
)

// Twin returns g with a second copy of everything that depends on the given
// inputs, which reads twins of them, and what is the twin of each value. So one
// run carries two pictures, whatever the network does with its batch. A value
// that does not depend on the inputs has no twin.
func Twin(g *ir.Graph, inputs ...ir.ValueID) (*ir.Graph, map[ir.ValueID]ir.ValueID, error) {
	c, twins := g.Clone(), map[ir.ValueID]ir.ValueID{}
	b := ir.NewBuilder(c, "")
	for _, v := range inputs {
		twins[v] = c.AddInput(b.Unique("twin/"+g.Values[v].Name), g.Values[v].DType, g.Values[v].Shape)
	}
	of := func(v ir.ValueID) ir.ValueID {
		if twin, ok := twins[v]; ok {
			return twin
		}
		return v
	}
	for i := range g.Nodes {
		n := g.Nodes[i]
		if !dependsOn(&n, twins) {
			continue
		}
		n.Name = b.Unique("twin/" + n.Name)
		n.Inputs, n.Outputs = mapIDs(n.Inputs, of), mapIDs(n.Outputs, func(v ir.ValueID) ir.ValueID {
			twins[v] = c.AddValue(ir.Value{Name: b.Unique("twin/" + g.Values[v].Name), DType: g.Values[v].DType, Shape: g.Values[v].Shape, Kind: g.Values[v].Kind})
			return twins[v]
		})
		n.Attrs = mapGraphs(n.Attrs, func(sub *ir.Graph) *ir.Graph {
			s := *sub
			s.Captures = map[ir.ValueID]ir.ValueID{}
			for inside, outside := range sub.Captures {
				s.Captures[inside] = of(outside)
			}
			return &s
		})
		if _, err := c.AddNode(n); err != nil {
			return nil, nil, err
		}
	}
	return c, twins, nil
}

func dependsOn(n *ir.Node, values map[ir.ValueID]ir.ValueID) bool {
	for _, v := range n.Reads() {
		if _, ok := values[v]; ok {
			return true
		}
	}
	return false
}

// mapIDs returns what f makes of each value, None for those left out.
func mapIDs(ids []ir.ValueID, f func(ir.ValueID) ir.ValueID) []ir.ValueID {
	out := make([]ir.ValueID, len(ids))
	for i, v := range ids {
		if out[i] = ir.None; v != ir.None {
			out[i] = f(v)
		}
	}
	return out
}
