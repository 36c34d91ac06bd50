package kernel

import "sync"

// Conv is a convolution with its weights packed, ready to run any number of
// times, by several goroutines at once.
type Conv struct {
	spec    ConvSpec
	minimal *winograd    // if that is asked for and possible
	direct  func() *Conv // the same without, for numbers that it is not for
	product *correlation // nil if pointwise
	weights []Mat        // per group; only if pointwise
}

// NewConv plans a convolution and packs its weights; later changes of the slice
// need [Conv.SetWeights]. The spec must be valid; see [ConvSpec.Validate].
func NewConv(spec ConvSpec, weights []float32) *Conv {
	c := &Conv{spec: spec}
	switch {
	case spec.pointwise():
		c.weights = make([]Mat, spec.Groups)
	case spec.Minimal && spec.minimalPossible():
		c.minimal = newWinograd(spec)
	default:
		c.product = newForward(&spec)
	}
	c.SetWeights(nil, weights)
	return c
}

// SetWeights packs other weights. It must not run together with [Conv.Run].
func (c *Conv) SetWeights(t *Team, weights []float32) {
	c.spec.checkWeights(weights)
	if c.minimal != nil {
		c.minimal.setWeights(t, weights, false)
		c.direct = sync.OnceValue(func() *Conv { return NewConv(c.spec.directly(), weights) })
		return
	}
	rows := c.spec.groupFilters()
	for g := range c.spec.Groups {
		cols := c.spec.groupChannels() * volume(c.spec.Kernel)
		m := RowMajor(weights[g*rows*cols:(g+1)*rows*cols], rows, cols)
		if c.product == nil {
			m.packed = packLeft(t, &active.tile, m, nil)
			c.weights[g] = m
		} else {
			c.product.left[g] = *packLeft(t, c.product.tile, m, c.product.left[g].data)
		}
	}
}

// Spec returns what the convolution was made from.
func (c *Conv) Spec() ConvSpec { return c.spec }

// Run convolves n images x into y. The epilogue's row bias has a number per
// filter; there is no column bias.
func (c *Conv) Run(t *Team, n int, y, x []float32, e Epilogue) {
	c.spec.checkBatch(n, x, y)
	e.check(c.spec.Filters, 0, n*c.spec.OutSize())
	if c.minimal != nil {
		if c.minimal.takes(t, x[:n*c.spec.InSize()]) {
			c.minimal.run(t, n, y, x, e)
		} else {
			c.direct().Run(t, n, y, x, e)
		}
		return
	}
	shape := unitShape{n, c.spec.Groups, c.spec.InSize() / c.spec.Groups, c.spec.OutSize() / c.spec.Groups, c.spec.groupFilters()}
	work := c.spec.groupFilters() * c.spec.groupChannels() * volume(c.spec.Kernel) * volume(c.spec.Out())
	runUnits(t, shape, work, y, x, e, func(t *Team, u *unit) {
		if c.product != nil {
			c.product.compute(t, u)
			return
		}
		pointwise(t, c.weights[u.group], volume(c.spec.In), u)
	})
}

// pointwise says that each result depends on one position of the image, so that
// the convolution is a matrix product.
func (s *ConvSpec) pointwise() bool {
	for i := range s.In {
		if s.Kernel[i] != 1 || s.Stride[i] != 1 || s.PadLo[i] != 0 || s.PadHi[i] != 0 {
			return false
		}
	}
	return true
}

// pointwise computes a unit as a product of weights and the image as it lies.
func pointwise(t *Team, weights Mat, positions int, u *unit) {
	gemm(t, RowMajor(u.dst, weights.Rows, positions), weights, RowMajor(u.src, weights.Cols, positions), u.e)
}

// newForward plans the implicit product of a forward pass.
func newForward(s *ConvSpec) *correlation {
	source, out := newPaddedImage(&s.Window), s.Out()
	c := &correlation{
		tile: &active.tile, source: source, channels: s.groupChannels(), grid: out,
		left:   make([]packed, s.Groups),
		target: target{size: out, step: [3]int{1, 1, 1}},
	}
	c.off = s.tapOffsets(&source)
	return c
}

// tapOffsets returns where in a group's padded channels each channel and tap
// begins, in the order of the weights.
func (s *ConvSpec) tapOffsets(p *paddedImage) []int {
	taps, size := s.taps(), p.size()
	off := make([]int, s.groupChannels()*len(taps))
	for i := range off {
		if i < len(taps) {
			off[i] = p.offset(taps[i])
		} else {
			off[i] = off[i-len(taps)] + size
		}
	}
	return off
}

// taps returns the positions of the window's taps in the padded image, in the
// order of the weights.
func (w *Window) taps() [][3]int {
	taps := make([][3]int, 0, volume(w.Kernel))
	for z := range w.Kernel[0] {
		for y := range w.Kernel[1] {
			for x := range w.Kernel[2] {
				taps = append(taps, [3]int{z * w.Dilation[0], y * w.Dilation[1], x * w.Dilation[2]})
			}
		}
	}
	return taps
}
