package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

func TestBlockedLayout(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		onEachTeam(t, func(t *testing.T, team *Team) {
			r := newRand()
			for range tries(100) {
				n, channels, size := r.IntN(4), 1+r.IntN(40), r.IntN(60)
				plain := noise(r, n*channels*size)
				blocked, back := noise(r, BlockedSize(n, channels, size)), make([]float32, len(plain))
				ToBlocked(team, blocked, plain, n, channels, size)
				for i := range n * channels {
					for p := range size {
						image, c := i/channels, i%channels
						at := (image*blockedChannels(channels)+c/Block()*Block())*size + p*Block() + c%Block()
						if blocked[at] != plain[i*size+p] {
							t.Fatalf("%d images of %dx%d: wrong at image %d, channel %d, %d", n, channels, size, image, c, p)
						}
					}
				}
				FromBlocked(team, back, blocked, n, channels, size)
				for i := range back {
					if back[i] != plain[i] {
						t.Fatalf("%d images of %dx%d: wrong back at %d", n, channels, size, i)
					}
				}
			}
		})
	})
}

// toBlocked returns images in the blocked layout.
func toBlocked(x []float32, n, channels, size int) []float32 {
	y := make([]float32, BlockedSize(n, channels, size))
	ToBlocked(nil, y, x, n, channels, size)
	return y
}

func fromBlocked(x []float32, n, channels, size int) []float32 {
	y := make([]float32, n*channels*size)
	FromBlocked(nil, y, x, n, channels, size)
	return y
}

// randomBlockedSpec makes up a convolution that can be blocked.
func randomBlockedSpec(r *rand.Rand) ConvSpec {
	s := randomSpec(r)
	switch r.IntN(4) {
	case 0: // depthwise
		s.Channels = 1 + r.IntN(40)
		s.Groups, s.Filters = s.Channels, s.Channels
	case 1: // groups of whole blocks
		s.Groups = 1 + r.IntN(3)
		s.Channels, s.Filters = s.Groups*Block()*(1+r.IntN(2)), s.Groups*Block()*(1+r.IntN(3))
	default:
		s.Groups, s.Channels, s.Filters = 1, 1+r.IntN(40), 1+r.IntN(100)
	}
	return s
}

func TestBlockedConvAnyShape(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		onEachTeam(t, func(t *testing.T, team *Team) {
			r := newRand()
			for range tries(300) {
				checkBlockedConv(t, team, r, randomBlockedSpec(r))
			}
		})
	})
}

// TestBlockedConvDeep has so many weights and such large images that they are cut.
func TestBlockedConvDeep(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		s := ConvSpec{Window: Window2D(9, 11, 3, 3), Channels: 4*maxPanel/9/64 + 5, Filters: 70, Groups: 1}
		checkBlockedConv(t, testPool.Team(t.Context()), newRand(), s)
		s = ConvSpec{Window: Window2D(70, 60, 2, 2), Channels: 40, Filters: 66, Groups: 1}
		checkBlockedConv(t, testPool.Team(t.Context()), newRand(), s)
	})
}

func TestBlockedConvMinimal(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		onEachTeam(t, func(t *testing.T, team *Team) {
			r := newRand()
			for range tries(40) {
				s := ConvSpec{Window: Window2D(1+r.IntN(20), 1+r.IntN(20), 3, 3), Channels: 1 + r.IntN(40), Filters: 1 + r.IntN(70), Groups: 1, Minimal: true}
				for i := 1; i < 3; i++ {
					s.PadLo[i], s.PadHi[i] = r.IntN(3), r.IntN(3)
				}
				checkBlockedConv(t, team, r, s)
			}
		})
	})
}

