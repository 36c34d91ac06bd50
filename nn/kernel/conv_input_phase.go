package kernel

// axisPhase is an interleaved image along one axis. Result o and tap k touch
// input i where i + pad = stride*o + dilation*k. With i + pad = stride*u + phase
// and dilation*k = stride*q + phase this is o = u - q.
type axisPhase struct {
	taps  []int // k, those with this phase
	back  []int // q of each
	first int   // the first input
	start int   // its u
	count int   // how many inputs there are, stride apart
}

// newAxisPhases splits axis i of the window.
func newAxisPhases(w *Window, i int) []axisPhase {
	var phases []axisPhase
	stride, pad := w.Stride[i], w.PadLo[i]
	for first := range min(stride, w.In[i]) {
		phase := (first + pad) % stride
		p := axisPhase{first: first, start: (first + pad) / stride, count: (w.In[i]-1-first)/stride + 1}
		for k := range w.Kernel[i] {
			if d := k * w.Dilation[i]; d%stride == phase {
				p.taps, p.back = append(p.taps, k), append(p.back, d/stride)
			}
		}
		phases = append(phases, p)
	}
	return phases
}

// pads returns how much padding, before and after the n results, the taps of all
// phases of an axis need.
func pads(phases []axisPhase, n int) (lo, hi int) {
	for _, p := range phases {
		hi = max(hi, p.count-n)
		for _, q := range p.back {
			lo = max(lo, q-p.start)
			hi = max(hi, p.start-q+p.count-n)
		}
	}
	return lo, hi
}

// newInputPhases plans the products of all interleaved images. They read the same
// padded results.
func newInputPhases(s *ConvSpec) []inputPhase {
	var axes [3][]axisPhase
	source := paddedImage{in: s.Out(), stride: [3]int{1, 1, 1}, phases: [3][]int{{0}, {0}, {0}}}
	for i := range axes {
		axes[i] = newAxisPhases(&s.Window, i)
		lo, hi := pads(axes[i], source.in[i])
		source.lo[i], source.extent[i] = lo, lo+source.in[i]+hi
	}
	var phases []inputPhase
	for _, z := range axes[0] {
		for _, y := range axes[1] {
			for _, x := range axes[2] {
				phases = append(phases, newInputPhase(s, source, [3]axisPhase{z, y, x}))
			}
		}
	}
	return phases
}

func newInputPhase(s *ConvSpec, source paddedImage, axes [3]axisPhase) inputPhase {
	c := &correlation{
		tile: &active.tile, source: source, channels: s.groupFilters(), left: make([]packed, s.Groups),
		target: target{size: s.In, step: s.Stride},
	}
	for i := range axes {
		c.grid[i], c.target.first[i] = axes[i].count, axes[i].first
	}
	p := inputPhase{product: c}
	positions := p.chooseTaps(s, axes)
	for f := range c.channels {
		for _, pos := range positions {
			c.off = append(c.off, f*source.size()+source.offset(pos))
		}
	}
	return p
}

// chooseTaps sets the phase's taps and returns where each one reads for the first
// input.
func (p *inputPhase) chooseTaps(s *ConvSpec, axes [3]axisPhase) (positions [][3]int) {
	at := func(i, n int) int { return axes[i].start - axes[i].back[n] + p.product.source.lo[i] }
	for z, kz := range axes[0].taps {
		for y, ky := range axes[1].taps {
			for x, kx := range axes[2].taps {
				p.taps = append(p.taps, (kz*s.Kernel[1]+ky)*s.Kernel[2]+kx)
				positions = append(positions, [3]int{at(0, z), at(1, y), at(2, x)})
			}
		}
	}
	return positions
}
