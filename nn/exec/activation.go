package exec

import (
	"math"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/kernel"
)

// A match is an activation found in the graph: one node, or several that spell
// it out, as exporters write what their opset has no operator for.
type match struct {
	act     kernel.Activation
	nodes   []ir.NodeID
	out     ir.ValueID
	readers int // how many of the nodes read the activation's input
}

// activation finds the activation of v, whose type is float32. What the nodes
// of a match make is read by nothing else.
func (p *planner) activation(v ir.ValueID) (match, bool) {
	for _, id := range p.uses[v] {
		for _, pattern := range []func(v ir.ValueID, id ir.NodeID) (match, bool){
			p.matchSilu, p.matchHardSwish, p.matchGelu, p.matchGeluTanh, p.matchOne,
		} {
			m, ok := pattern(v, id)
			if ok && p.isFloat(m.out) && elementsOf(p.shape(m.out)) == elementsOf(p.shape(v)) {
				return m, true
			}
		}
	}
	return match{}, false
}

// matchOne finds an activation that is one node.
func (p *planner) matchOne(v ir.ValueID, id ir.NodeID) (match, bool) {
	n := &p.g.Nodes[id]
	if p.fused[id] || n.Input(0) != v || len(n.Outputs) != 1 {
		return match{}, false
	}
	act, ok := p.activationOf(n)
	return match{act, []ir.NodeID{id}, n.Outputs[0], 1}, ok
}

// activationOf reads a node that is an activation by itself.
func (p *planner) activationOf(n *ir.Node) (kernel.Activation, bool) {
	attr := func(name string, def float64) float32 { return float32(n.Attrs.Float(name, def)) }
	if n.Domain == "com.microsoft" && n.Op == "Gelu" {
		return kernel.Activation{Kind: kernel.ActGelu}, true
	}
	if n.Domain != "" {
		return kernel.Activation{}, false
	}
	switch n.Op {
	case "Relu":
		return kernel.Activation{Kind: kernel.ActRelu}, true
	case "LeakyRelu":
		return kernel.Activation{Kind: kernel.ActLeakyRelu, Alpha: attr("alpha", 0.01)}, true
	case "Sigmoid":
		return kernel.Activation{Kind: kernel.ActSigmoid}, true
	case "Tanh":
		return kernel.Activation{Kind: kernel.ActTanh}, true
	case "HardSigmoid":
		return kernel.Activation{Kind: kernel.ActHardSigmoid, Alpha: attr("alpha", 0.2), Beta: attr("beta", 0.5)}, true
	case "HardSwish":
		return kernel.Activation{Kind: kernel.ActHardSwish}, true
	case "Gelu":
		kind := kernel.ActGelu
		if n.Attrs.Str("approximate", "none") == "tanh" {
			kind = kernel.ActGeluTanh
		}
		return kernel.Activation{Kind: kind}, true
	case "Swish":
		return kernel.Activation{Kind: kernel.ActSilu}, n.Attrs.Float("alpha", 1) == 1
	case "Clip":
		return p.clip(n)
	}
	return kernel.Activation{}, false
}

// clip reads the bounds of a Clip: attributes before opset 11, inputs since.
func (p *planner) clip(n *ir.Node) (kernel.Activation, bool) {
	lo, hi := math.Inf(-1), math.Inf(1)
	if n.Version < 11 {
		lo, hi = n.Attrs.Float("min", lo), n.Attrs.Float("max", hi)
	}
	for i, bound := range []*float64{1: &lo, 2: &hi} {
		if v := n.Input(i); i > 0 && v != ir.None {
			x, ok := p.number(v)
			if !ok {
				return kernel.Activation{}, false
			}
			*bound = x
		}
	}
	return kernel.Activation{Kind: kernel.ActClip, Alpha: float32(lo), Beta: float32(hi)}, true
}

// isSource reports whether a value is given or constant.
func (p *planner) isSource(v ir.ValueID) bool { return p.g.Values[v].Producer == ir.None }

// lowerActivation makes the stage of an activation, be it one node or the first
// of several.
func lowerActivation(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
	for _, v := range p.g.Nodes[id].Inputs {
		if v == ir.None || !p.isFloat(v) {
			continue
		}
		m, ok := p.activation(v)
		if !ok || !slices.Contains(m.nodes, id) {
			continue
		}
		t := tail{last: id, out: v}
		p.take(&t, m.out, m.nodes...)
		return elementwise([]ir.ValueID{v}, t.out, func(dst []float32, src [][]float32) { m.act.Apply(dst, src[0]) }), t.last
	}
	return nil, 0
}
