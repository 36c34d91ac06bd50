package kernel

import (
	"fmt"
	"math"
	"testing"
)

// sumTolerance is relative to the sum of magnitudes.
const sumTolerance = 5e-7

func TestReductionsOfAnyLength(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		r := newRand()
		for _, n := range []int{0, 1, 2, 3, 7, 8, 15, 16, 17, 31, 63, 64, 65, 100, 127, 129, 1000, 100_003} {
			a, b := noise(r, n), noise(r, n)
			var sum, squares, diff, dot, size float64
			top, low := math.Inf(-1), math.Inf(1)
			for i := range a {
				x, y := float64(a[i]), float64(b[i])
				sum, squares, diff, dot = sum+x, squares+x*x, diff+(x-0.5)*(x-0.5), dot+x*y
				size += math.Abs(x) + 1
				top, low = math.Max(top, x), math.Min(low, x)
			}
			got := []float32{Sum(a), SumSquares(a), SumSquaredDiff(a, 0.5), Dot(a, b)}
			for i, want := range []float64{sum, squares, diff, dot} {
				near(t, fmt.Sprintf("reduction %d of %d numbers", i, n), got[i:i+1], []float64{want}, []float64{size}, sumTolerance)
			}
			if float64(MaxOf(a)) != top || float64(MinOf(a)) != low {
				t.Errorf("of %d numbers from %v to %v: %v and %v", n, low, top, MinOf(a), MaxOf(a))
			}
		}
	})
}

func TestReductionsKeepNaN(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		for n := 1; n < 140; n++ {
			for i := range n {
				a := make([]float32, n)
				a[i] = float32(math.NaN())
				for name, v := range map[string]float32{"max": MaxOf(a), "min": MinOf(a), "sum": Sum(a)} {
					if v == v {
						t.Fatalf("%s of %d numbers with NaN at %d is %v", name, n, i, v)
					}
				}
			}
		}
	})
}

func TestLongSumsStayExact(t *testing.T) {
	const n = 1 << 22
	a := make([]float32, n)
	for i := range a {
		a[i] = 0.1
	}
	want := float64(a[0]) * n
	onEachPath(t, func(t *testing.T) {
		near(t, "sum", []float32{Sum(a)}, []float64{want}, []float64{want}, 2e-6)
		near(t, "dot", []float32{Dot(a, a)}, []float64{want * float64(a[0])}, []float64{want * float64(a[0])}, 2e-6)
	})
}

func TestSoftmax(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		onEachTeam(t, func(t *testing.T, team *Team) {
			r := newRand()
			for _, size := range [][2]int{{0, 5}, {5, 0}, {1, 1}, {3, 7}, {40, 33}, {7, 1000}, {500, 10}} {
				rows, cols := size[0], size[1]
				x := noise(r, rows*cols)
				Scale(x, x, 30)
				y, l := make([]float32, len(x)), make([]float32, len(x))
				Softmax(team, y, x, rows, cols)
				LogSoftmax(team, l, x, rows, cols)
				for i := range rows {
					sum, top := 0.0, float64(MaxOf(x[i*cols:(i+1)*cols]))
					for _, v := range x[i*cols : (i+1)*cols] {
						sum += math.Exp(float64(v) - top)
					}
					for j := i * cols; j < (i+1)*cols; j++ {
						d := float64(x[j]) - top
						checkNumber(t, "softmax", x[j], y[j], math.Exp(d)/sum, 4e-6, 1e-30)
						checkNumber(t, "log-softmax", x[j], l[j], d-math.Log(sum), 1e-6, 1e-6)
					}
				}
			}
		})
	})
}

func TestSoftmaxOfSpecialNumbers(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	onEachPath(t, func(t *testing.T) {
		for _, c := range []struct{ in, want []float32 }{
			{[]float32{1, nan, 2}, []float32{nan, nan, nan}},
			{[]float32{-inf, 0, -inf}, []float32{0, 1, 0}},
			{[]float32{-inf, -inf}, []float32{nan, nan}},
			{[]float32{3e38, 3e38}, []float32{0.5, 0.5}},
		} {
			got := make([]float32, len(c.in))
			Softmax(nil, got, c.in, 1, len(c.in))
			for i, want := range c.want {
				if got[i] != want && !(got[i] != got[i] && want != want) {
					t.Errorf("softmax of %v is %v, want %v", c.in, got, c.want)
				}
			}
		}
	})
}

func TestLayerNorm(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		onEachTeam(t, func(t *testing.T, team *Team) {
			r := newRand()
			for _, size := range [][2]int{{0, 5}, {1, 1}, {3, 7}, {40, 33}, {128, 384}} {
				rows, cols := size[0], size[1]
				x, gamma, beta := noise(r, rows*cols), noise(r, cols), noise(r, cols)
				AddScalar(x, x, 10) // a large mean tests the variance
				y := make([]float32, len(x))
				stats := RowStats{make([]float32, rows), make([]float32, rows)}
				switch r.IntN(4) {
				case 0:
					gamma = nil
				case 1:
					beta = nil
				}
				LayerNorm(team, y, x, gamma, beta, rows, cols, 1e-5, stats)
				for i := range rows {
					mean, variance := moments(x[i*cols : (i+1)*cols])
					inv := 1 / math.Sqrt(variance+1e-5)
					checkNumber(t, "mean", 0, stats.Mean[i], mean, 1e-6, 0)
					checkNumber(t, "deviation", 0, stats.InvStd[i], inv, 1e-4, 0)
					for j := range cols {
						want := (float64(x[i*cols+j]) - mean) * inv
						if gamma != nil {
							want *= float64(gamma[j])
						}
						if beta != nil {
							want += float64(beta[j])
						}
						checkNumber(t, "layer norm", x[i*cols+j], y[i*cols+j], want, 1e-5, 1e-5)
					}
				}
			}
		})
	})
}

func moments(x []float32) (mean, variance float64) {
	for _, v := range x {
		mean += float64(v) / float64(len(x))
	}
	for _, v := range x {
		variance += (float64(v) - mean) * (float64(v) - mean) / float64(len(x))
	}
	return mean, variance
}

func TestChannelAffine(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		r := newRand()
		for _, c := range []struct{ n, channels, size int }{{0, 3, 4}, {2, 3, 0}, {1, 1, 1}, {3, 5, 49}, {2, 64, 200}} {
			x, scale, shift := noise(r, c.n*c.channels*c.size), noise(r, c.channels), noise(r, c.channels)
			y, only := make([]float32, len(x)), make([]float32, len(x))
			ChannelAffine(testPool.Team(t.Context()), y, x, scale, shift, c.n, c.channels, c.size)
			ChannelAffine(nil, only, x, nil, shift, c.n, c.channels, c.size)
			for i := range x {
				ch := i / c.size % c.channels
				checkNumber(t, "affine", x[i], y[i], float64(x[i])*float64(scale[ch])+float64(shift[ch]), 2e-7, 1e-7)
				checkNumber(t, "shift", x[i], only[i], float64(x[i])+float64(shift[ch]), 2e-7, 0)
			}
		}
	})
}
