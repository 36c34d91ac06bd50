package exec

import (
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
)

// A moved is a transposition that is not made, because all that read it can
// read the original with other strides.
type moved struct {
	from    ir.ValueID
	strides []int // per axis of the transposed value
}

// lowerTranspose copies the elements in their new order, unless matrix products
// are all that read them.
func lowerTranspose(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
	n := &p.g.Nodes[id]
	x, y := n.Inputs[0], n.Outputs[0]
	if !p.isFloat(x, y) {
		return nil, 0
	}
	strides := permutedStrides(p.shape(x), n.Attrs.Ints("perm"))
	if p.readByProducts(y) {
		p.moved[y] = moved{x, strides}
		return &stage{}, id
	}
	return p.gathering(x, y, newWalk(p.shape(y), strides), 0), id
}

// permutedStrides returns the strides that read a tensor of the given shape
// with its axes permuted, or reversed if perm is nil.
func permutedStrides(shape, perm []int) []int {
	strides := stridesOf(shape)
	if len(perm) == 0 {
		slices.Reverse(strides)
		return strides
	}
	out := make([]int, len(perm))
	for i, axis := range perm {
		out[i] = strides[axis]
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

// readByProducts reports whether v is read by nothing but matrix products that
// kernels compute.
func (p *planner) readByProducts(v ir.ValueID) bool {
	if p.isShown(v) || len(p.uses[v]) == 0 || len(p.shape(v)) < 2 {
		return false
	}
	for _, id := range p.uses[v] {
		n := &p.g.Nodes[id]
		isProduct := p.is(id, "MatMul") || p.is(id, "Gemm") && n.Input(2) == ir.None && n.Attrs.Float("alpha", 1) != 0
		if !isProduct || !p.isFloat(n.Inputs[0], n.Inputs[1], n.Outputs[0]) {
			return false
		}
	}
	return true
}
