package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// TestBlockedGradients compares the gradients of convolutions of any shape in the
// blocked layout with ones in float64.
func TestBlockedGradients(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		onEachTeam(t, func(t *testing.T, team *Team) {
			r := newRand()
			for range tries(200) {
				s := randomBlockedSpec(r)
				checkBlockedInputGrad(t, team, r, s)
				checkBlockedWeightGrad(t, team, r, s, r.IntN(3))
			}
		})
	})
}

// TestBlockedGradientsLarge has images that are cut into strips and columns, and
// weights that are cut into tasks.
func TestBlockedGradientsLarge(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		team, r := testPool.Team(t.Context()), newRand()
		for _, s := range []ConvSpec{
			{Window: Window2D(60, 50, 3, 3), Channels: 18, Filters: 5, Groups: 1},
			{Window: Window2D(70, 60, 5, 5), Channels: 5, Filters: 5, Groups: 5},
			{Window: Window1D(2*maxSummed+9, 3), Channels: 3, Filters: 2, Groups: 1},
			{Window: Window1D(2*maxSummed+9, 3), Channels: 3, Filters: 3, Groups: 3},
			{Window: Window2D(50, 50, 1, 1), Channels: 17, Filters: 3, Groups: 1},
			{Window: Window2D(3, 3, 3, 3), Channels: 70, Filters: 90, Groups: 1},
		} {
			checkBlockedInputGrad(t, team, r, s)
			checkBlockedWeightGrad(t, team, r, s, 2)
		}
	})
}

func checkBlockedInputGrad(t *testing.T, team *Team, r *rand.Rand, s ConvSpec) {
	plain, n, in := s.Groups == 1 && r.IntN(2) == 0, r.IntN(3), volume(s.In)
	dy, w, dx := noise(r, n*s.OutSize()), noise(r, s.WeightSize()), noise(r, n*s.InSize())
	e := randomConvEpilogue(r, s.Channels, len(dx))
	if _, _, bounded := e.Act.bounds(); !bounded {
		e.Act = Activation{Kind: ActRelu}
	}
	if e.Alpha = 0; e.Accumulate {
		e.Residual = nil
	}
	want := newTotals(len(dx))
	terms(&s, n, func(i, j, k int) { want.add(j, float64(dy[i])*float64(w[k])) })
	want = want.finish(e, s.Channels, in, dx)
	if !plain {
		dy = toBlocked(dy, n, s.Filters, volume(s.Out()))
	}
	got := toBlocked(dx, n, s.Channels, in)
	if e.Residual != nil {
		e.Residual = toBlocked(e.Residual, n, s.Channels, in)
	}
	NewBlockedInputGrad(team, s, w, plain).Run(team, n, got, dy, e)
	near(t, fmt.Sprintf("%d of %+v, plain %v, %+v", n, s, plain, e.Act), fromBlocked(got, n, s.Channels, in), want.sum, want.size, 2*gemmTolerance)
}

func checkBlockedWeightGrad(t *testing.T, team *Team, r *rand.Rand, s ConvSpec, n int) {
	plain := s.Groups == 1 && r.IntN(2) == 0
	dy, x, dw := noise(r, n*s.OutSize()), noise(r, n*s.InSize()), noise(r, s.WeightSize())
	want := newTotals(len(dw))
	terms(&s, n, func(i, j, k int) { want.add(k, float64(dy[i])*float64(x[j])) })
	if !plain {
		x = toBlocked(x, n, s.Channels, volume(s.In))
	}
	NewBlockedWeightGrad(s, plain).Run(team, n, dw, x, toBlocked(dy, n, s.Filters, volume(s.Out())))
	near(t, fmt.Sprintf("%d of %+v, plain %v", n, s, plain), dw, want.sum, want.size, 2*gemmTolerance)
}

// TestBlockedInputGradMinimal asks for minimal filtering where the window allows
// it, and where it does not.
func TestBlockedInputGradMinimal(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		team, r := testPool.Team(t.Context()), newRand()
		for range tries(40) {
			s := randomMinimalSpec(r)
			s.Groups = 1
			n, in := 1+r.IntN(2), volume(s.In)
			dy, w, got := noise(r, n*s.OutSize()), noise(r, s.WeightSize()), make([]float32, BlockedSize(n, s.Channels, in))
			want := newTotals(n * s.InSize())
			terms(&s, n, func(i, j, k int) { want.add(j, float64(dy[i])*float64(w[k])) })
			s.Minimal = true
			NewBlockedInputGrad(team, s, w, false).Run(team, n, got, toBlocked(dy, n, s.Filters, volume(s.Out())), Epilogue{})
			near(t, fmt.Sprintf("%d of %+v", n, s), fromBlocked(got, n, s.Channels, in), want.sum, largest(want.size, len(want.size)), minimalTolerance)
		}
	})
}

// TestBlockedMaxPoolGrad gives each gradient to the first of the largest numbers;
// some are equal, some NaN.
func TestBlockedMaxPoolGrad(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		onEachTeam(t, func(t *testing.T, team *Team) {
			r := newRand()
			for range tries(100) {
				w := randomSpec(r).Window
				w.Ceil = r.IntN(2) == 0
				n, channels, in, out := r.IntN(3), 1+r.IntN(20), volume(w.In), volume(w.Out())
				x, dy := noise(r, n*channels*in), noise(r, n*channels*out)
				for i := range x {
					if x[i] = float32(r.IntN(5)); r.IntN(40) == 0 {
						x[i] = float32(math.NaN())
					}
				}
				want := newTotals(len(x))
				meets := met(&w)
				for o := range dy {
					plane, best, taps := o/out*in, -1, volume(w.Kernel)
					for _, at := range meets[o%out*taps : (o%out+1)*taps] {
						if at >= 0 && (best < 0 || x[plane+at] > x[best] || x[plane+at] != x[plane+at] && x[best] == x[best]) {
							best = plane + at
						}
					}
					if best >= 0 {
						want.add(best, float64(dy[o]))
					}
				}
				got := noise(r, BlockedSize(n, channels, in))
				NewBlockedMaxPoolGrad(w).Run(team, n, channels, got, toBlocked(dy, n, channels, out), toBlocked(x, n, channels, in))
				near(t, fmt.Sprintf("%d of %d channels, %+v", n, channels, w), fromBlocked(got, n, channels, in), want.sum, want.size, gemmTolerance)
			}
		})
	})
}
