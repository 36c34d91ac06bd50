package exec

import (
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// Operators whose output is their first input under another shape.
var viewLowerings = map[string]lowering{
	"Identity":  lowerView,
	"Dropout":   lowerView,
	"Cast":      lowerCast,
	"Reshape":   lowerView,
	"Flatten":   lowerView,
	"Squeeze":   lowerView,
	"Unsqueeze": lowerView,
}

// lowerView makes a view where the types show that nothing is computed.
func lowerView(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
	n := &p.g.Nodes[id]
	from, to := n.Input(0), n.Output(0)
	if from == ir.None || to == ir.None || !settled(p.types[from]) || !settled(p.types[to]) || p.types[from].DType != p.types[to].DType {
		return nil, 0
	}
	a, _ := tensor.NumElements(p.shape(from))
	b, _ := tensor.NumElements(p.shape(to))
	if a != b || n.Op == "Dropout" && !p.isPlainDropout(n) {
		return nil, 0
	}
	return &stage{reads: []ir.ValueID{from}, writes: []ir.ValueID{to}, view: true}, id
}

// isPlainDropout reports whether a Dropout that was not bypassed, because its
// output is fetched, drops nothing.
func (p *planner) isPlainDropout(n *ir.Node) bool {
	mask := n.Output(1)
	return n.Input(2) == ir.None && (mask == ir.None || len(p.uses[mask]) == 0 && !p.fetched[mask])
}
