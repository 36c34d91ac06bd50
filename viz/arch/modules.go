package arch

import (
	"strings"

	"github.com/tomo-viz/tomo/nn/ir"
)

// A module is a part of the network with a path, such as "layer1.0"; the root
// has the empty path.
type module struct {
	path     string
	name     string // the last part of the path
	parent   *module
	children []*module
	nodes    []ir.NodeID // directly inside, without the hidden ones
	sums     sums        // over all below
	first    ir.NodeID   // in order of computation, of all below
	last     ir.NodeID
	open     bool
}

// modulesOf builds the tree of the modules that hold shown nodes. A module
// that holds nothing but one other, or one node, is left out: it would be a
// box around a box.
func modulesOf(s *network) *module {
	root := &module{open: true}
	byPath := map[string]*module{"": root}
	for i := range s.nodes {
		if s.nodes[i].hidden {
			continue
		}
		m := find(byPath, s.model.Net.Nodes[i].Module)
		m.nodes = append(m.nodes, ir.NodeID(i))
	}
	root.prune()
	root.finish(s)
	return root
}

func find(byPath map[string]*module, path string) *module {
	if m := byPath[path]; m != nil {
		return m
	}
	up, name := "", path
	if i := strings.LastIndexByte(path, '.'); i >= 0 {
		up, name = path[:i], path[i+1:]
	}
	parent := find(byPath, up)
	m := &module{path: path, name: name, parent: parent}
	parent.children = append(parent.children, m)
	byPath[path] = m
	return m
}

// prune gives the content of modules with a single part to their parents.
func (m *module) prune() {
	var kept []*module
	for _, c := range m.children {
		c.prune()
		switch {
		case len(c.nodes)+len(c.children) > 1:
			kept = append(kept, c)
		case len(c.nodes) == 1:
			m.nodes = append(m.nodes, c.nodes[0])
		case len(c.children) == 1:
			c.children[0].parent = m
			kept = append(kept, c.children[0])
		}
	}
	m.children = kept
}

// finish adds up what lies below each module and finds its ends.
func (m *module) finish(s *network) {
	m.first, m.last = ir.NodeID(len(s.nodes)), -1
	for _, id := range m.nodes {
		m.sums.add(s.nodes[id].sums)
		m.first, m.last = min(m.first, id), max(m.last, id)
	}
	for _, c := range m.children {
		c.finish(s)
		m.sums.add(c.sums)
		m.first, m.last = min(m.first, c.first), max(m.last, c.last)
	}
}

// walk visits the module and all below it, parents first.
func (m *module) walk(visit func(*module)) {
	visit(m)
	for _, c := range m.children {
		c.walk(visit)
	}
}
