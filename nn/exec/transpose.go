package exec

import (
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
)

// lowerTranspose copies the elements in their new order.
func lowerTranspose(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
	n := &p.g.Nodes[id]
	x, y := n.Inputs[0], n.Outputs[0]
	if !p.isFloat(x, y) {
		return nil, 0
	}
	return p.gathering(x, y, newWalk(p.shape(y), permuted(stridesOf(p.shape(x)), n.Attrs.Ints("perm"))), 0), id
}

// permuted reorders what belongs to the axes as a Transpose does, which reverses
// them if perm is nil.
func permuted(of, perm []int) []int {
	out := slices.Clone(of)
	if len(perm) == 0 {
		slices.Reverse(out)
		return out
	}
	for i, axis := range perm {
		out[i] = of[axis]
	}
	return out
}

// unpermuted is the inverse of permuted.
func unpermuted(of, perm []int) []int {
	out := slices.Clone(of)
	if len(perm) == 0 {
		slices.Reverse(out)
		return out
	}
	for i, axis := range perm {
		out[axis] = of[i]
	}
	return out
}

// gathering makes the stage that copies elements of x in the order of a walk.
func (p *planner) gathering(x, y ir.ValueID, w walk, start int) *stage {
	return &stage{reads: []ir.ValueID{x}, writes: []ir.ValueID{y}, run: func(r *run) error {
		gather(r.team, r.out(y), r.in(x), &w, start)
		return nil
	}}
}
