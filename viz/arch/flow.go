package arch

import (
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
)

// A flow is how data goes between the shown nodes, by NodeID.
type flow struct{ next, prev [][]ir.NodeID }

// trace follows the data of every shown node back to the shown nodes that make
// it.
func (s *network) trace() *flow {
	g := s.model.Net
	f := &flow{make([][]ir.NodeID, len(g.Nodes)), make([][]ir.NodeID, len(g.Nodes))}
	for i := range g.Nodes {
		if s.nodes[i].hidden {
			continue
		}
		for _, v := range g.Nodes[i].Reads() {
			p := g.Values[s.origin(v)].Producer
			if p != ir.None && !s.nodes[p].hidden {
				f.prev[i] = append(f.prev[i], p)
				f.next[p] = append(f.next[p], ir.NodeID(i))
			}
		}
	}
	return f
}

// origin looks through hidden nodes that pass on what they are given, such as
// the quantizers between the layers of a quantized network.
func (s *network) origin(v ir.ValueID) ir.ValueID {
	for {
		p := s.model.Net.Values[v].Producer
		if p == ir.None || !s.nodes[p].passes {
			return v
		}
		v = s.model.Net.Nodes[p].Inputs[0]
	}
}

// gather moves nodes that stand directly in m, but between nodes of one of its
// modules, into that module: a function that the author of the network calls
// from outside a module leaves its nodes outside. So no data leaves a folded
// box and comes back into it.
func (f *flow) gather(m *module) {
	direct := map[ir.NodeID]bool{}
	for _, id := range m.nodes {
		direct[id] = true
	}
	for _, c := range m.children {
		inside := c.all(nil)
		behind, before := reach(inside, f.next, direct), reach(inside, f.prev, direct)
		for _, id := range m.nodes {
			if behind[id] && before[id] {
				c.nodes = append(c.nodes, id)
				delete(direct, id)
			}
		}
	}
	var kept []ir.NodeID
	for _, id := range m.nodes {
		if direct[id] {
			kept = append(kept, id)
		}
	}
	m.nodes = kept
	for _, c := range m.children {
		f.gather(c)
	}
}

// reach returns the allowed nodes that a walk from the given ones over allowed
// nodes comes to.
func reach(start []ir.NodeID, next [][]ir.NodeID, allowed map[ir.NodeID]bool) map[ir.NodeID]bool {
	seen := map[ir.NodeID]bool{}
	from := slices.Clone(start)
	for len(from) > 0 {
		id := from[len(from)-1]
		from = from[:len(from)-1]
		for _, to := range next[id] {
			if allowed[to] && !seen[to] {
				seen[to] = true
				from = append(from, to)
			}
		}
	}
	return seen
}

// isLoose reports whether no node directly in m feeds another: such a module
// was called in several places, as an activation may be, and has no place of
// its own.
func (f *flow) isLoose(m *module) bool {
	inside := map[ir.NodeID]bool{}
	for _, id := range m.nodes {
		inside[id] = true
	}
	for _, id := range m.nodes {
		for _, to := range f.next[id] {
			if inside[to] {
				return false
			}
		}
	}
	return true
}
