package exec

import (
	"math"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/kernel"
)

// matchSilu finds x*Sigmoid(x).
func (p *planner) matchSilu(v ir.ValueID, id ir.NodeID) (match, bool) {
	if !p.is(id, "Sigmoid") {
		return match{}, false
	}
	return p.timesItself(v, id, kernel.Activation{Kind: kernel.ActSilu})
}

// timesItself finds the product of v with what node id makes of it.
func (p *planner) timesItself(v ir.ValueID, id ir.NodeID, act kernel.Activation) (match, bool) {
	m := match{act: act, nodes: []ir.NodeID{id}, readers: 2}
	return m, p.timesScaled(&m, v, p.g.Nodes[id].Outputs[0], 1)
}

// timesScaled takes along the product of v, a value that m makes and a factor,
// in either order; a factor of 1 needs no node.
func (p *planner) timesScaled(m *match, v, at ir.ValueID, factor float64) bool {
	multiplied, scaled := false, factor == 1
	for !multiplied || !scaled {
		id, ok := p.reader(at)
		switch {
		case !ok:
			return false
		case !scaled && p.scales(id, at, factor):
			scaled = true
		case multiplied || !p.is(id, "Mul"):
			return false
		case p.other(id, at) == v:
			multiplied = true
		case !scaled && p.isScaled(m, p.other(id, at), v, factor):
			multiplied, scaled = true, true
		default:
			return false
		}
		m.nodes = append(m.nodes, id)
		at = p.g.Nodes[id].Outputs[0]
	}
	m.out = at
	return true
}

// isScaled reports whether s is v times the factor, made for nothing else, and
// takes its node along.
func (p *planner) isScaled(m *match, s, v ir.ValueID, factor float64) bool {
	if s == ir.None || p.isSource(s) {
		return false
	}
	id := p.g.Values[s].Producer
	if _, sole := p.reader(s); !sole || !p.scales(id, v, factor) {
		return false
	}
	m.nodes = append(m.nodes, id)
	return true
}

// scales reports whether node id multiplies v by the factor, or divides it by
// its inverse.
func (p *planner) scales(id ir.NodeID, v ir.ValueID, factor float64) bool {
	n := &p.g.Nodes[id]
	switch {
	case p.is(id, "Mul"):
		return slices.Contains(n.Inputs, v) && p.isNumber(p.other(id, v), factor)
	case p.is(id, "Div"):
		return n.Inputs[0] == v && p.isNumber(n.Inputs[1], 1/factor)
	}
	return false
}

// other returns the other operand of a node with two, or None.
func (p *planner) other(id ir.NodeID, v ir.ValueID) ir.ValueID {
	n := &p.g.Nodes[id]
	switch {
	case len(n.Inputs) != 2:
		return ir.None
	case n.Inputs[0] == v:
		return n.Inputs[1]
	}
	return n.Inputs[0]
}

// matchHardSwish finds x*HardSigmoid(x) with the slope 1/6, and
// x*Clip(x+3, 0, 6)/6.
func (p *planner) matchHardSwish(v ir.ValueID, id ir.NodeID) (match, bool) {
	act := kernel.Activation{Kind: kernel.ActHardSwish}
	if n := &p.g.Nodes[id]; p.is(id, "HardSigmoid") {
		if math.Abs(n.Attrs.Float("alpha", 0.2)-1.0/6) > 1e-6 || n.Attrs.Float("beta", 0.5) != 0.5 {
			return match{}, false
		}
		return p.timesItself(v, id, act)
	}
	if !p.is(id, "Add") || !p.isNumber(p.other(id, v), 3) {
		return match{}, false
	}
	clip, ok := p.reader(p.g.Nodes[id].Outputs[0])
	if !ok || !p.is(clip, "Clip") {
		return match{}, false
	}
	if c, ok := p.clip(&p.g.Nodes[clip]); !ok || c.Alpha != 0 || c.Beta != 6 {
		return match{}, false
	}
	m := match{act: act, nodes: []ir.NodeID{id, clip}, readers: 2}
	return m, p.timesScaled(&m, v, p.g.Nodes[clip].Outputs[0], 1.0/6)
}

// matchGelu finds x*(Erf(x/sqrt 2)+1)/2, with the half taken of x, of the sum or
// of the product.
func (p *planner) matchGelu(v ir.ValueID, id ir.NodeID) (match, bool) {
	if !p.scales(id, v, 1/math.Sqrt2) {
		return match{}, false
	}
	erf, ok := p.reader(p.g.Nodes[id].Outputs[0])
	if !ok || !p.is(erf, "Erf") {
		return match{}, false
	}
	sum := p.g.Nodes[erf].Outputs[0]
	add, ok := p.reader(sum)
	if !ok || !p.is(add, "Add") || !p.isNumber(p.other(add, sum), 1) {
		return match{}, false
	}
	m := match{act: kernel.Activation{Kind: kernel.ActGelu}, nodes: []ir.NodeID{id, erf, add}, readers: 2}
	return m, p.timesScaled(&m, v, p.g.Nodes[add].Outputs[0], 0.5)
}

// matchGeluTanh finds x*(Tanh(√(2/π)*(x+0.044715*x³))+1)/2, with the half taken
// of x, of the sum or of the product.
func (p *planner) matchGeluTanh(v ir.ValueID, id ir.NodeID) (match, bool) {
	m := match{act: kernel.Activation{Kind: kernel.ActGeluTanh}}
	at, ok := p.cube(&m, v, id)
	for _, is := range []func(id ir.NodeID) bool{
		func(id ir.NodeID) bool { return p.scales(id, at, 0.044715) },
		func(id ir.NodeID) bool { return p.is(id, "Add") && p.other(id, at) == v },
		func(id ir.NodeID) bool { return p.scales(id, at, math.Sqrt(2/math.Pi)) },
		func(id ir.NodeID) bool { return p.is(id, "Tanh") },
		func(id ir.NodeID) bool { return p.is(id, "Add") && p.isNumber(p.other(id, at), 1) },
	} {
		if !ok {
			return match{}, false
		}
		var next ir.NodeID
		if next, ok = p.reader(at); !ok || !is(next) {
			return match{}, false
		}
		m.nodes = append(m.nodes, next)
		at = p.g.Nodes[next].Outputs[0]
	}
	m.readers += 2 // the inner sum, and the product
	return m, p.timesScaled(&m, v, at, 0.5)
}

// cube takes along v³, spelled as a power or as two products, and returns it.
func (p *planner) cube(m *match, v ir.ValueID, id ir.NodeID) (ir.ValueID, bool) {
	n := &p.g.Nodes[id]
	m.nodes, m.readers = append(m.nodes, id), 1
	if p.is(id, "Pow") {
		return n.Outputs[0], n.Inputs[0] == v && p.isNumber(n.Inputs[1], 3)
	}
	if !p.is(id, "Mul") || n.Inputs[0] != v || n.Inputs[1] != v {
		return ir.None, false
	}
	square := n.Outputs[0]
	next, ok := p.reader(square)
	if !ok || !p.is(next, "Mul") || p.other(next, square) != v {
		return ir.None, false
	}
	m.nodes, m.readers = append(m.nodes, next), 2
	return p.g.Nodes[next].Outputs[0], true
}
