package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// randomPooling makes up a window for pooling.
func randomPooling(r *rand.Rand) Window {
	w := randomSpec(r).Window
	if r.IntN(8) == 0 { // the whole image
		w.Kernel, w.PadLo, w.PadHi, w.Dilation = w.In, [3]int{}, [3]int{}, [3]int{1, 1, 1}
		for i := range w.Kernel {
			w.Kernel[i] = max(1, w.Kernel[i])
		}
	}
	w.Ceil = r.IntN(2) == 0
	for i := range w.PadLo {
		w.PadLo[i], w.PadHi[i] = min(w.PadLo[i], w.Kernel[i]-1), min(w.PadHi[i], w.Kernel[i]-1)
	}
	return w
}

// pooled returns the numbers under a window: their indices in the plane, and how
// many numbers lie inside the padded image.
func pooled(w *Window, o int) (under []int, padded int) {
	out := w.Out()
	pos := [3]int{o / (out[1] * out[2]), o / out[2] % out[1], o % out[2]}
	for tap := range volume(w.Kernel) {
		if at, inside := tapPosition(w, pos, tap); inside {
			under = append(under, at)
		}
		wide := *w
		for i := range wide.In {
			wide.In[i] += w.PadLo[i] + w.PadHi[i]
			wide.PadLo[i] = 0
		}
		if _, inside := tapPosition(&wide, pos, tap); inside {
			padded++
		}
	}
	return under, padded
}

func TestPoolingAnyShape(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		onEachTeam(t, func(t *testing.T, team *Team) {
			r := newRand()
			for range tries(300) {
				w, planes := randomPooling(r), r.IntN(5)
				if err := w.Validate(); err != nil {
					t.Fatal(err)
				}
				checkPooling(t, team, r, w, planes)
			}
		})
	})
}

func checkPooling(t *testing.T, team *Team, r *rand.Rand, w Window, planes int) {
	in, out := volume(w.In), volume(w.Out())
	src := noise(r, planes*in)
	if len(src) > 0 && r.IntN(3) == 0 {
		src[r.IntN(len(src))] = float32(math.NaN())
	}
	top, mean, padMean := make([]float32, planes*out), make([]float32, planes*out), make([]float32, planes*out)
	indices := make([]int64, planes*out)
	MaxPool(team, w, planes, top, src, indices)
	AveragePool(team, w, planes, mean, src, false)
	AveragePool(team, w, planes, padMean, src, true)
	for i := range top {
		under, padded := pooled(&w, i%out)
		want, index, sum := math.Inf(-1), int64(-1), 0.0
		for _, at := range under {
			v := float64(src[i/out*in+at])
			if sum += v; v > want || index < 0 || v != v && want == want {
				want, index = v, int64(i/out*in+at)
			}
		}
		what := fmt.Sprintf("%d planes, %+v, result %d", planes, w, i)
		near(t, what+" (max)", top[i:i+1], []float64{want}, nil, 0)
		near(t, what+" (mean)", mean[i:i+1], []float64{sum / float64(len(under))}, nil, 1e-6)
		near(t, what+" (mean with padding)", padMean[i:i+1], []float64{sum / float64(padded)}, nil, 1e-6)
		if indices[i] != index {
			t.Fatalf("%s: index %d, want %d", what, indices[i], index)
		}
	}
}

func TestCeilNeverStartsInTheUpperPadding(t *testing.T) {
	for _, c := range []struct {
		in, kernel, stride, lo, hi, want int
	}{
		{4, 3, 2, 0, 0, 2}, // 1.5, rounded up
		{5, 3, 2, 0, 0, 2}, // exact
		{4, 2, 3, 0, 1, 2}, // starts at 3, inside
		{3, 2, 3, 0, 1, 1}, // would start at 3, in the padding
	} {
		w := Window1D(c.in, c.kernel)
		w.Stride[2], w.PadLo[2], w.PadHi[2], w.Ceil = c.stride, c.lo, c.hi, true
		if got := w.Out()[2]; got != c.want {
			t.Errorf("%+v: %d", c, got)
		}
	}
}
