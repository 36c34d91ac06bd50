package ir

import (
	"fmt"

	"github.com/tomo-viz/tomo/nn/tensor"
)

// A Builder appends nodes to a graph one after another; gradient rules, the
// lab's networks and tests use it. Names are made from a prefix and a count,
// and are unique in the graph.
type Builder struct {
	G      *Graph
	Prefix string // of node and value names
	Module string // given to new nodes
	taken  map[string]int
}

// NewBuilder returns a Builder that appends to g.
func NewBuilder(g *Graph, prefix string) *Builder {
	b := &Builder{G: g, Prefix: prefix, taken: map[string]int{}}
	for i := range g.Nodes {
		b.taken[g.Nodes[i].Name] = 1
	}
	for i := range g.Values {
		b.taken[g.Values[i].Name] = 1
	}
	return b
}

// Op appends a node of the ONNX domain with one output, and returns it.
func (b *Builder) Op(op string, attrs Attrs, inputs ...ValueID) ValueID {
	return b.Node("", op, attrs, 1, inputs...)[0]
}

// Node appends a node with n outputs and returns them.
func (b *Builder) Node(domain, op string, attrs Attrs, n int, inputs ...ValueID) []ValueID {
	name := b.Unique(b.Prefix + op)
	outs := make([]ValueID, n)
	for i := range outs {
		outs[i] = b.G.AddValue(Value{Name: b.Unique(fmt.Sprintf("%s_%d", name, i))})
	}
	node := Node{
		Name: name, Op: op, Domain: domain, Version: b.G.Version(domain),
		Attrs: attrs, Inputs: append([]ValueID(nil), inputs...), Outputs: outs, Module: b.Module,
	}
	if _, err := b.G.AddNode(node); err != nil {
		panic("ir: " + err.Error()) // the outputs are new
	}
	return outs
}

// Const appends a constant.
func (b *Builder) Const(t *tensor.Tensor) ValueID {
	return b.G.AddConst(b.Unique(b.Prefix+"const"), t)
}

// Ints appends a constant int64 vector.
func (b *Builder) Ints(v ...int) ValueID {
	d := make([]int64, len(v))
	for i, x := range v {
		d[i] = int64(x)
	}
	return b.Const(tensor.Of(d, len(d)))
}

// Float appends a scalar constant of the given floating-point type.
func (b *Builder) Float(v float64, dtype tensor.DType) ValueID {
	t, err := tensor.Scalar(v).Convert(dtype)
	if err != nil {
		panic("ir: " + err.Error()) // dtype is a float
	}
	return b.Const(t)
}

// Unique returns a name that nothing in the graph has, and takes it.
func (b *Builder) Unique(name string) string {
	n := b.taken[name]
	b.taken[name] = n + 1
	if n == 0 {
		return name
	}
	return b.Unique(fmt.Sprintf("%s_%d", name, n))
}

// Version returns the opset version of a domain; a graph that does not say
// gets LatestOpset for ONNX and 1 for the rest.
func (g *Graph) Version(domain string) int {
	if v, ok := g.Opsets[domain]; ok {
		return v
	}
	if domain == "" {
		return LatestOpset
	}
	return 1
}

// LatestOpset is the newest version of the ONNX operators that Tomo knows.
const LatestOpset = 24
