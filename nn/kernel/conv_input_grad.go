package kernel

import "sync"

// ConvInputGrad is the gradient of a convolution by its images, with the weights
// packed. It is also the forward pass of a transposed convolution, whose image
// is the gradient of the results here.
//
// With stride s the gradient falls apart into s interleaved images on each axis,
// each of which is a correlation of stride 1 with every s-th tap, so that nothing
// is multiplied with inserted zeros.
type ConvInputGrad struct {
	spec    ConvSpec
	minimal *winograd             // if that is asked for and possible
	direct  func() *ConvInputGrad // the same without, for numbers that it is not for
	phases  []inputPhase
	weights []Mat // transposed, per group; only if pointwise
}

// inputPhase is one of the interleaved images.
type inputPhase struct {
	product *correlation
	taps    []int // which taps of the window it uses
}

// NewConvInputGrad plans the gradient of the convolution that spec describes and
// packs its weights [Filters, Channels/Groups, Kernel...].
func NewConvInputGrad(spec ConvSpec, weights []float32) *ConvInputGrad {
	c := &ConvInputGrad{spec: spec}
	back, turned := spec.turned()
	switch {
	case spec.pointwise():
		c.weights = make([]Mat, spec.Groups)
	case spec.Minimal && turned && back.minimalPossible():
		c.minimal = newWinograd(back)
	default:
		c.phases = newInputPhases(&spec)
	}
	c.SetWeights(nil, weights)
	return c
}

// turned returns the convolution that computes the gradient by the images from
// that by the results, with the weights turned around; false if there is none,
// because it would have a stride or negative padding.
func (s *ConvSpec) turned() (ConvSpec, bool) {
	back := *s
	back.Channels, back.Filters, back.In, back.Ceil = s.Filters, s.Channels, s.Out(), false
	ok := true
	for i := range back.In {
		reach := s.extent(i) - 1
		back.PadLo[i] = reach - s.PadLo[i]
		back.PadHi[i] = s.In[i] - back.In[i] + s.PadLo[i]
		ok = ok && s.Stride[i] == 1 && back.PadLo[i] >= 0 && back.PadHi[i] >= 0
	}
	return back, ok
}

// Spec returns what the gradient was made from.
func (c *ConvInputGrad) Spec() ConvSpec { return c.spec }

// SetWeights packs other weights. It must not run together with
// [ConvInputGrad.Run].
func (c *ConvInputGrad) SetWeights(t *Team, weights []float32) {
	s := &c.spec
	s.checkWeights(weights)
	if c.minimal != nil {
		c.minimal.setWeights(t, weights, true)
		c.direct = sync.OnceValue(func() *ConvInputGrad { return NewConvInputGrad(s.directly(), weights) })
		return
	}
	size := s.WeightSize() / s.Groups
	for g := range s.Groups {
		w := weights[g*size : (g+1)*size]
		if s.pointwise() {
			c.weights[g] = RowMajor(w, s.groupFilters(), s.groupChannels()).T()
			c.weights[g].packed = packLeft(t, &active.tile, c.weights[g], nil)
			continue
		}
		for i := range c.phases {
			c.phases[i].pack(t, s, g, w)
		}
	}
}

// pack packs the weights of one group: row c, column (m, tap) has the weight of
// filter m for channel c.
func (p *inputPhase) pack(t *Team, s *ConvSpec, group int, w []float32) {
	channels, filters, taps := s.groupChannels(), s.groupFilters(), volume(s.Kernel)
	buf := borrow(channels * filters * len(p.taps))
	defer buf.giveBack()
	m := RowMajor(buf.f, channels, filters*len(p.taps))
	t.Ranges(channels, packGrain/max(1, m.Cols), func(lo, hi int) {
		for c := lo; c < hi; c++ {
			row := m.Data[c*m.Cols : (c+1)*m.Cols]
			for f := range filters {
				for i, tap := range p.taps {
					row[f*len(p.taps)+i] = w[(f*channels+c)*taps+tap]
				}
			}
		}
	})
	left := &p.product.left[group]
	*left = *packLeft(t, p.product.tile, m, left.data)
}

// Run sets dx, n images, to the gradient given dy, the gradient by n results. The
// epilogue's row bias has a number per channel.
func (c *ConvInputGrad) Run(t *Team, n int, dx, dy []float32, e Epilogue) {
	s := &c.spec
	s.checkBatch(n, dx, dy)
	e.check(s.Channels, 0, n*s.InSize())
	if s.InSize() == 0 {
		return
	}
	if c.minimal != nil {
		if c.minimal.takes(t, dy[:n*s.OutSize()]) {
			c.minimal.run(t, n, dx, dy, e)
		} else {
			c.direct().Run(t, n, dx, dy, e)
		}
		return
	}
	shape := unitShape{n, s.Groups, s.OutSize() / s.Groups, s.InSize() / s.Groups, s.groupChannels()}
	work := s.WeightSize() / s.Groups * volume(s.Out())
	runUnits(t, shape, work, dx, dy, e, func(t *Team, u *unit) {
		if s.pointwise() {
			pointwise(t, c.weights[u.group], volume(s.In), u)
			return
		}
		// All phases read the same padded results.
		padded := c.phases[0].product.padAll(t, u.src)
		defer padded.giveBack()
		for i := range c.phases {
			c.phases[i].product.computePadded(t, u, padded.f)
		}
	})
}
