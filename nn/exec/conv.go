package exec

import (
	"github.com/tomo-viz/tomo/internal/pages"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/kernel"
	"github.com/tomo-viz/tomo/nn/tensor"
)

var convLowerings = map[string]lowering{
	"Conv":          lowerConv,
	"ConvTranspose": lowerConvTranspose,
}

// convSpec returns the geometry of the convolution of images x to y with
// weights of the given shape, which the attributes of n describe.
func (p *planner) convSpec(n *ir.Node, x, weights, y []int) (kernel.ConvSpec, bool) {
	if len(x) < 3 || len(weights) != len(x) || len(y) != len(x) {
		return kernel.ConvSpec{}, false
	}
	geometry := window
	if n.Op == "ConvTranspose" {
		geometry = transposedWindow
	}
	w, ok := geometry(n, rest(x), rest(y), rest(weights))
	s := kernel.ConvSpec{Window: w, Channels: x[1], Filters: weights[0], Groups: n.Attrs.Int("group", 1)}
	return s, ok && s.Validate() == nil && s.Filters == y[1] && s.Channels/s.Groups == weights[1]
}

// lowerConv makes the stage of a convolution with the normalisation, sum and
// activation behind it. Constant weights are packed once.
func lowerConv(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
	n := &p.g.Nodes[id]
	x, w, b, y := n.Input(0), n.Input(1), n.Input(2), n.Output(0)
	if !p.isFloat(x, w, b, y) {
		return nil, 0
	}
	spec, ok := p.convSpec(n, p.shape(x), p.shape(w), p.shape(y))
	if !ok {
		return nil, 0
	}
	batch := p.shape(x)[0]
	if p.constant(w) == nil || b != ir.None && p.constant(b) == nil {
		return p.convOfVariables(id, spec, batch)
	}
	spec = spec.ForBatch(batch)
	scaled, from := p.takeAffines(id, y)
	t := p.tail(id, from)
	t.last = max(t.last, scaled.last)
	c := p.packConv(spec, p.constant(w), p.constant(b), scaled)
	return &stage{
		reads: t.reads(x), writes: []ir.ValueID{t.out}, over: t.over(),
		run: func(r *run) error {
			e := t.epilogue(r)
			e.RowBias = c.bias
			c.conv.Run(r.team, batch, r.out(t.out), r.in(x), e)
			return nil
		},
	}, t.last
}

// convOfVariables is a convolution whose weights or bias are not constant: they
// are packed in every run.
func (p *planner) convOfVariables(id ir.NodeID, spec kernel.ConvSpec, batch int) (*stage, ir.NodeID) {
	n := &p.g.Nodes[id]
	x, w, b := n.Input(0), n.Input(1), n.Input(2)
	t := p.tail(id, n.Output(0))
	local := p.newLocal()
	return &stage{
		reads: t.reads(x, w, b), writes: []ir.ValueID{t.out}, over: t.over(),
		run: func(r *run) error {
			e := t.epilogue(r)
			e.RowBias = r.maybe(b)
			conv, ok := r.local[local].(*kernel.Conv)
			if ok {
				conv.SetWeights(r.team, r.in(w))
			} else {
				conv = kernel.NewConv(spec, r.in(w))
				r.local[local] = conv
			}
			conv.Run(r.team, batch, r.out(t.out), r.in(x), e)
			return nil
		},
	}, t.last
}

// A packedConv is a convolution whose weights and bias hold the affine maps
// behind it too.
type packedConv struct {
	conv *kernel.Conv
	bias []float32 // nil if there is none
}

// A convHow tells packed convolutions of the same weights apart.
type convHow struct {
	spec  kernel.ConvSpec
	steps string
}

func (p *planner) packConv(spec kernel.ConvSpec, w, b *tensor.Tensor, a affines) *packedConv {
	constants := append([]*tensor.Tensor{w, b}, a.constants...)
	return packed(p.packs, convHow{spec, a.how}, func() *packedConv {
		weights, bias := a.into(spec.Filters, w, b)
		return &packedConv{kernel.NewConv(spec, weights), bias}
	}, constants...)
}

// padded32 copies a list and pads it with zeros to n.
func padded32(list []float32, n int) []float32 {
	out := pages.Make[float32](n)
	copy(out, list)
	return out
}
