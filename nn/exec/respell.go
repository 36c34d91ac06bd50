package exec

import (
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/kernel"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/pass"
)

// respelled returns g with GELUs and layer normalisations, which exporters write
// out in elementary operators where the opset has none of their own, as the
// operators that they are: the gradients of these have kernels, and need fewer
// values of the way forward. What g gives stays.
func respelled(g *ir.Graph, types []op.Type) *ir.Graph {
	g = g.Clone()
	p := &planner{
		native: &native{},
		g:      g, types: types, uses: g.Consumers(),
		fetched: make([]bool, len(g.Values)), fused: make([]bool, len(g.Nodes)),
	}
	for _, v := range g.Outputs {
		p.fetched[v] = true
	}
	for i := range g.Nodes {
		n, parts := p.spelled(ir.NodeID(i))
		if n == nil {
			continue
		}
		for _, id := range parts {
			p.fused[id] = true
		}
		last := &g.Nodes[slices.Max(parts)] // which makes the result
		n.Name, n.Module = last.Name, last.Module
		*last = *n
	}
	return pass.Prune(g)
}

// spelled returns the operator that the nodes from id on spell out, with all of
// them; nil if they are none.
func (p *planner) spelled(id ir.NodeID) (*ir.Node, []ir.NodeID) {
	if p.fused[id] {
		return nil, nil
	}
	if n, nodes := p.spelledLayerNorm(id); n != nil {
		return n, nodes
	}
	for _, v := range p.g.Nodes[id].Reads() {
		if p.isSource(v) && p.constant(v) != nil || !p.isFloat(v) {
			continue
		}
		for _, match := range []func(ir.ValueID, ir.NodeID) (match, bool){p.matchGelu, p.matchGeluTanh} {
			if m, ok := match(v, id); ok && p.isFloat(m.out) && slices.Equal(p.shape(m.out), p.shape(v)) {
				attrs := ir.Attrs{}
				if m.act.Kind == kernel.ActGeluTanh {
					attrs = ir.Pairs("approximate", "tanh")
				}
				return &ir.Node{Op: "Gelu", Version: 20, Attrs: attrs, Inputs: []ir.ValueID{v}, Outputs: []ir.ValueID{m.out}}, m.nodes
			}
		}
	}
	return nil, nil
}

// spelledLayerNorm is spelled for a layer normalisation with a scale.
func (p *planner) spelledLayerNorm(id ir.NodeID) (*ir.Node, []ir.NodeID) {
	if !p.is(id, "ReduceMean") {
		return nil, nil
	}
	x := p.g.Nodes[id].Inputs[0]
	m := &spelledNorm{nodes: []ir.NodeID{id}, gamma: ir.None, beta: ir.None}
	if !p.isFloat(x) || !p.matchNorm(m, x) || m.gamma == ir.None || !p.isFloat(m.out) || !slices.Equal(p.shape(m.out), p.shape(x)) {
		return nil, nil
	}
	n := &ir.Node{Op: "LayerNormalization", Version: 17, Attrs: ir.Pairs("axis", -1, "epsilon", m.eps), Outputs: []ir.ValueID{m.out}}
	n.Inputs = given([]ir.ValueID{x, m.gamma, m.beta})
	return n, m.nodes
}
