package exec

import (
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/kernel"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// lowerBlockedConv makes the stage of a convolution with constant weights, with
// what lowerConv takes along.
func lowerBlockedConv(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
	n := &p.g.Nodes[id]
	x, w, b, y := n.Input(0), n.Input(1), n.Input(2), n.Output(0)
	spec, ok := p.convSpec(n, p.planes(x), p.shape(w), p.planes(y))
	if !ok || !p.isBlocked(y) {
		return nil, 0
	}
	batch := p.shape(x)[0]
	spec = spec.ForBatch(batch)
	scaled, from := p.takeAffines(id, y)
	t := p.tail(id, from)
	t.last = max(t.last, scaled.last)
	conv := p.packBlocked(spec, p.constant(w), p.constant(b), scaled, !p.isBlocked(x))
	return &stage{
		reads: t.reads(x), writes: []ir.ValueID{t.out}, over: t.over(),
		run: func(r *run) error {
			e := t.epilogue(r)
			e.RowBias = conv.bias
			conv.Run(r.team, batch, r.out(t.out), r.in(x), e)
			return nil
		},
	}, t.last
}

// A blockedConv is a convolution whose weights and bias hold the affine maps behind
// it too.
type blockedConv struct {
	*kernel.BlockedConv
	bias []float32
}

// A blockedHow tells blocked convolutions of the same weights apart.
type blockedHow struct {
	convHow
	plain bool
}

func (p *planner) packBlocked(spec kernel.ConvSpec, w, b *tensor.Tensor, a affines, plain bool) *blockedConv {
	constants := append([]*tensor.Tensor{w, b}, a.constants...)
	return packed(p.packs, blockedHow{convHow{spec, a.how}, plain}, func() *blockedConv {
		weights, bias := a.into(spec.Filters, w, b)
		return &blockedConv{kernel.NewBlockedConv(p.packers(), spec, weights, plain), bias}
	}, constants...)
}
