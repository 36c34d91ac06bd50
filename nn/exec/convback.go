package exec

import (
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/kernel"
)

// lowerConvTranspose runs a transposed convolution as the gradient of the
// convolution that it transposes.
func lowerConvTranspose(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
	n := &p.g.Nodes[id]
	x, w, b, y := n.Input(0), n.Input(1), n.Input(2), n.Output(0)
	if !p.isFloat(x, w, b, y) {
		return nil, 0
	}
	spec, ok := p.convSpec(n, p.shape(y), p.shape(w), p.shape(x))
	if !ok {
		return nil, 0
	}
	return p.convBack(id, spec, x, w, b, y)
}

// convBack makes the stage that sends dy through a convolution to its images
// dx, adding b to each channel.
func (p *planner) convBack(id ir.NodeID, spec kernel.ConvSpec, dy, w, b, dx ir.ValueID) (*stage, ir.NodeID) {
	batch := p.shape(dy)[0]
	t := p.tail(id, dx)
	reads := t.reads(dy, b)
	prepare := func(*run) *kernel.ConvInputGrad { return nil }
	if c := p.constant(w); c != nil {
		spec := spec.ForBatch(batch)
		conv := packed(p.packs, spec, func() *kernel.ConvInputGrad { return kernel.NewConvInputGrad(spec, c.F32()) }, c)
		prepare = func(*run) *kernel.ConvInputGrad { return conv }
	} else {
		reads = append(reads, w)
		local := p.newLocal()
		prepare = func(r *run) *kernel.ConvInputGrad {
			conv, ok := r.local[local].(*kernel.ConvInputGrad)
			if ok {
				conv.SetWeights(r.team, r.in(w))
			} else {
				conv = kernel.NewConvInputGrad(spec, r.in(w))
				r.local[local] = conv
			}
			return conv
		}
	}
	return &stage{
		reads: reads, writes: []ir.ValueID{t.out}, over: t.over(),
		run: func(r *run) error {
			e := t.epilogue(r)
			e.RowBias = r.maybe(b)
			prepare(r).Run(r.team, batch, r.out(t.out), r.in(dy), e)
			return nil
		},
	}, t.last
}
