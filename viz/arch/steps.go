package arch

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/nn/ir"
)

// light are the classes of operators that may be drawn in the box of what they
// follow.
var light = []string{"norm", "activation", "math", "shape"}

// join finds the steps of a module: an operator with all light ones behind it
// that get their data from this step alone, such as a convolution with its
// normalization and activation. A file without modules, in which every
// activation is spelled out, is then as readable as its author thought of it.
// What joins a shortcut gets data from two steps and begins another.
func (s *network) join(m *module, named []string) {
	m.dissolve(named)
	m.steps = map[ir.NodeID][]ir.NodeID{}
	head := map[ir.NodeID]ir.NodeID{}
	for _, id := range m.nodes {
		head[id] = id
		if from, ok := s.follows(id, head); ok {
			head[id] = from
		}
		m.steps[head[id]] = append(m.steps[head[id]], id)
	}
}

// follows returns the one step that all data of a light node come from.
func (s *network) follows(id ir.NodeID, head map[ir.NodeID]ir.NodeID) (from ir.NodeID, ok bool) {
	if !slices.Contains(light, s.nodes[id].class) || s.readsInput(id) || len(s.flow.prev[id]) == 0 {
		return 0, false
	}
	for i, p := range s.flow.prev[id] {
		h, inside := head[p]
		if !inside || i > 0 && h != from {
			return 0, false
		}
		from = h
	}
	return from, true
}

func (s *network) readsInput(id ir.NodeID) bool {
	return slices.ContainsFunc(s.model.Net.Nodes[id].Reads(), func(v ir.ValueID) bool {
		return slices.Contains(s.model.Net.Inputs, s.origin(v))
	})
}

// dissolve takes in the nodes of folded modules of light operators, so that
// these can join a step, but for modules that the user names.
func (m *module) dissolve(named []string) {
	m.children = slices.DeleteFunc(m.children, func(c *module) bool {
		if c.open || len(c.children) > 0 || c.heavy > 0 || slices.Contains(named, c.path) {
			return false
		}
		m.nodes = append(m.nodes, c.nodes...)
		return true
	})
	slices.Sort(m.nodes)
}

// step draws an operator with those that follow it as one box.
func (d *drawing) step(ids []ir.NodeID, group int) {
	if len(ids) == 1 {
		d.operator(ids[0], group)
		return
	}
	d.joined += len(ids)
	var t sums
	for _, id := range ids {
		t.add(d.s.nodes[id].sums)
	}
	first, last := ids[0], ids[len(ids)-1]
	n := &d.s.model.Net.Nodes[first]
	facts := facttable{{Name: "operators", Value: figure.Thousands(int64(len(ids)))}, {Name: "behind the first", Value: list(d.names(ids[1:]), 20)}}
	facts.addSums(t)
	i := d.add(figure.GraphNode{
		ID: n.Name, Title: n.Op, Class: d.s.nodes[first].class, Group: group,
		Lines: d.text([]string{nodeWithin(n, d.path(group)), withOperators(d.operators(ids[1:]))}, last, t),
		Facts: append(nodeFacts(d.s, first), facts...),
	})
	for _, id := range ids {
		d.box[id] = i
	}
}

func (d *drawing) names(ids []ir.NodeID) (names []string) {
	for _, id := range ids {
		names = append(names, d.s.model.Net.Nodes[id].Name)
	}
	return names
}

// operators lists the operators of nodes, each once.
func (d *drawing) operators(ids []ir.NodeID) (ops []string) {
	for _, id := range ids {
		if op := d.s.model.Net.Nodes[id].Op; !slices.Contains(ops, op) {
			ops = append(ops, op)
		}
	}
	return ops
}

func withOperators(ops []string) string {
	const most = 3
	if len(ops) > most {
		return "with " + strings.Join(ops[:most-1], ", ") + fmt.Sprintf(" and %d others", len(ops)-most+1)
	}
	return "with " + strings.Join(ops, ", ")
}
