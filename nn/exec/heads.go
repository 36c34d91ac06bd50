package exec

import (
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
)

// headLowerings are of operators that set the heads of attention apart or join
// them, and of their gradients, which do the opposite.
var headLowerings = map[string]lowering{
	"SplitHeads":     lowerSplitHeads,
	"JoinHeads":      lowerJoinHeads,
	"SplitHeadsGrad": lowerJoinHeads,
	"JoinHeadsGrad":  lowerSplitHeads,
}

// headsFirst exchanges the axes of the sequence and of the heads.
var headsFirst = []int{0, 2, 1, 3}

// splitsHeads and joinsHeads say what a node does.
func splitsHeads(n *ir.Node) bool {
	return n.Domain == op.Domain && (n.Op == "SplitHeads" || n.Op == "JoinHeadsGrad")
}

func joinsHeads(n *ir.Node) bool {
	return n.Domain == op.Domain && (n.Op == "JoinHeads" || n.Op == "SplitHeadsGrad")
}

// lowerSplitHeads reads [batch, sequence, heads·size] in the order of [batch,
// heads, sequence, size].
func lowerSplitHeads(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
	x, y := p.g.Nodes[id].Inputs[0], p.g.Nodes[id].Outputs[0]
	if !p.isFloat(x, y) || len(p.shape(x)) != 3 || len(p.shape(y)) != 4 {
		return nil, 0
	}
	batch, heads, length, size := p.shape(y)[0], p.shape(y)[1], p.shape(y)[2], p.shape(y)[3]
	strides := permuted(stridesOf([]int{batch, length, heads, size}), headsFirst)
	return p.gathering(x, y, newWalk(p.shape(y), strides), 0), id
}

// lowerJoinHeads is the way back.
func lowerJoinHeads(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
	x, y := p.g.Nodes[id].Inputs[0], p.g.Nodes[id].Outputs[0]
	if !p.isFloat(x, y) || len(p.shape(x)) != 4 || len(p.shape(y)) != 3 {
		return nil, 0
	}
	s := p.shape(x)
	return p.gathering(x, y, newWalk(permuted(s, headsFirst), permuted(stridesOf(s), headsFirst)), 0), id
}