// checkBlockedConv compares a convolution of some images with one in float64.
func checkBlockedConv(t *testing.T, team *Team, r *rand.Rand, s ConvSpec) {
	plain, n, out := s.Groups == 1 && r.IntN(2) == 0, r.IntN(3), volume(s.Out())
	x, w, y := noise(r, n*s.InSize()), noise(r, s.WeightSize()), noise(r, n*s.OutSize())
	e := randomConvEpilogue(r, s.Filters, len(y))
	if e.Alpha = 0; e.Accumulate {
		e.Residual = nil
	}
	want := newTotals(len(y))
	terms(&s, n, func(i, j, k int) { want.add(i, float64(x[j])*float64(w[k])) })
	want = want.finish(e, s.Filters, out, y)
	if !plain {
		x = toBlocked(x, n, s.Channels, volume(s.In))
	}
	got := toBlocked(y, n, s.Filters, out)
	if e.Residual != nil {
		e.Residual = toBlocked(e.Residual, n, s.Filters, out)
	}
	NewBlockedConv(team, s, w, plain).Run(team, n, got, x, e)
	what, size, tolerance := fmt.Sprintf("%d of %+v, plain %v, %+v", n, s, plain, e.Act), want.size, 2*gemmTolerance
	if s.Minimal {
		size, tolerance = largest(size, len(y)), minimalTolerance
	}
	near(t, what, fromBlocked(got, n, s.Filters, out), want.sum, size, tolerance)
}

func TestBlockedPooling(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		onEachTeam(t, func(t *testing.T, team *Team) {
			r := newRand()
			for range tries(150) {
				w := randomSpec(r).Window
				w.Ceil = r.IntN(2) == 0
				n, channels, includePad := r.IntN(3), 1+r.IntN(20), r.IntN(2) == 0
				in, out := volume(w.In), volume(w.Out())
				x, y := noise(r, n*channels*in), make([]float32, n*channels*out)
				for i := range x {
					if r.IntN(100) == 0 {
						x[i] = float32(math.NaN())
					}
				}
				blocked := toBlocked(x, n, channels, in)
				got := make([]float32, BlockedSize(n, channels, out))
				what := fmt.Sprintf("%d images of %d channels, %+v", n, channels, w)

				MaxPool(nil, w, n*channels, y, x, nil)
				NewBlockedMaxPool(w).Run(team, n, channels, got, blocked)
				near(t, "max, "+what, fromBlocked(got, n, channels, out), doubles(y), nil, 0)

				AveragePool(nil, w, n*channels, y, x, includePad)
				NewBlockedAveragePool(w, includePad).Run(team, n, channels, got, blocked)
				for i := range y {
					if met := newPooling(w, 1, out, in).counts(includePad)[i%max(1, out)]; met == 0 {
						y[i] = 0
					}
				}
				near(t, "mean, "+what, fromBlocked(got, n, channels, out), doubles(y), nil, 1e-6)
			}
		})
	})
}

func doubles(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

func TestBlockedMeanAndAffine(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		onEachTeam(t, func(t *testing.T, team *Team) {
			r := newRand()
			for range tries(60) {
				n, channels, size := r.IntN(3), 1+r.IntN(40), 1+r.IntN(70)
				x := noise(r, n*channels*size)
				mean := make([]float32, BlockedSize(n, channels, 1))
				BlockedMean(team, mean, toBlocked(x, n, channels, size), n, channels, size)
				var want, mapped []float64
				scale, shift := noise(r, n*channels), noise(r, n*channels)
				for i := range n * channels {
					sum := 0.0
					for _, v := range x[i*size : (i+1)*size] {
						sum += float64(v) / float64(size)
						mapped = append(mapped, float64(v)*float64(scale[i])+float64(shift[i]))
					}
					want = append(want, sum)
				}
				near(t, "mean", fromBlocked(mean, n, channels, 1), want, nil, 1e-6)
				y := toBlocked(x, n, channels, size)
				BlockedAffine(team, y, y, toBlocked(scale, n, channels, 1), toBlocked(shift, n, channels, 1), n, channels, size, true)
				near(t, "affine map", fromBlocked(y, n, channels, size), mapped, nil, 1e-6)
			}
		})
	})
}
