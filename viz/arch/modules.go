package arch

import (
	"slices"
	"strings"

	"github.com/tomo-viz/tomo/nn/ir"
)

// A module is a part of the network with a path, such as "layer1.0"; the root
// has the empty path.
type module struct {
	path     string
	parent   *module
	children []*module
	nodes    []ir.NodeID               // directly inside, without the hidden ones
	steps    map[ir.NodeID][]ir.NodeID // what is drawn in one box, by the first of it; see join
	sums     sums                      // over all below
	heavy    int                       // nodes directly inside that multiply with weights or one another
	first    ir.NodeID                 // in order of computation, of all below
	last     ir.NodeID
	open     bool
}

// modulesOf builds the tree of the modules that hold shown nodes. A module
// that holds nothing but one other, or one node, is left out: it would be a
// box around a box. So is one whose nodes lie scattered.
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
	s.flow = s.trace()
	s.flow.gather(root)
	root.prune(s.flow)
	root.finish(s)
	return root
}

func find(byPath map[string]*module, path string) *module {
	if m := byPath[path]; m != nil {
		return m
	}
	parent := find(byPath, path[:max(strings.LastIndexByte(path, '.'), 0)])
	m := &module{path: path, parent: parent}
	parent.children = append(parent.children, m)
	byPath[path] = m
	return m
}

// prune gives the content of modules with a single part, and of those that
// hold together nothing, to their parents.
func (m *module) prune(f *flow) {
	var kept []*module
	for _, c := range m.children {
		c.prune(f)
		switch {
		case len(c.children) == 0 && f.isLoose(c):
			m.nodes = append(m.nodes, c.nodes...)
		case len(c.nodes) == 0 && len(c.children) == 1:
			c.children[0].parent = m
			kept = append(kept, c.children[0])
		default:
			kept = append(kept, c)
		}
	}
	m.children = kept
}

// all appends the shown nodes in the module and below to a list.
func (m *module) all(ids []ir.NodeID) []ir.NodeID {
	ids = append(ids, m.nodes...)
	for _, c := range m.children {
		ids = c.all(ids)
	}
	return ids
}

// finish adds up what lies below each module and finds its ends.
func (m *module) finish(s *network) {
	slices.Sort(m.nodes)
	m.first, m.last = ir.NodeID(len(s.nodes)), -1
	for _, id := range m.nodes {
		m.sums.add(s.nodes[id].sums)
		if slices.Contains(heavy, s.nodes[id].class) {
			m.heavy++
		}
		m.first, m.last = min(m.first, id), max(m.last, id)
	}
	for _, c := range m.children {
		c.finish(s)
		m.sums.add(c.sums)
		m.first, m.last = min(m.first, c.first), max(m.last, c.last)
	}
}

// heavy are the classes of operators that a layer has one of.
var heavy = []string{"conv", "linear", "attention", "embedding", "recurrent"}

// isLayer reports whether the module is one layer, written in several
// operators.
func (m *module) isLayer() bool { return len(m.children) == 0 && m.heavy <= 1 }

// walk visits the module and all below it, parents first.
func (m *module) walk(visit func(*module)) {
	visit(m)
	for _, c := range m.children {
		c.walk(visit)
	}
}
