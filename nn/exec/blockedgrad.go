package exec

import (
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/kernel"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A blockedBackHow tells gradients by the same weights apart.
type blockedBackHow struct {
	spec  kernel.ConvSpec
	plain bool
}

// lowerBlockedInputGrad makes the stage of (dy, w, shape) -> dx with constant
// weights, with a sum behind it.
func lowerBlockedInputGrad(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
	return p.blockedInputGrad(id, p.g.Nodes[id].Input(0), nil)
}

// scaledInputGrad makes the stage of a product with a number per channel and of the
// gradient of a convolution's images behind it, which is how the gradient of a
// batch normalisation goes on: the numbers go into the weights.
func (p *planner) scaledInputGrad(id ir.NodeID) (*stage, ir.NodeID) {
	n := &p.g.Nodes[id]
	next, ok := p.reader(n.Outputs[0])
	if !ok || n.Op != "Mul" {
		return nil, 0
	}
	if g := &p.g.Nodes[next]; g.Domain != op.Domain || g.Op != "ConvGradInput" || g.Input(0) != n.Outputs[0] {
		return nil, 0
	}
	for i, dy := range n.Inputs {
		c := p.constant(n.Inputs[1-i])
		if c == nil || c.Len() != p.planes(n.Outputs[0])[1] || !p.isBlocked(dy) {
			continue
		}
		s, last := p.blockedInputGrad(next, dy, c)
		p.fused[next] = p.fused[next] || s != nil
		return s, last
	}
	return nil, 0
}

// blockedInputGrad makes the stage of the gradient of a convolution's images by dy,
// whose channels are multiplied by the given numbers first, if any are given.
func (p *planner) blockedInputGrad(id ir.NodeID, dy ir.ValueID, scale *tensor.Tensor) (*stage, ir.NodeID) {
	n := &p.g.Nodes[id]
	w, dx := p.constant(n.Input(1)), n.Output(0)
	spec, ok := p.convSpec(n, p.planes(dx), p.shape(n.Input(1)), p.planes(dy))
	if !ok || !p.isBlocked(dx) {
		return nil, 0
	}
	t := tail{last: id, out: dx, residual: ir.None}
	p.takeSum(&t)
	batch := p.shape(dy)[0]
	spec = spec.ForBatch(batch)
	how := blockedBackHow{spec, !p.isBlocked(dy)}
	grad := packed(p.packs, how, func() *kernel.BlockedInputGrad {
		return kernel.NewBlockedInputGrad(p.packers(), spec, scaledFilters(w, scale), how.plain)
	}, w, scale)
	return &stage{
		reads: t.reads(dy), writes: []ir.ValueID{t.out}, over: t.over(),
		run: func(r *run) error {
			grad.Run(r.team, batch, r.out(t.out), r.in(dy), t.epilogue(r))
			return nil
		},
	}, t.last
}

// scaledFilters returns weights whose filters are multiplied by a number each, or
// the weights if there are none.
func scaledFilters(w, scale *tensor.Tensor) []float32 {
	if scale == nil {
		return w.F32()
	}
	scaled := padded32(w.F32(), w.Len())
	affine{scale.F32(), make([]float32, scale.Len())}.into(scaled, make([]float32, scale.Len()))
	return scaled
}

// lowerBlockedWeightGrad makes the stage of (x, dy, shape) -> dw.
func lowerBlockedWeightGrad(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
	n := &p.g.Nodes[id]
	x, dy, dw := n.Input(0), n.Input(1), n.Output(0)
	spec, ok := p.convSpec(n, p.planes(x), p.shape(dw), p.planes(dy))
	if !ok || !p.isBlocked(dy) {
		return nil, 0
	}
	return p.blockedWeightGrad(spec, x, dy, dw), id
}

// blockedWeightGrad makes the stage of the gradient of a convolution's weights.
func (p *planner) blockedWeightGrad(spec kernel.ConvSpec, x, dy, dw ir.ValueID) *stage {
	grad, batch := kernel.NewBlockedWeightGrad(spec, !p.isBlocked(x)), p.shape(x)[0]
	return &stage{
		reads: []ir.ValueID{x, dy}, writes: []ir.ValueID{dw},
		run: func(r *run) error {
			grad.Run(r.team, batch, r.out(dw), r.in(x), r.in(dy))
			return nil
		},
	}
}

// lowerBlockedSum makes the stage of the sums of channels.
func lowerBlockedSum(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
	n := &p.g.Nodes[id]
	x, y := n.Inputs[0], n.Outputs[0]
	if !p.isBlocked(x) || p.isBlocked(y) {
		return nil, 0
	}
	shape := p.planes(x)
	return &stage{reads: []ir.ValueID{x}, writes: []ir.ValueID{y}, run: func(r *run) error {
		kernel.BlockedChannelSums(r.team, r.out(y), r.in(x), shape[0], shape[1], elementsOf(shape[2:]))
		return nil
	}}, id
}

// blockedDot makes the stage of a product of two images whose channels are then
// summed up, as the gradient of a scale is written. It is the gradient of the
// weights of channels that are multiplied each by a number.
func (p *planner) blockedDot(id ir.NodeID) (*stage, ir.NodeID) {
	n := &p.g.Nodes[id]
	if n.Op != "Mul" || !slices.Equal(p.shape(n.Inputs[0]), p.shape(n.Inputs[1])) {
		return nil, 0
	}
	next, ok := p.reader(n.Outputs[0])
	if !ok || !p.is(next, "ReduceSum") || p.isBlocked(p.g.Nodes[next].Outputs[0]) {
		return nil, 0
	}
	a, b, y := n.Inputs[0], n.Inputs[1], p.g.Nodes[next].Outputs[0]
	if !p.isBlocked(a) || !p.isBlocked(b) || elementsOf(p.shape(y)) != p.planes(a)[1] {
		return nil, 0
	}
	p.fused[next] = true
	shape := p.planes(a)
	spec := kernel.ConvSpec{Window: kernel.Window1D(elementsOf(shape[2:]), 1), Channels: shape[1], Filters: shape[1], Groups: shape[1]}
	return p.blockedWeightGrad(spec, a, b, y), next
}

// lowerBlockedMaxPoolGrad makes the stage of (dy, x) -> dx.
func lowerBlockedMaxPoolGrad(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
	n := &p.g.Nodes[id]
	dy, x, dx := n.Inputs[0], n.Inputs[1], n.Outputs[0]
	w, _, ok := p.poolWindow(n, x, dy)
	if !ok || !p.isBlocked(dy) || !p.isBlocked(x) || !p.isBlocked(dx) {
		return nil, 0
	}
	grad, shape := kernel.NewBlockedMaxPoolGrad(w), p.planes(x)
	return &stage{reads: []ir.ValueID{dy, x}, writes: []ir.ValueID{dx}, run: func(r *run) error {
		grad.Run(r.team, shape[0], shape[1], r.out(dx), r.in(dy), r.in(x))
		return nil
	}}, id
}
