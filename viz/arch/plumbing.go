package arch

import (
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
)

// hideIdle hides the nodes that no data flows through: those whose inputs are
// all constant, and integer arithmetic on shapes.
func (s *network) hideIdle() {
	g := s.model.Net
	still := make([]bool, len(g.Values)) // constant, or known from shapes alone
	for i := range g.Values {
		still[i] = g.Values[i].Const != nil || g.Values[i].Missing != ""
	}
	outputs := map[ir.ValueID]bool{}
	for _, v := range g.Outputs {
		outputs[v] = true
	}
	for i := range g.Nodes {
		n := &g.Nodes[i]
		reads := n.Reads()
		idle := n.Op == "Shape" || n.Op == "Size" ||
			len(reads) > 0 && !slices.ContainsFunc(reads, func(v ir.ValueID) bool { return !still[v] })
		if !idle || slices.ContainsFunc(n.Outputs, func(v ir.ValueID) bool { return outputs[v] }) {
			continue
		}
		s.nodes[i].hidden = true
		s.idle++
		for _, v := range n.Outputs {
			if v != ir.None {
				still[v] = true
			}
		}
	}
}

// hideQuantizers hides the steps that round the values between the layers of a
// quantized network, if it has any layers.
func (s *network) hideQuantizers() {
	var found []ir.NodeID
	others := 0
	for i := range s.nodes {
		n := &s.model.Net.Nodes[i]
		switch {
		case s.nodes[i].hidden:
		case (n.Op == "QuantizeLinear" || n.Op == "DequantizeLinear") && n.Input(0) != ir.None:
			found = append(found, ir.NodeID(i))
		default:
			others++
		}
	}
	if others == 0 {
		return
	}
	for _, id := range found {
		s.nodes[id].hidden, s.nodes[id].passes = true, true
	}
	s.quantizers = len(found)
}
