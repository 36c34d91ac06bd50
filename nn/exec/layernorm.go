package exec

import (
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/kernel"
)

// A spelledNorm is a layer normalisation over the last axis that an exporter
// wrote out in elementary operators, for want of LayerNormalization before
// opset 17:
//
//	d = x - mean(x);  y = d / sqrt(mean(d^2) + eps) * gamma + beta
type spelledNorm struct {
	nodes       []ir.NodeID
	eps         float64
	gamma, beta ir.ValueID // None where the product or the sum is left out
	out         ir.ValueID
}

// lowerSpelledNorm makes one stage of a layer normalisation that begins with the
// mean at node id.
func lowerSpelledNorm(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
	x := p.g.Nodes[id].Inputs[0]
	if !p.isFloat(x) {
		return nil, 0
	}
	m := &spelledNorm{nodes: []ir.NodeID{id}, gamma: ir.None, beta: ir.None}
	if !p.matchNorm(m, x) || !p.isFloat(m.out) || !slices.Equal(p.shape(m.out), p.shape(x)) {
		return nil, 0
	}
	t := tail{last: id, out: x}
	p.take(&t, m.out, m.nodes...)
	shape := p.shape(x)
	cols := shape[len(shape)-1]
	s := &stage{
		reads: slices.DeleteFunc([]ir.ValueID{x, m.gamma, m.beta}, func(v ir.ValueID) bool { return v == ir.None }),
		over:  []ir.ValueID{x}, writes: []ir.ValueID{m.out},
		run: func(r *run) error {
			dst := r.out(m.out)
			kernel.LayerNorm(r.team, dst, r.in(x), r.maybe(m.gamma), r.maybe(m.beta), len(dst)/cols, cols, float32(m.eps), kernel.RowStats{})
			return nil
		},
	}
	return s, t.last
}

// matchNorm follows the operators from the mean of x on.
func (p *planner) matchNorm(m *spelledNorm, x ir.ValueID) bool {
	if !p.isLastMean(m.nodes[0]) {
		return false
	}
	mean := p.g.Nodes[m.nodes[0]].Outputs[0]
	sub, ok := p.reader(mean)
	if !ok || !p.is(sub, "Sub") || p.g.Nodes[sub].Inputs[0] != x {
		return false
	}
	d := p.g.Nodes[sub].Outputs[0]
	m.nodes = append(m.nodes, sub)
	if p.isShown(d) || len(p.uses[d]) != 2 {
		return false
	}
	square, div := p.uses[d][0], p.uses[d][1]
	if !p.isSquare(square, d) {
		square, div = div, square
	}
	if !p.isSquare(square, d) || !p.is(div, "Div") || p.g.Nodes[div].Inputs[0] != d {
		return false
	}
	m.nodes = append(m.nodes, square, div)
	deviation, ok := p.matchDeviation(m, p.g.Nodes[square].Outputs[0])
	if !ok || p.g.Nodes[div].Inputs[1] != deviation {
		return false
	}
	m.out = p.g.Nodes[div].Outputs[0]
	m.gamma = p.takeParameter(m, "Mul", x)
	if m.gamma != ir.None {
		m.beta = p.takeParameter(m, "Add", x)
	}
	return true
}

// matchDeviation follows sqrt(mean(squares) + eps).
func (p *planner) matchDeviation(m *spelledNorm, squares ir.ValueID) (ir.ValueID, bool) {
	mean, ok := p.reader(squares)
	if !ok || !p.isLastMean(mean) {
		return ir.None, false
	}
	variance := p.g.Nodes[mean].Outputs[0]
	add, ok := p.reader(variance)
	if !ok || !p.is(add, "Add") {
		return ir.None, false
	}
	if m.eps, ok = p.number(p.other(add, variance)); !ok {
		return ir.None, false
	}
	root, ok := p.reader(p.g.Nodes[add].Outputs[0])
	if !ok || !p.is(root, "Sqrt") {
		return ir.None, false
	}
	m.nodes = append(m.nodes, mean, add, root)
	deviation := p.g.Nodes[root].Outputs[0]
	_, ok = p.reader(deviation)
	return deviation, ok
}

// isLastMean reports whether a node takes the mean along the last axis and
// keeps it.
func (p *planner) isLastMean(id ir.NodeID) bool {
	n := &p.g.Nodes[id]
	if !p.is(id, "ReduceMean") || !n.Attrs.Bool("keepdims", true) {
		return false
	}
	reduced, ok := p.reducedAxes(n)
	return ok && len(reduced) > 0 && slices.Index(reduced, true) == len(reduced)-1
}

// isSquare reports whether a node squares v.
func (p *planner) isSquare(id ir.NodeID, v ir.ValueID) bool {
	n := &p.g.Nodes[id]
	switch {
	case p.is(id, "Pow"):
		return n.Inputs[0] == v && p.isNumber(n.Inputs[1], 2)
	case p.is(id, "Mul"):
		return n.Inputs[0] == v && n.Inputs[1] == v
	}
	return false
}

// takeParameter takes along the product or sum with a vector as long as the last
// axis of x, and returns the vector.
func (p *planner) takeParameter(m *spelledNorm, op string, x ir.ValueID) ir.ValueID {
	id, ok := p.reader(m.out)
	if !ok || !p.is(id, op) {
		return ir.None
	}
	v, shape := p.other(id, m.out), p.shape(x)
	if !p.isFloat(v) || !slices.Equal(p.shape(v), shape[len(shape)-1:]) {
		return ir.None
	}
	m.nodes, m.out = append(m.nodes, id), p.g.Nodes[id].Outputs[0]
	return v
}
