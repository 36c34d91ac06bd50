package autodiff

import (
	"fmt"
	"maps"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/pass"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// Control flow runs graphs of its own. The gradient of such a node is another
// one, whose graphs compute what the node's graphs do and then its gradients:
// an If chooses between the gradients of its branches, a loop runs once more
// from the last iteration to the first.

// regions are the rules of control flow.
var regions = map[string]func(*extension, *ir.Node, []ir.ValueID) error{}

func init() { // not a literal: graphs may hold control flow in turn
	regions["If"] = (*extension).branchGrad
	regions["Loop"] = (*extension).loopGrad
	regions["Scan"] = (*extension).scanGrad
}

// HasRule reports whether gradients flow through an operator: it has a rule, or
// it is control flow, whose gradients are those of what it runs.
func HasRule(domain, name string) bool {
	if o := op.Lookup(domain, name); o != nil && o.Grad != nil {
		return true
	}
	return domain == "" && regions[name] != nil
}

// region returns the rule of a control-flow node, nil for any other.
func (e *extension) region(n *ir.Node) func(*extension, *ir.Node, []ir.ValueID) error {
	if n.Domain != "" || e.rules[opName(n)] != nil {
		return nil
	}
	return regions[n.Op]
}

// A region is a copy of a subgraph that also computes gradients.
type region struct {
	*extension
	outer *extension
	// inner maps values of the enclosing graph to the captures that stand for
	// them.
	inner map[ir.ValueID]ir.ValueID
}

// enter copies a subgraph of the enclosing graph, whose inputs have the given
// types. What prologue adds, if it is not nil, comes before all else.
func (e *extension) enter(sub *ir.Graph, inputs []op.Type, prologue func(*region)) (*region, error) {
	if sub == nil || len(inputs) != len(sub.Inputs) {
		return nil, fmt.Errorf("a subgraph is missing or does not take %d values", len(inputs))
	}
	types, err := e.inferInside(sub, inputs)
	if err != nil {
		return nil, err
	}
	copied := sub.Clone()
	copied.Captures = map[ir.ValueID]ir.ValueID{}
	maps.Copy(copied.Captures, sub.Captures)
	r := &region{newExtension(copied, types, e.rules), e, map[ir.ValueID]ir.ValueID{}}
	r.begin(func(r *region) {
		r.bindCaptures()
		if prologue != nil {
			prologue(r)
		}
	})
	return r, nil
}

// bindCaptures notes what stands for each captured value. Where several do, the
// others are made from the first, so that their gradients come together there.
func (r *region) bindCaptures() {
	for _, inner := range slices.Sorted(maps.Keys(r.graph.Captures)) {
		outer := r.graph.Captures[inner]
		first, ok := r.inner[outer]
		if !ok {
			r.inner[outer] = inner
			continue
		}
		delete(r.graph.Captures, inner)
		r.bind(inner, first)
	}
}

// begin puts what prologue adds before the nodes that are there.
func (r *region) begin(prologue func(*region)) {
	g, nodes := r.graph, r.graph.Nodes
	g.Nodes = nil
	prologue(r)
	for i := range nodes {
		for _, v := range nodes[i].Outputs {
			if v != ir.None {
				g.Values[v].Producer = ir.NodeID(len(g.Nodes))
			}
		}
		g.Nodes = append(g.Nodes, nodes[i])
	}
	r.grow()
}

// bind makes v, an input or capture of the subgraph, the name of a value that
// the region computes.
func (r *region) bind(v, computed ir.ValueID) {
	n := ir.Node{Name: "grad/" + r.graph.Values[v].Name, Op: "Identity", Version: ir.LatestOpset, Inputs: []ir.ValueID{computed}, Outputs: []ir.ValueID{v}}
	if _, err := r.graph.AddNode(n); err != nil {
		panic("autodiff: " + err.Error()) // an input has no producer
	}
}

// inferInside infers a subgraph from the types of its inputs and of what it
// captures.
func (e *extension) inferInside(sub *ir.Graph, inputs []op.Type) ([]op.Type, error) {
	typed := sub.Clone()
	typed.Functions = e.graph.Functions
	typed.Opsets = e.graph.Opsets
	set := func(v ir.ValueID, t op.Type) {
		typed.Values[v].DType, typed.Values[v].Shape, typed.Values[v].Const = t.DType, t.Shape, t.Value
	}
	for i, v := range sub.Inputs {
		set(v, inputs[i])
	}
	for inner, outer := range sub.Captures {
		set(inner, e.typeOf(outer))
	}
	return pass.InferStrict(typed)
}

// typeOf is what is known of a value; nothing of those that rules have added.
func (e *extension) typeOf(v ir.ValueID) op.Type {
	if v == ir.None || int(v) >= len(e.types) {
		return op.Type{}
	}
	return e.types[v]
}

// capture returns the value that stands for one of the enclosing graph.
func (r *region) capture(outer ir.ValueID) ir.ValueID {
	if v, ok := r.inner[outer]; ok {
		return v
	}
	v := r.value(r.outer.graph.Values[outer].Name, r.outer.typeOf(outer).DType)
	r.graph.Captures[v], r.inner[outer], r.types[v] = outer, v, r.outer.typeOf(outer)
	return v
}

// value adds one that no node of the region makes.
func (r *region) value(name string, dtype tensor.DType) ir.ValueID {
	v := r.graph.AddValue(ir.Value{Name: name, DType: dtype})
	r.grow()
	r.types[v].DType = dtype
	return v
}

// grow makes places for the values that were added, of which none is active
// yet.
func (r *region) grow() {
	r.types = append(r.types, make([]op.Type, len(r.graph.Values)-len(r.types))...)
	r.active = append(r.active, make([]bool, len(r.graph.Values)-len(r.active))...)
}

// captured lists the values of the enclosing graph that a subgraph captures and
// that gradients are wanted of.
func (e *extension) captured(sub *ir.Graph) []ir.ValueID {
	var list []ir.ValueID
	for _, outer := range slices.Sorted(maps.Values(sub.Captures)) {
		if e.active[outer] && !slices.Contains(list, outer) {
			list = append(list, outer)
		}
	}
	return list
}

// differentiate adds the gradients of the outputs, which come in as seeds (None
// where there is none), with respect to the values that are active.
func (r *region) differentiate(outputs, seeds []ir.ValueID) error {
	for i, v := range outputs {
		if seeds[i] != ir.None && r.active[v] {
			r.add(v, seeds[i])
		}
	}
	return r.backwardFrom(len(r.graph.Nodes) - 1)
}

// finish makes a subgraph of the region: without what its outputs do not need.
func (r *region) finish(inputs, outputs []ir.ValueID) *ir.Graph {
	r.graph.Inputs, r.graph.Outputs = inputs, outputs
	g := pass.Prune(r.graph)
	maps.DeleteFunc(g.Captures, func(inner, _ ir.ValueID) bool { return !reads(g, inner) })
	return g
}

// reads reports whether a subgraph needs a value.
func reads(g *ir.Graph, v ir.ValueID) bool {
	return slices.Contains(g.Outputs, v) || slices.ContainsFunc(g.Nodes, func(n ir.Node) bool { return slices.Contains(n.Reads(), v) })
}
