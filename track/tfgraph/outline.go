package tfgraph

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// An Outline is a graph as a tree of named parts, in the order of the file.
type Outline struct {
	Parts []*Part `json:"parts"`
	Nodes int     `json:"nodes"` // operators or layers, all together
	Left  int     `json:"left"`  // of these, left out since there are too many

	made int // parts, with the names that hold operators
}

// A Part is an operator, a layer, or what is named alike: "conv1" of
// "net/conv1/weight".
type Part struct {
	Name  string `json:"name"`
	Path  string `json:"path"`            // the whole name, as From has it
	Op    string `json:"op,omitempty"`    // the operator, or the class of the layer; none where it is but a name
	Shape string `json:"shape,omitempty"` // of what it puts out first: "?×28×28"
	// Detail is what else is set: "padding SAME, strides 1 2 2 1".
	Detail string   `json:"detail,omitempty"`
	From   []string `json:"from,omitempty"`  // the paths of what it takes
	Nodes  int      `json:"nodes,omitempty"` // operators below
	Parts  []*Part  `json:"parts,omitempty"`
}

// Bounds of an outline.
const (
	maxParts = 20_000
	maxDepth = 24 // of names in names, and of models in models
	maxFrom  = 32 // of one part
)

// Parse reads a graph in either form. A GraphDef can begin as JSON does: with a
// first node of 123 bytes, with a line feed and a brace.
func Parse(body []byte) (*Outline, error) {
	if text := bytes.TrimLeft(body, " \t\r\n"); len(text) > 0 && text[0] == '{' && json.Valid(text) {
		return parseKeras(text)
	}
	return parseGraphDef(body)
}

// A node is an operator as the file has it.
type node struct {
	name, op, shape, detail string
	from                    []string
}

// grow adds operators to a tree by the parts of their names.
func (o *Outline) grow(nodes []node) []*Part {
	root, byPath := &Part{Parts: []*Part{}}, map[string]*Part{}
	for _, n := range nodes {
		o.Nodes++
		if o.made >= maxParts {
			o.Left++
			continue
		}
		before := len(byPath)
		p := partAt(root, byPath, n.name)
		if p.Op != "" { // names are unique in what TensorFlow writes, not in all else
			p = &Part{Name: p.Name, Path: p.Path}
			under := root
			if i := strings.LastIndexByte(n.name, '/'); i >= 0 {
				under = partAt(root, byPath, n.name[:i])
			}
			under.Parts = append(under.Parts, p)
			o.made++
		}
		p.Op, p.Shape, p.Detail, p.From = n.op, n.shape, n.detail, n.from
		o.made += len(byPath) - before
	}
	for _, p := range root.Parts {
		p.finish()
	}
	return root.Parts
}

func partAt(root *Part, byPath map[string]*Part, path string) *Part {
	at, from := root, 0
	for depth := 1; ; depth++ {
		end := len(path)
		if i := strings.IndexByte(path[from:], '/'); i >= 0 && depth < maxDepth {
			end = from + i
		}
		p := byPath[path[:end]]
		if p == nil {
			p = &Part{Name: path[from:end], Path: path[:end]}
			byPath[p.Path] = p
			at.Parts = append(at.Parts, p)
		}
		if end == len(path) {
			return p
		}
		at, from = p, end+1
	}
}

// finish counts what lies below, and makes one of a name that holds but another.
func (p *Part) finish() {
	for _, c := range p.Parts {
		c.finish()
		p.Nodes += c.Nodes
		if c.Op != "" {
			p.Nodes++
		}
	}
	if p.Op == "" && len(p.Parts) == 1 && p.Parts[0].Op == "" {
		inner := p.Parts[0]
		name := p.Name + "/" + inner.Name
		*p = *inner
		p.Name = name
	}
}

// settings writes what is set, by name, with a bound on how much.
func settings(set map[string]string) string {
	const most, longest = 8, 60
	var parts []string
	for name, value := range set {
		if text := []rune(value); len(text) > longest {
			value = string(text[:longest]) + "…"
		}
		parts = append(parts, strings.TrimSpace(name+" "+value))
	}
	slices.Sort(parts)
	if len(parts) > most {
		parts = append(parts[:most], "…")
	}
	return strings.Join(parts, ", ")
}

// shapeText writes extents; those below 0 are not known.
func shapeText(extents []string) string {
	if len(extents) == 0 {
		return "scalar"
	}
	return strings.Join(extents, "×")
}
