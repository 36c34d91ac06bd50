package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// terms calls f for each product in a convolution of n images: result += x*w,
// with the indices of all three.
func terms(s *ConvSpec, n int, f func(y, x, w int)) {
	positions, taps, meets := volume(s.Out()), volume(s.Kernel), met(&s.Window)
	cg, fg := s.groupChannels(), s.groupFilters()
	for image := range n {
		for filter := range s.Filters {
			for c := range cg {
				x := (image*s.Channels + filter/fg*cg + c) * volume(s.In)
				for o := range positions {
					for tap, at := range meets[o*taps : (o+1)*taps] {
						if at >= 0 {
							f((image*s.Filters+filter)*positions+o, x+at, (filter*cg+c)*taps+tap)
						}
					}
				}
			}
		}
	}
}

// met returns for each result and tap which number of a channel it meets, or -1.
func met(w *Window) []int {
	out := w.Out()
	var meets []int
	for o := range volume(out) {
		for tap := range volume(w.Kernel) {
			at, inside := tapPosition(w, [3]int{o / (out[1] * out[2]), o / out[2] % out[1], o % out[2]}, tap)
			if !inside {
				at = -1
			}
			meets = append(meets, at)
		}
	}
	return meets
}

// tapPosition returns which number of a channel a tap meets.
func tapPosition(w *Window, pos [3]int, tap int) (at int, inside bool) {
	k := [3]int{tap / (w.Kernel[1] * w.Kernel[2]), tap / w.Kernel[2] % w.Kernel[1], tap % w.Kernel[2]}
	for i := range k {
		p := pos[i]*w.Stride[i] + k[i]*w.Dilation[i] - w.PadLo[i]
		if p < 0 || p >= w.In[i] {
			return 0, false
		}
		at = at*w.In[i] + p
	}
	return at, true
}

// totals adds up terms and their magnitudes.
type totals struct{ sum, size []float64 }

func newTotals(n int) totals { return totals{make([]float64, n), make([]float64, n)} }

func (t totals) add(i int, v float64) { t.sum[i] += v; t.size[i] += math.Abs(v) }

// finish applies an epilogue to images of the given channels and positions.
func (t totals) finish(e Epilogue, channels, positions int, before []float32) totals {
	for i := range t.sum {
		t.sum[i] *= float64(e.alpha())
		t.size[i] = t.size[i]*float64(e.alpha()) + 1e-30
		if e.Accumulate {
			t.add(i, float64(before[i]))
		}
		if e.RowBias != nil {
			t.add(i, float64(e.RowBias[i/positions%channels]))
		}
		if e.Residual != nil {
			t.add(i, float64(e.Residual[i]))
		}
		t.sum[i] = naiveActivation(e.Act, t.sum[i])
	}
	return t
}

// randomSpec makes up a legal convolution of modest size.
func randomSpec(r *rand.Rand) ConvSpec {
	groups := []int{1, 1, 1, 2, 3}[r.IntN(5)]
	s := ConvSpec{Groups: groups, Channels: groups * (1 + r.IntN(6)), Filters: groups * (1 + r.IntN(20))}
	if r.IntN(4) == 0 { // depthwise
		s.Groups = 1 + r.IntN(12)
		s.Channels, s.Filters = s.Groups, s.Groups*(1+r.IntN(2))
	}
	axes := 1 + r.IntN(3)
	pointwise := r.IntN(6) == 0
	for i := range 3 {
		s.In[i], s.Kernel[i], s.Stride[i], s.Dilation[i] = 1, 1, 1, 1
		if i < 3-axes {
			continue
		}
		if s.In[i] = 1 + r.IntN([]int{40, 24, 9}[axes-1]); r.IntN(50) == 0 {
			s.In[i] = 0
		}
		if pointwise {
			continue
		}
		s.Kernel[i], s.Stride[i], s.Dilation[i] = 1+r.IntN(4), 1+r.IntN(3), 1+r.IntN(2)
		s.PadLo[i], s.PadHi[i] = r.IntN(4), r.IntN(4)
	}
	return s
}

