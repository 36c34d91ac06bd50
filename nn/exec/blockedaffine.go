package exec

import (
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/kernel"
)

// lowerBlockedNorm makes the stage of a batch normalisation that no convolution
// takes along.
func lowerBlockedNorm(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
	n := &p.g.Nodes[id]
	constants, ok := p.normConstants(n)
	if !ok {
		return nil, 0
	}
	a := batchNorm(n, constants[0].F32(), constants[1].F32(), constants[2].F32(), constants[3].F32())
	return p.blockedAffine(n.Inputs[0], n.Outputs[0], a.scale, a.shift), id
}

// blockedAffine makes the stage of a map with constant numbers per channel, of
// which either may be nil.
func (p *planner) blockedAffine(x, y ir.ValueID, scale, shift []float32) *stage {
	shape, full := p.planes(x), p.shape(x)[1]*kernel.Block()
	if scale != nil {
		scale = padded32(scale, full)
	}
	if shift != nil {
		shift = padded32(shift, full)
	}
	return &stage{
		reads: []ir.ValueID{x}, writes: []ir.ValueID{y}, over: []ir.ValueID{x},
		run: func(r *run) error {
			kernel.BlockedAffine(r.team, r.out(y), r.in(x), scale, shift, shape[0], shape[1], elementsOf(shape[2:]), false)
			return nil
		},
	}
}

// blockedBroadcast makes the stage of a sum or product of an image and what is
// repeated over its positions; nil if the operands are no such.
func (p *planner) blockedBroadcast(id ir.NodeID) *stage {
	n := &p.g.Nodes[id]
	x, v, y := n.Inputs[0], n.Inputs[1], n.Outputs[0]
	if n.Op != "Add" && n.Op != "Mul" && n.Op != "Sub" {
		return nil
	}
	if !slices.Equal(p.shape(x), p.shape(y)) {
		x, v = v, x
	}
	shape := p.planes(y)
	switch c := p.constant(v); {
	case c != nil && c.Len() > 1 && n.Op == "Add":
		return p.blockedAffine(x, y, nil, c.F32())
	case c != nil && c.Len() > 1 && n.Op == "Sub":
		shift := slices.Clone(c.F32())
		kernel.Scale(shift, shift, -1)
		return p.blockedAffine(x, y, nil, shift)
	case n.Op == "Sub":
		return nil
	case c != nil && c.Len() > 1:
		return p.blockedAffine(x, y, c.F32(), nil)
	case !p.isBlocked(v) || slices.Equal(p.shape(v), p.shape(y)):
		return nil
	}
	return &stage{
		reads: []ir.ValueID{x, v}, writes: []ir.ValueID{y}, over: []ir.ValueID{x},
		run: func(r *run) error {
			scale, shift := r.in(v), []float32(nil)
			if n.Op == "Add" {
				scale, shift = shift, scale
			}
			kernel.BlockedAffine(r.team, r.out(y), r.in(x), scale, shift, shape[0], shape[1], elementsOf(shape[2:]), true)
			return nil
		},
	}
}
