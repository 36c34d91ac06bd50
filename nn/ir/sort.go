package ir

import (
	"fmt"
	"slices"
	"strings"
)

// Sort puts the nodes in topological order, keeping the file's order among
// those that are free to run. It errs on a cycle and names its nodes.
func (g *Graph) Sort() error {
	waits := make([]int, len(g.Nodes)) // values yet to be made
	for i := range g.Nodes {
		for _, v := range unique(g.Nodes[i].Reads()) {
			if g.Values[v].Producer != None {
				waits[i]++
			}
		}
	}
	uses := g.Consumers()
	var ready nodeHeap
	for i, w := range waits {
		if w == 0 {
			ready.push(NodeID(i))
		}
	}
	order := make([]NodeID, 0, len(g.Nodes))
	for len(ready) > 0 {
		id := ready.pop()
		order = append(order, id)
		for _, v := range g.Nodes[id].Outputs {
			if v == None {
				continue
			}
			for _, u := range uses[v] {
				if waits[u]--; waits[u] == 0 {
					ready.push(u)
				}
			}
		}
	}
	if len(order) < len(g.Nodes) {
		return g.cycleError(waits)
	}
	g.permute(order)
	return nil
}

func (g *Graph) cycleError(waits []int) error {
	var names []string
	for i, w := range waits {
		if w > 0 {
			names = append(names, g.Nodes[i].Name)
		}
	}
	more := ""
	if len(names) > 5 {
		names, more = names[:5], ", ..."
	}
	return fmt.Errorf("the graph has a cycle, which no model may have; it runs through or feeds %s%s", strings.Join(names, ", "), more)
}

// permute reorders the nodes and renumbers the producers.
func (g *Graph) permute(order []NodeID) {
	nodes := make([]Node, len(order))
	for i, id := range order {
		nodes[i] = g.Nodes[id]
		for _, v := range nodes[i].Outputs {
			if v != None {
				g.Values[v].Producer = NodeID(i)
			}
		}
	}
	g.Nodes = nodes
}

func unique(ids []ValueID) []ValueID {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	return slices.Compact(ids)
}

// A nodeHeap is a binary min-heap of node IDs.
type nodeHeap []NodeID

func (h *nodeHeap) push(id NodeID) {
	*h = append(*h, id)
	s := *h
	for i := len(s) - 1; i > 0; {
		p := (i - 1) / 2
		if s[p] <= s[i] {
			break
		}
		s[p], s[i] = s[i], s[p]
		i = p
	}
}

func (h *nodeHeap) pop() NodeID {
	s := *h
	top := s[0]
	last := len(s) - 1
	s[0] = s[last]
	s = s[:last]
	*h = s
	for i := 0; ; {
		c := 2*i + 1
		if c >= len(s) {
			return top
		}
		if c+1 < len(s) && s[c+1] < s[c] {
			c++
		}
		if s[i] <= s[c] {
			return top
		}
		s[i], s[c] = s[c], s[i]
		i = c
	}
}

// Needed marks the nodes that must run to make the fetched values when the fed
// values are given. Constants are always given.
func (g *Graph) Needed(fetch, feeds []ValueID) []bool {
	given := make([]bool, len(g.Values))
	for _, v := range feeds {
		given[v] = true
	}
	needed := make([]bool, len(g.Nodes))
	stack := slices.Clone(fetch)
	for len(stack) > 0 {
		v := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		p := g.Values[v].Producer
		if given[v] || p == None || needed[p] {
			continue
		}
		needed[p] = true
		stack = append(stack, g.Nodes[p].Reads()...)
	}
	return needed
}