func randomConvEpilogue(r *rand.Rand, channels, size int) Epilogue {
	e := randomEpilogue(r, RowMajor(make([]float32, size), 1, size))
	e.ColBias, e.RowBias = nil, nil
	if r.IntN(2) == 0 {
		e.RowBias = noise(r, channels)
	}
	return e
}

// largeSpecs have several blocks, panels and rectangles.
func largeSpecs() []ConvSpec {
	wide := ConvSpec{Window: Window2D(17, 19, 3, 3), Channels: 45, Filters: 40, Groups: 1}
	wide.PadLo, wide.PadHi = [3]int{0, 1, 1}, [3]int{0, 1, 1}
	halved := wide
	halved.Stride = [3]int{1, 2, 2}
	pointwise := ConvSpec{Window: Window2D(7, 7, 1, 1), Channels: 350, Filters: 60, Groups: 1}
	long := ConvSpec{Window: Window1D(3000, 9), Channels: 3, Filters: 20, Groups: 1}
	single := ConvSpec{Window: Window2D(40, 60, 3, 3), Channels: 40, Filters: 1, Groups: 1}
	return []ConvSpec{wide, halved, pointwise, long, single}
}

// onRandomSpecs runs a test on many convolutions, alone and in a team.
func onRandomSpecs(t *testing.T, count int, test func(t *testing.T, team *Team, r *rand.Rand, s ConvSpec, n int)) {
	onEachPath(t, func(t *testing.T) {
		onEachTeam(t, func(t *testing.T, team *Team) {
			r := newRand()
			for range tries(count) {
				s, n := randomSpec(r), r.IntN(4)
				if err := s.Validate(); err != nil {
					t.Fatal(err)
				}
				test(t, team, r, s, n)
			}
			for _, s := range largeSpecs() {
				test(t, team, r, s, 1)
			}
		})
	})
}

func TestResultsDoNotDependOnThreads(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		r := newRand()
		for _, s := range append(largeSpecs(), randomSpec(r), randomSpec(r), randomSpec(r)) {
			const n = 2
			x, w, dy := noise(r, n*s.InSize()), noise(r, s.WeightSize()), noise(r, n*s.OutSize())
			var first [][]float32
			for _, team := range []*Team{nil, testPool.Team(t.Context())} {
				y, dx, dw := make([]float32, len(dy)), make([]float32, len(x)), make([]float32, len(w))
				NewConv(s, w).Run(team, n, y, x, Epilogue{})
				NewConvInputGrad(s, w).Run(team, n, dx, dy, Epilogue{})
				ConvWeightGrad(team, s, n, dw, x, dy, false)
				if results := [][]float32{y, dx, dw}; first == nil {
					first = results
				} else {
					for i := range results {
						if !slices.Equal(results[i], first[i]) {
							t.Errorf("%+v: result %d depends on the threads", s, i)
						}
					}
				}
			}
		}
	})
}

func TestConvAnyShape(t *testing.T) {
	onRandomSpecs(t, 200, func(t *testing.T, team *Team, r *rand.Rand, s ConvSpec, n int) {
		x, w, y := noise(r, n*s.InSize()), noise(r, s.WeightSize()), noise(r, n*s.OutSize())
		e := randomConvEpilogue(r, s.Filters, len(y))
		want := newTotals(len(y))
		terms(&s, n, func(iy, ix, iw int) { want.add(iy, float64(x[ix])*float64(w[iw])) })
		want = want.finish(e, s.Filters, max(1, volume(s.Out())), y)
		NewConv(s, w).Run(team, n, y, x, e)
		near(t, fmt.Sprintf("%d images, %+v", n, s), y, want.sum, want.size, 2*gemmTolerance)
	})
}

