package exec

import (
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// lowerOverlay lowers (maps, patches, places, corners) -> windows, a plane of a
// window after the other.
func lowerOverlay(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
	n := &p.g.Nodes[id]
	maps, patches, places, corners, y := n.Inputs[0], n.Inputs[1], n.Inputs[2], n.Inputs[3], n.Outputs[0]
	if !p.isFloat(maps, patches, y) || !p.isInt64(places) || !p.isInt64(corners) || op.CheckOverlay(n, p.shape(maps), p.shape(patches), p.shape(places), p.shape(corners)) != nil {
		return nil, 0
	}
	out, under, over := p.shape(y), p.shape(maps), p.shape(patches)
	fill := float32(n.Attrs.Float("fill", 0))
	return &stage{reads: []ir.ValueID{maps, patches, places, corners}, writes: []ir.ValueID{y}, run: func(r *run) error {
		to, below, above := r.out(y), r.in(maps), r.in(patches)
		at, from := tensor.Data[int64](r.values[places]), tensor.Data[int64](r.values[corners])
		area := out[2] * out[3]
		r.team.Ranges(out[0]*out[1], max(1, grain/area), func(lo, hi int) {
			for k := lo; k < hi; k++ {
				i, c := k/out[1], k%out[1]
				op.OverlayPlane(op.Plane[float32]{Data: to[k*area : (k+1)*area], H: out[2], W: out[3]},
					op.Plane[float32]{Data: below[c*under[2]*under[3]:], H: under[2], W: under[3]},
					op.Plane[float32]{Data: above[k*over[2]*over[3]:], H: over[2], W: over[3]},
					[2]int{int(at[2*i]), int(at[2*i+1])}, [2]int{int(from[2*i]), int(from[2*i+1])}, fill)
			}
		})
		return nil
	}}, id
}

// isInt64 reports whether a value is int64 of settled shape.
func (p *planner) isInt64(v ir.ValueID) bool {
	return p.types[v].DType == tensor.Int64 && settled(p.types[v])
}
