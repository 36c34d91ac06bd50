package exec

import (
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
)

// A rewriting is the graph with conversions in the making. A value keeps its ID in
// the layout that it is made in; in the other one it is another value.
type rewriting struct {
	*blocking
	g       *ir.Graph
	types   []op.Type
	logical map[ir.ValueID]op.Type    // types of blocked values in the plain layout
	other   map[ir.ValueID]ir.ValueID // values that were converted
}

// Names of the conversions, operators of the domain op.Domain that only plans have.
const (
	toBlocked   = "ToBlocked"
	fromBlocked = "FromBlocked"
)

// rewrite returns the planner of the graph in which each conversion stands before
// the first node that needs it.
func (b *blocking) rewrite() *planner {
	r := &rewriting{
		blocking: b, g: b.g.Clone(), types: slices.Clone(b.types),
		logical: map[ir.ValueID]op.Type{}, other: map[ir.ValueID]ir.ValueID{},
	}
	r.g.Nodes = nil
	for id := range b.g.Nodes {
		r.add(ir.NodeID(id))
	}
	for i, v := range r.g.Outputs {
		if b.isMadeBlocked(v) {
			r.g.Outputs[i] = r.converted(v)
		}
	}
	for id, n := range r.g.Nodes {
		for _, v := range n.Outputs {
			if v != ir.None {
				r.g.Values[v].Producer = ir.NodeID(id)
			}
		}
	}
	p := newPlanner(b.native, r.g, r.types)
	p.logical = r.logical
	return p
}

// add appends a node, and before it the conversions of what it reads.
func (r *rewriting) add(id ir.NodeID) {
	n := r.blocking.g.Nodes[id]
	n.Inputs = slices.Clone(n.Inputs)
	for i, v := range n.Inputs {
		if v != ir.None && r.wantsBlocked(id, v) != r.isMadeBlocked(v) {
			n.Inputs[i] = r.converted(v)
		}
	}
	for _, v := range n.Outputs {
		if v != ir.None && r.isMadeBlocked(v) {
			r.logical[v], r.types[v] = r.types[v], blockedType(r.types[v])
		}
	}
	r.g.Nodes = append(r.g.Nodes, n)
}

// converted returns a value in the layout that it is not made in.
func (r *rewriting) converted(v ir.ValueID) ir.ValueID {
	if to, ok := r.other[v]; ok {
		return to
	}
	value, name, t := r.blocking.g.Values[v], fromBlocked, r.blocking.types[v]
	to := r.g.AddValue(ir.Value{Name: value.Name, DType: value.DType, Shape: value.Shape, Producer: ir.None})
	if !r.isMadeBlocked(v) {
		name, r.logical[to], t = toBlocked, t, blockedType(t)
	}
	r.types = append(r.types, t)
	r.g.Nodes = append(r.g.Nodes, ir.Node{
		Name: value.Name + "/" + name, Op: name, Domain: op.Domain, Version: 1, Inputs: []ir.ValueID{v}, Outputs: []ir.ValueID{to},
	})
	r.other[v] = to
	return to
}
