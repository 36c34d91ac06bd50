package exec

import (
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/kernel"
)

// lowerRMSNorm lowers RMSNormalization and SimplifiedLayerNormalization; the
// second output, one over the root, is made if it is asked for.
func lowerRMSNorm(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
	n := &p.g.Nodes[id]
	x, gamma, y, inv := n.Input(0), n.Input(1), n.Output(0), n.Output(1)
	if !p.isFloat(x, gamma, y, inv) || y == ir.None {
		return nil, 0
	}
	shape := p.shape(x)
	axis, ok := axisOf(n.Attrs.Int("axis", -1), len(shape))
	if !ok {
		return nil, 0
	}
	cols := elementsOf(shape[axis:])
	if cols == 0 || elementsOf(p.shape(gamma)) != cols {
		return nil, 0
	}
	writes := []ir.ValueID{y}
	if inv != ir.None {
		writes = append(writes, inv)
	}
	return p.rmsNorm(x, gamma, y, inv, cols, epsilon(n), writes), id
}

func (p *planner) rmsNorm(x, gamma, y, inv ir.ValueID, cols int, eps float64, writes []ir.ValueID) *stage {
	reads := slices.DeleteFunc([]ir.ValueID{x, gamma}, func(v ir.ValueID) bool { return v == ir.None })
	return &stage{reads: reads, over: []ir.ValueID{x}, writes: writes, run: func(r *run) error {
		dst := r.out(y)
		kernel.RMSNorm(r.team, dst, r.in(x), r.maybe(gamma), len(dst)/cols, cols, float32(eps), r.maybeOut(inv))
		return nil
	}}
}

// lowerSpelledRMSNorm makes one stage of such a norm over the last axis that is
// written out in elementary operators, and begins with the squares at node id:
//
//	y = x / sqrt(mean(x^2) + eps) * gamma
//
// with a division, or a product with the reciprocal.
func lowerSpelledRMSNorm(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
	x := p.g.Nodes[id].Inputs[0]
	if !p.isSquare(id, x) || !p.isFloat(x) || len(p.shape(x)) == 0 {
		return nil, 0
	}
	m := &spelledNorm{nodes: []ir.NodeID{id}, gamma: ir.None, beta: ir.None}
	deviation, ok := p.matchDeviation(m, p.g.Nodes[id].Outputs[0])
	if !ok || !p.matchQuotient(m, x, deviation) {
		return nil, 0
	}
	m.gamma = p.takeParameter(m, "Mul", x)
	shape := p.shape(x)
	cols := shape[len(shape)-1]
	if !p.isFloat(m.out) || !slices.Equal(p.shape(m.out), shape) || cols == 0 {
		return nil, 0
	}
	t := tail{last: id, out: x}
	p.take(&t, m.out, m.nodes...)
	return p.rmsNorm(x, m.gamma, m.out, ir.None, cols, m.eps, []ir.ValueID{m.out}), t.last
}

// matchQuotient follows x/deviation.
func (p *planner) matchQuotient(m *spelledNorm, x, deviation ir.ValueID) bool {
	id, ok := p.reader(deviation)
	if !ok {
		return false
	}
	n := &p.g.Nodes[id]
	m.nodes, m.out = append(m.nodes, id), n.Outputs[0]
	if p.is(id, "Div") && n.Inputs[0] == x {
		return true
	}
	if !p.is(id, "Reciprocal") && !(p.is(id, "Div") && p.isNumber(n.Inputs[0], 1)) {
		return false
	}
	id, ok = p.reader(n.Outputs[0])
	if !ok || !p.is(id, "Mul") || p.other(id, n.Outputs[0]) != x {
		return false
	}
	m.nodes, m.out = append(m.nodes, id), p.g.Nodes[id].Outputs[0]
	return true
}
