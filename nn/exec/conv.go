package exec

import (
	"fmt"
	"slices"

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
	w, ok := window(n, rest(x), rest(y), rest(weights))
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
		c := &packedConv{}
		if b != nil {
			c.bias = b.F32()
		}
		weights := w.F32()
		if len(a.steps) > 0 {
			weights, c.bias = slices.Clone(weights), padded32(c.bias, spec.Filters)
			for _, step := range a.steps {
				step.into(weights, c.bias)
			}
		}
		c.conv = kernel.NewConv(spec, weights)
		return c
	}, constants...)
}

// padded32 copies a list and pads it with zeros to n.
func padded32(list []float32, n int) []float32 {
	out := make([]float32, n)
	copy(out, list)
	return out
}

// An affine multiplies each channel by a number and adds one.
type affine struct{ scale, shift []float32 }

// into changes weights, [filters][...], and bias so that their result is that of
// the map.
func (a affine) into(weights, bias []float32) {
	size := len(weights) / len(bias)
	for f := range bias {
		row := weights[f*size : (f+1)*size]
		kernel.Scale(row, row, a.scale[f])
		bias[f] = bias[f]*a.scale[f] + a.shift[f]
	}
}

// An affines is a chain of affine maps with the constants they are made of.
type affines struct {
	steps     []affine
	constants []*tensor.Tensor
	how       string
	last      ir.NodeID
}

// takeAffines takes along the batch normalisations, and the sums and products
// with one number per channel, that follow the value y of node id; it returns
// them with the value that they make.
func (p *planner) takeAffines(id ir.NodeID, y ir.ValueID) (affines, ir.ValueID) {
	a := affines{last: id}
	for {
		next, ok := p.reader(y)
		if !ok {
			return a, y
		}
		step, constants, how, ok := p.affine(next, y)
		if !ok || len(a.constants)+len(constants) > 4 {
			return a, y
		}
		a.steps, a.constants = append(a.steps, step), append(a.constants, constants...)
		a.how += how
		a.last = next
		p.fused[next] = true
		y = p.g.Nodes[next].Outputs[0]
	}
}

// affine reads node id as an affine map of the channels of v.
func (p *planner) affine(id ir.NodeID, v ir.ValueID) (affine, []*tensor.Tensor, string, bool) {
	n := &p.g.Nodes[id]
	if p.is(id, "BatchNormalization") && n.Inputs[0] == v {
		constants, ok := p.normConstants(n)
		if !ok {
			return affine{}, nil, "", false
		}
		return batchNorm(n, constants[0].F32(), constants[1].F32(), constants[2].F32(), constants[3].F32()), constants, fmt.Sprintf("norm %g;", epsilon(n)), true
	}
	if !p.is(id, "Add") && !p.is(id, "Mul") {
		return affine{}, nil, "", false
	}
	c := p.constant(p.other(id, v))
	channels := p.shape(v)[1]
	if c == nil || !perChannel(c.Shape(), p.shape(v)) || !slices.Equal(p.shape(n.Outputs[0]), p.shape(v)) {
		return affine{}, nil, "", false
	}
	numbers := c.F32()
	if len(numbers) == 1 {
		numbers = repeated(numbers[0], channels)
	}
	a := affine{scale: numbers, shift: make([]float32, channels)}
	if n.Op == "Add" {
		a = affine{scale: repeated(1, channels), shift: numbers}
	}
	return a, []*tensor.Tensor{c}, n.Op + ";", true
}

// perChannel reports whether a constant broadcasts to shape [N,C,...] with one
// number for each channel, or one for all.
func perChannel(c, shape []int) bool {
	if len(c) > len(shape) {
		return false
	}
	axis := 1 - (len(shape) - len(c)) // of c, that of the channels
	for i, d := range c {
		if d != 1 && (i != axis || d != shape[1]) {
			return false
		}
	}
	return true
}

func repeated(x float32, n int) []float32 { return slices.Repeat([]float32{x}, n) }

// normConstants returns scale, bias, mean and variance of a batch normalisation
// outside training, if all are constant.
func (p *planner) normConstants(n *ir.Node) ([]*tensor.Tensor, bool) {
	if len(n.Inputs) != 5 || n.Attrs.Bool("training_mode", false) || len(n.Outputs) != 1 || !n.Attrs.Bool("spatial", true) {
		return nil, false
	}
	channels := p.shape(n.Outputs[0])[1]
	var constants []*tensor.Tensor
	for _, v := range n.Inputs[1:] {
		c := p.constant(v)
		if c == nil || c.Len() != channels {
			return nil, false
		}
		constants = append(constants, c)
	}
	return constants, true
}

// lowerConvTranspose runs a transposed convolution as the gradient of the
// convolution that it transposes.
func lowerConvTranspose(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
	n := &p.g.Nodes[id]
	x, w, b, y := n.Input(0), n.Input(1), n.Input(2), n.Output(0)
	if !p.isFloat(x, w, b, y) || len(n.Attrs.Ints("output_shape")) > 0 {
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
