package kernel

import "sync"

// BlockedInputGrad is [ConvInputGrad] in the blocked layout: each interleaved
// image is a blocked convolution of its own, of stride 1, whose results go where
// the image lies. It is ready to run any number of times, by several goroutines at
// once.
type BlockedInputGrad struct {
	spec   ConvSpec
	phases []*BlockedConv
}

// NewBlockedInputGrad plans the gradient of the convolution that spec describes
// and packs its weights on the threads of t, whose context must not end meanwhile;
// they must not change afterwards. The gradients by the results are blocked too,
// unless plain says that they are not; that takes a single group. The spec must be
// valid; see [ConvSpec.Validate] and [ConvSpec.CanBlock].
func NewBlockedInputGrad(t *Team, spec ConvSpec, weights []float32, plain bool) *BlockedInputGrad {
	spec.checkWeights(weights)
	c := &BlockedInputGrad{spec: spec}
	back, turned := spec.turned()
	spec.Minimal = spec.Minimal && turned && back.minimalPossible() && spec.Groups == 1 && !plain
	var axes [3][]axisPhase
	for i := range axes {
		axes[i] = newAxisPhases(&spec.Window, i)
	}
	for _, z := range axes[0] {
		for _, y := range axes[1] {
			for _, x := range axes[2] {
				c.phases = append(c.phases, newBlockedPhase(t, &spec, weights, plain, [3]axisPhase{z, y, x}))
			}
		}
	}
	return c
}

// newBlockedPhase plans the convolution of the gradients by the results that
// makes an interleaved image. Its input u reads result u - q for each tap, so that
// the taps are met in reverse.
func newBlockedPhase(t *Team, s *ConvSpec, weights []float32, plain bool, axes [3]axisPhase) *BlockedConv {
	back := ConvSpec{Channels: s.Filters, Filters: s.Channels, Groups: s.Groups, Window: Window{In: s.Out(), Stride: [3]int{1, 1, 1}}}
	to := target{size: s.In, step: s.Stride}
	for i, a := range axes {
		n := len(a.taps)
		back.Kernel[i], back.Dilation[i] = n, 1
		if n > 1 {
			back.Dilation[i] = a.back[1] - a.back[0]
		}
		if n > 0 {
			back.PadLo[i] = a.back[n-1] - a.start
		}
		back.PadHi[i] = a.count - 1 + back.extent(i) - back.In[i] - back.PadLo[i]
		to.first[i] = a.first
	}
	if back.Minimal = s.Minimal; back.Minimal {
		c := &BlockedConv{spec: back}
		c.filterMinimally(t, weights, true, to)
		c.direct = sync.OnceValue(func() *BlockedConv {
			direct := s.directly()
			return newBlockedPhase(nil, &direct, weights, plain, axes)
		})
		return c
	}
	return newBlockedConv(t, back, turnedWeights(t, s, weights, axes), plain, to)
}

// turnedWeights returns the weights of a phase: channels for filters, and its taps
// in reverse.
func turnedWeights(t *Team, s *ConvSpec, weights []float32, axes [3]axisPhase) []float32 {
	var taps []int
	for z := len(axes[0].taps) - 1; z >= 0; z-- {
		for y := len(axes[1].taps) - 1; y >= 0; y-- {
			for x := len(axes[2].taps) - 1; x >= 0; x-- {
				taps = append(taps, (axes[0].taps[z]*s.Kernel[1]+axes[1].taps[y])*s.Kernel[2]+axes[2].taps[x])
			}
		}
	}
	channels, filters, all := s.groupChannels(), s.groupFilters(), volume(s.Kernel)
	turned := make([]float32, s.Channels*filters*len(taps))
	t.Ranges(s.Channels, packGrain/max(1, filters*len(taps)), func(lo, hi int) {
		for c := lo; c < hi; c++ {
			g, row := c/channels, turned[c*filters*len(taps):]
			for f := range filters {
				from := weights[((g*filters+f)*channels+c%channels)*all:]
				for i, tap := range taps {
					row[f*len(taps)+i] = from[tap]
				}
			}
		}
	})
	return turned
}

// Spec returns what the gradient was made from.
func (c *BlockedInputGrad) Spec() ConvSpec { return c.spec }

// Run sets dx, n images, to the gradient given dy, the gradient by n results. The
// epilogue is as in [BlockedConv.Run], with a row bias for each channel; of the
// activations it takes those that are bounds.
func (c *BlockedInputGrad) Run(t *Team, n int, dx, dy []float32, e Epilogue) {
	if _, _, bounded := e.Act.bounds(); !bounded && len(c.phases) > 1 {
		panic("kernel: interleaved images take no activation that is more than bounds")
	}
	for _, phase := range c.phases {
		phase.Run(t, n, dx, dy, e)
	}
}