func TestConvInputGradAnyShape(t *testing.T) {
	onRandomSpecs(t, 200, func(t *testing.T, team *Team, r *rand.Rand, s ConvSpec, n int) {
		dy, w, dx := noise(r, n*s.OutSize()), noise(r, s.WeightSize()), noise(r, n*s.InSize())
		e := randomConvEpilogue(r, s.Channels, len(dx))
		want := newTotals(len(dx))
		terms(&s, n, func(iy, ix, iw int) { want.add(ix, float64(dy[iy])*float64(w[iw])) })
		want = want.finish(e, s.Channels, max(1, volume(s.In)), dx)
		NewConvInputGrad(s, w).Run(team, n, dx, dy, e)
		near(t, fmt.Sprintf("%d images, %+v", n, s), dx, want.sum, want.size, 2*gemmTolerance)
	})
}

func TestConvWeightGradAnyShape(t *testing.T) {
	onRandomSpecs(t, 200, func(t *testing.T, team *Team, r *rand.Rand, s ConvSpec, n int) {
		x, dy, dw := noise(r, n*s.InSize()), noise(r, n*s.OutSize()), noise(r, s.WeightSize())
		want, accumulate := newTotals(len(dw)), r.IntN(2) == 0
		for i := range dw {
			want.size[i] = 1e-30
			if accumulate {
				want.add(i, float64(dw[i]))
			}
		}
		terms(&s, n, func(iy, ix, iw int) { want.add(iw, float64(dy[iy])*float64(x[ix])) })
		ConvWeightGrad(team, s, n, dw, x, dy, accumulate)
		near(t, fmt.Sprintf("%d images, %+v", n, s), dw, want.sum, want.size, 2*gemmTolerance)
	})
}

func TestConvTakesNewWeights(t *testing.T) {
	r := newRand()
	s := ConvSpec{Window: Window2D(9, 9, 3, 3), Channels: 4, Filters: 6, Groups: 2}
	first, second, x := noise(r, s.WeightSize()), noise(r, s.WeightSize()), noise(r, s.InSize())
	want, got := make([]float32, s.OutSize()), make([]float32, s.OutSize())
	NewConv(s, second).Run(nil, 1, want, x, Epilogue{})
	c := NewConv(s, first)
	c.SetWeights(nil, second)
	c.Run(nil, 1, got, x, Epilogue{})
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("result %d is %v, want %v", i, got[i], want[i])
		}
	}
}

func TestConvSpecRefuses(t *testing.T) {
	good := ConvSpec{Window: Window2D(9, 9, 3, 3), Channels: 4, Filters: 6, Groups: 2}
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*ConvSpec){
		"no stride":     func(s *ConvSpec) { s.Stride[2] = 0 },
		"no kernel":     func(s *ConvSpec) { s.Kernel[1] = 0 },
		"negative pad":  func(s *ConvSpec) { s.PadLo[1] = -1 },
		"negative size": func(s *ConvSpec) { s.In[1] = -9 },
		"odd groups":    func(s *ConvSpec) { s.Groups = 3 },
		"no groups":     func(s *ConvSpec) { s.Groups = 0 },
		"huge":          func(s *ConvSpec) { s.In = [3]int{1 << 30, 1 << 30, 1 << 30} },
		"huge dilation": func(s *ConvSpec) { s.Dilation[1] = maxInt / 2 },
		"far taps":      func(s *ConvSpec) { s.Kernel[1], s.Dilation[1] = 1<<20, 1<<20 },
		"huge padding":  func(s *ConvSpec) { s.PadLo[2] = 1 << 20 },
		"huge copy": func(s *ConvSpec) {
			s.Dilation = [3]int{1, 30000, 30000}
			s.PadLo, s.PadHi = s.Dilation, s.Dilation
		},
		"too many weights": func(s *ConvSpec) { s.Kernel = [3]int{1 << 24, 1 << 24, 1 << 24} },
	} {
		s := good
		change(&s)
		if s.Validate() == nil {
			t.Errorf("%s was accepted: %+v", name, s)
		}
	}
}
