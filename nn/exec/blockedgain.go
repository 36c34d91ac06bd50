package exec

import (
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/kernel"
	"github.com/tomo-viz/tomo/nn/op"
)

// A blockable is a convolution, or the gradient of its images, that kernels
// compute in the blocked layout.
type blockable struct {
	groups int
	gain   float64 // in elements that could be converted in the time
}

// A reading is a node that makes no image of images that it reads in the blocked
// layout, if all of them lie in it but perhaps the first ones.
type reading struct {
	images []ir.ValueID
	free   int // how many may be plain
	gain   float64
}

// blockableConv returns what a convolution with constant weights, or the gradient
// of its images, is in the blocked layout.
func (b *blocking) blockableConv(n *ir.Node) (blockable, bool) {
	forward := n.Domain == "" && n.Op == "Conv"
	if !forward && (n.Domain != op.Domain || n.Op != "ConvGradInput") {
		return blockable{}, false
	}
	x, w, y, bias := n.Input(0), n.Input(1), n.Output(0), ir.ValueID(ir.None)
	if forward {
		bias = n.Input(2)
	}
	if !b.isFloat(x, w, bias, y) || b.constant(w) == nil || bias != ir.None && b.constant(bias) == nil || !b.isImage(x) || elementsOf(b.shape(y)) == 0 {
		return blockable{}, false
	}
	images, results := x, y
	if !forward {
		images, results = y, x
	}
	spec, ok := b.convSpec(n, b.shape(images), b.shape(w), b.shape(results))
	return blockable{spec.Groups, convGain(&spec, b.shape(x)[0], b.shape(y)[1])}, ok && spec.CanBlock()
}

// convGain estimates the gain of a convolution, or of the gradient of its images,
// with the given channels of what it makes, from what was measured: a
// multiplication takes two thirds of the time, less what is lost to channels that
// fill up blocks, and a conversion of an element as long as twenty of them;
// channels convolved separately gain many times as much.
func convGain(s *kernel.ConvSpec, batch, channels int) float64 {
	saved := 1.5 - filledUp(channels)
	if s.Groups == s.Channels && s.Groups > 1 {
		saved *= 16
	}
	return saved * products(s, batch) / 20
}

// filledUp is how many channels whole blocks have for each one.
func filledUp(channels int) float64 {
	full := (channels + kernel.Block() - 1) / kernel.Block() * kernel.Block()
	return float64(full) / float64(channels)
}

// products counts the multiplications of a convolution.
func products(s *kernel.ConvSpec, batch int) float64 {
	out := s.Out()
	return float64(batch) * float64(s.WeightSize()) * float64(out[0]*out[1]*out[2])
}

// readsBlocked returns how a node reads images, if it makes none of them: the
// gradient of a convolution's weights, and sums of channels.
func (b *blocking) readsBlocked(n *ir.Node) (reading, bool) {
	switch {
	case n.Domain == op.Domain && n.Op == "ConvGradWeight":
		return b.readsForWeights(n)
	case n.Domain == "" && n.Op == "ReduceSum" && b.isChannelSum(n):
		return reading{images: n.Inputs[:1]}, true
	}
	return reading{}, false
}

// readsForWeights is of the gradient of a convolution's weights. It is as fast as
// minimal filtering on plain images, and unfolds none.
func (b *blocking) readsForWeights(n *ir.Node) (reading, bool) {
	x, dy, dw := n.Input(0), n.Input(1), n.Output(0)
	if !b.isFloat(x, dy, dw) || !b.isImage(x) || !b.isImage(dy) || x == dy {
		return reading{}, false
	}
	spec, ok := b.convSpec(n, b.shape(x), b.shape(dw), b.shape(dy))
	batch := b.shape(x)[0]
	if !ok || !spec.CanBlock() {
		return reading{}, false
	}
	r := reading{images: []ir.ValueID{x, dy}, gain: convGain(&spec, batch, spec.Filters)}
	if spec.Groups == 1 {
		r.free = 1
	}
	return r, true
}

// isChannelSum reports whether a sum is over all axes of images but that of the
// channels.
func (b *blocking) isChannelSum(n *ir.Node) bool {
	x, y := n.Input(0), n.Output(0)
	if !b.isFloat(x, y) || !b.isImage(x) {
		return false
	}
	axes, ok := b.reducedAxes(n)
	for a, reduced := range axes {
		ok = ok && reduced == (a != 1)
	}
	return ok
}
