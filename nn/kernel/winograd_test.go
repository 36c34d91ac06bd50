package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// minimalTolerance is the error of minimal filtering, in sizes of the largest sum.
// Single results may be much smaller than what their tile is made of.
const minimalTolerance = 2e-6

// randomMinimalSpec makes up a convolution that minimal filtering can compute.
func randomMinimalSpec(r *rand.Rand) ConvSpec {
	groups := 1 + r.IntN(3)
	s := ConvSpec{
		Window:   Window2D(1+r.IntN(14), 1+r.IntN(20), 3, 3),
		Channels: groups * (1 + r.IntN(40)), Filters: groups * (1 + r.IntN(40)), Groups: groups, Minimal: true,
	}
	for i := 1; i < 3; i++ {
		s.PadLo[i], s.PadHi[i] = r.IntN(4), r.IntN(4)
	}
	return s
}

// largest returns the largest number, for each of n.
func largest(sizes []float64, n int) []float64 {
	if len(sizes) == 0 {
		return nil
	}
	return slices.Repeat([]float64{slices.Max(sizes)}, n)
}

func TestMinimalFilteringAnyShape(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		onEachTeam(t, func(t *testing.T, team *Team) {
			r := newRand()
			for range 20 {
				s, n := randomMinimalSpec(r), r.IntN(4)
				x, dy, w := noise(r, n*s.InSize()), noise(r, n*s.OutSize()), noise(r, s.WeightSize())
				y, dx := noise(r, len(dy)), noise(r, len(x))
				forward, backward := randomConvEpilogue(r, s.Filters, len(y)), randomConvEpilogue(r, s.Channels, len(dx))
				dw, accumulate := noise(r, len(w)), r.IntN(2) == 0
				results, gradients, slopes := newTotals(len(y)), newTotals(len(dx)), newTotals(len(w))
				for i := range dw {
					slopes.size[i] = 1e-30
					if accumulate {
						slopes.add(i, float64(dw[i]))
					}
				}
				terms(&s, n, func(iy, ix, iw int) {
					results.add(iy, float64(x[ix])*float64(w[iw]))
					gradients.add(ix, float64(dy[iy])*float64(w[iw]))
					slopes.add(iw, float64(dy[iy])*float64(x[ix]))
				})
				results = results.finish(forward, s.Filters, max(1, volume(s.Out())), y)
				gradients = gradients.finish(backward, s.Channels, volume(s.In), dx)
				what := fmt.Sprintf("%d images, %+v", n, s)
				NewConv(s, w).Run(team, n, y, x, forward)
				near(t, what, y, results.sum, largest(results.size, len(y)), minimalTolerance)
				NewConvInputGrad(s, w).Run(team, n, dx, dy, backward)
				ConvWeightGrad(team, s, n, dw, x, dy, accumulate)
				near(t, "gradient of weights, "+what, dw, slopes.sum, largest(slopes.size, len(dw)), minimalTolerance)
				near(t, "gradient of "+what, dx, gradients.sum, largest(gradients.size, len(dx)), minimalTolerance)
			}
		})
	})
}

// TestMinimalFilteringOfOddNumbers asserts that infinities and NaN reach the
// results that they are a part of, and no others.
func TestMinimalFilteringOfOddNumbers(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	r := newRand()
	s := ConvSpec{Window: Window2D(12, 12, 3, 3), Channels: 16, Filters: 16, Groups: 1, Minimal: true}
	for name, change := range map[string]func(x, w []float32){
		"an infinite number": func(x, _ []float32) { x[500] = inf },
		"a NaN":              func(x, _ []float32) { x[77] = nan },
		"a huge number":      func(x, _ []float32) { x[300] = 1e38 },
		"an infinite weight": func(_, w []float32) { w[40] = -inf },
	} {
		x, w := noise(r, s.InSize()), noise(r, s.WeightSize())
		change(x, w)
		y, want := make([]float32, s.OutSize()), make([]float32, s.OutSize())
		NewConv(s, w).Run(nil, 1, y, x, Epilogue{})
		NewConv(s.directly(), w).Run(nil, 1, want, x, Epilogue{})
		for i := range want {
			if y[i] != want[i] && (y[i] == y[i] || want[i] == want[i]) {
				t.Fatalf("%s: result %d is %v, want %v", name, i, y[i], want[i])
			}
		}
	}
}

// TestMinimalFilteringPays asserts the choice for layers of which it is known.
func TestMinimalFilteringPays(t *testing.T) {
	for _, l := range []struct {
		channels, filters, size, images int
		want                            bool
	}{
		{64, 64, 56, 1, true}, {256, 256, 14, 1, true}, {512, 512, 7, 8, true},
		{512, 512, 7, 1, false}, {3, 64, 64, 1, false}, {1, 1, 500, 1, false}, {64, 64, 2, 1, false}, {64, 64, 0, 1, false},
	} {
		s := ConvSpec{Window: Window2D(l.size, l.size, 3, 3), Channels: l.channels, Filters: l.filters, Groups: 1}
		for i := 1; i < 3; i++ {
			s.PadLo[i], s.PadHi[i] = 1, 1
		}
		if got := s.ForBatch(l.images).Minimal; got != l.want {
			t.Errorf("%d images of %d x %d x %d to %d filters: %v", l.images, l.channels, l.size, l.size, l.filters, got)
		}
	}
	wide := ConvSpec{Window: Window2D(56, 56, 5, 5), Channels: 64, Filters: 64, Groups: 1}
	halved := ConvSpec{Window: Window2D(56, 56, 3, 3), Channels: 64, Filters: 64, Groups: 1}
	halved.Stride = [3]int{1, 2, 2}
	if wide.ForBatch(1).Minimal || halved.ForBatch(1).Minimal {
		t.Error("a window of 5x5 or with a stride is no case for minimal filtering")
	}
}
