package model

import (
	"slices"
	"strings"

	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/internal/spell"
	"github.com/tomo-viz/tomo/nn/ir"
)

// A Layer is a value that users pick by name: what a node or a whole module
// puts out.
type Layer struct {
	Name  string `json:"name"`
	Op    string `json:"op"` // of the node that makes it
	Shape string `json:"shape"`
	// Spatial tells that it has a grid: its elements lie over the input.
	Spatial bool       `json:"spatial"`
	Value   ir.ValueID `json:"-"`
}

// Layers lists what every node puts out, in the order of computation. A value
// that is the output of a module has the module's path as its name, since that
// is what its author calls it; the others have their node's name.
func (m *Model) Layers() []Layer {
	names := m.layerNames()
	var out []Layer
	for i := range m.Net.Nodes {
		n := &m.Net.Nodes[i]
		v := n.Output(0)
		if v == ir.None || m.Net.Values[v].Const != nil {
			continue
		}
		shape := m.Types[v].Shape
		out = append(out, Layer{names[v], n.Op, shape.String(), m.Spatial(v), v})
	}
	return out
}

// Modules lists the paths of the modules that hold at least two nodes, in the
// order of computation, outer ones first.
func (m *Model) Modules() []string {
	held := map[string]int{}
	var paths []string
	for i := range m.Net.Nodes {
		first := len(paths)
		for path := m.Net.Nodes[i].Module; path != ""; path = parent(path) {
			if held[path]++; held[path] == 1 {
				paths = slices.Insert(paths, first, path)
			}
		}
	}
	return slices.DeleteFunc(paths, func(path string) bool { return held[path] < 2 })
}

// LayerName returns the name that Layers gives a value.
func (m *Model) LayerName(v ir.ValueID) string { return m.layerNames()[v] }

func (m *Model) layerNames() map[ir.ValueID]string {
	names := map[ir.ValueID]string{}
	for i := range m.Net.Nodes {
		if v := m.Net.Nodes[i].Output(0); v != ir.None {
			names[v] = m.Net.Nodes[i].Name
		}
	}
	for path, v := range m.moduleOutputs() {
		// An inner module that ends with an outer one has the same value; the
		// longer path says more.
		if old, ok := names[v]; !ok || !m.isModule(old) || len(path) > len(old) {
			names[v] = path
		}
	}
	return names
}

func (m *Model) isModule(name string) bool { _, ok := m.moduleOutputs()[name]; return ok }

// moduleOutputs gives each module the value that its last node makes.
func (m *Model) moduleOutputs() map[string]ir.ValueID {
	m.modulesOnce.Do(func() {
		m.modules = map[string]ir.ValueID{}
		for i := range m.Net.Nodes {
			n := &m.Net.Nodes[i]
			if n.Output(0) == ir.None {
				continue
			}
			for path := n.Module; path != ""; path = parent(path) {
				m.modules[path] = n.Outputs[0]
			}
		}
	})
	return m.modules
}

func parent(path string) string {
	return path[:max(0, strings.LastIndexByte(path, '.'))]
}

// Layer finds a value by a module's path, or by the name of a node or value.
func (m *Model) Layer(name string) (Layer, error) {
	v, ok := m.moduleOutputs()[name]
	if !ok {
		v = m.Net.ValueByName(name)
		if id := m.Net.NodeByName(name); id != ir.None {
			v = m.Net.Nodes[id].Output(0)
		}
	}
	if v == ir.None || m.Net.Values[v].Producer == ir.None {
		return Layer{}, fault.Userf("layer %q is not in the model%s; its layers are %s", name, spell.Hints(name, m.layerList()), m.someLayers())
	}
	producer := &m.Net.Nodes[m.Net.Values[v].Producer]
	return Layer{name, producer.Op, m.Types[v].Shape.String(), m.Spatial(v), v}, nil
}

func (m *Model) layerList() []string {
	var names []string
	for _, l := range m.Layers() {
		names = append(names, l.Name)
	}
	for path := range m.moduleOutputs() {
		names = append(names, path)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// someLayers names the layers with maps, at most a dozen of them.
func (m *Model) someLayers() string {
	var names []string
	for _, l := range m.Layers() {
		if l.Spatial {
			names = append(names, l.Name)
		}
	}
	if len(names) > 12 {
		names = append(append(names[:6:6], "..."), names[len(names)-5:]...)
	}
	return strings.Join(names, ", ")
}
