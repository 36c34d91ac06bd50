package arch

import (
	"slices"
	"strings"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/viz"
)

// choose opens modules: first those around everything, then level by level as
// long as the boxes stay within the limit, then those the user names; what is
// folded by name stays folded. If there are too many boxes with all folded,
// operators are drawn together.
func choose(s *network, root *module, p Params) error {
	paths := map[string]*module{}
	root.walk(func(m *module) { paths[m.path] = m })
	for _, name := range slices.Concat(p.Expand, p.Fold) {
		if name == "" || paths[name] == nil && !s.isModule(name) {
			return unknownModule(name, paths)
		}
	}
	openFrames(root, p)
	boxes := openLevels(root, p)
	for _, name := range p.Expand {
		for m := nearest(paths, name); m != nil; m = m.parent {
			m.open = true
		}
	}
	for _, name := range p.Fold {
		if m := paths[name]; m != nil {
			m.open = false
		}
	}
	if boxes > p.MaxNodes {
		root.walk(func(m *module) {
			if m.open {
				s.join(m, slices.Concat(p.Expand, p.Fold))
			}
		})
	}
	return nil
}

// isModule reports whether the file has a module of that path; those of one
// node are none of their own in the drawing.
func (s *network) isModule(path string) bool {
	return slices.ContainsFunc(s.model.Net.Nodes, func(n ir.Node) bool {
		return n.Module == path || strings.HasPrefix(n.Module, path+".")
	})
}

// nearest returns the innermost drawn module that a path lies in.
func nearest(paths map[string]*module, path string) *module {
	for paths[path] == nil {
		path = path[:max(strings.LastIndexByte(path, '.'), 0)]
	}
	return paths[path]
}

// openFrames opens modules that hold nearly the whole network: as one box they
// would say nothing.
func openFrames(root *module, p Params) {
	for m := root; m != nil; {
		i := slices.IndexFunc(m.children, func(c *module) bool {
			return 10*c.sums.nodes >= 8*root.sums.nodes && !slices.Contains(p.Fold, c.path)
		})
		if i < 0 {
			return
		}
		m = m.children[i]
		m.open = true
	}
}

// openLevels opens whole levels, since half an open level misleads: what looks
// simpler would only be folded. Single layers, such as a normalization that is
// spelled out, are what authors think in: they come last, all at once. It returns
// how many boxes that makes.
func openLevels(root *module, p Params) (boxes int) {
	boxes, level := root.boxes()
	open := func(modules []*module) bool {
		more := 0
		for _, m := range modules {
			more += len(m.nodes) + len(m.children) - 1
		}
		if boxes+more > p.MaxNodes {
			return false
		}
		boxes += more
		for _, m := range modules {
			m.open = true
		}
		return true
	}
	var layers []*module
	for len(level) > 0 {
		var outer, next []*module
		for _, m := range level {
			switch {
			case slices.Contains(p.Fold, m.path):
			case m.isLayer():
				layers = append(layers, m)
			default:
				outer = append(outer, m)
				next = append(next, m.children...)
			}
		}
		if !open(outer) {
			return boxes
		}
		level = next
	}
	open(layers)
	return boxes
}

// boxes counts what an open module is drawn as, and lists the folded modules
// among that.
func (m *module) boxes() (n int, folded []*module) {
	n = len(m.nodes)
	for _, c := range m.children {
		if !c.open {
			n++
			folded = append(folded, c)
			continue
		}
		inner, more := c.boxes()
		n += inner
		folded = append(folded, more...)
	}
	return n, folded
}

func unknownModule(name string, paths map[string]*module) error {
	var names []string
	for path := range paths {
		if path != "" {
			names = append(names, path)
		}
	}
	slices.Sort(names)
	if len(names) == 0 {
		return viz.Userf("there is no module %q to open or fold; this file keeps no modules", name)
	}
	return viz.Userf("there is no module %q%s; the modules are %s", name, viz.Hint(name, names), list(names, 12))
}
