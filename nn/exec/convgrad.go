package exec

import (
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/kernel"
)

var convGradLowerings = map[string]lowering{
	"ConvGradInput":  lowerConvGradInput,
	"ConvGradWeight": lowerConvGradWeight,
}

// lowerConvGradInput lowers (dy, w, shape) -> dx.
func lowerConvGradInput(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
	n := &p.g.Nodes[id]
	dy, w, dx := n.Input(0), n.Input(1), n.Output(0)
	if !p.isFloat(dy, w, dx) {
		return nil, 0
	}
	spec, ok := p.convSpec(n, p.shape(dx), p.shape(w), p.shape(dy))
	if !ok {
		return nil, 0
	}
	return p.convBack(id, spec, dy, w, ir.None, dx)
}

// lowerConvGradWeight lowers (x, dy, shape) -> dw.
func lowerConvGradWeight(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
	n := &p.g.Nodes[id]
	x, dy, dw := n.Input(0), n.Input(1), n.Output(0)
	if !p.isFloat(x, dy, dw) {
		return nil, 0
	}
	spec, ok := p.convSpec(n, p.shape(x), p.shape(dw), p.shape(dy))
	if !ok {
		return nil, 0
	}
	batch := p.shape(x)[0]
	spec = spec.ForWeightGrad(batch)
	return &stage{
		reads: []ir.ValueID{x, dy}, writes: []ir.ValueID{dw},
		run: func(r *run) error {
			kernel.ConvWeightGrad(r.team, spec, batch, r.out(dw), r.in(x), r.in(dy), false)
			return nil
		},
	}, id
}
