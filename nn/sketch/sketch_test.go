package sketch

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestSketch compares with sorting: within 1/128, for numbers of both signs over
// many orders of magnitude.
func TestSketch(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, scale := range []float64{0.5, 3, 8, 20} {
		var values []float32
		s := New()
		for range 9999 {
			v := float32(math.Exp(scale * r.NormFloat64()))
			if r.IntN(3) == 0 {
				v = -v
			}
			values = append(values, v)
		}
		s.Add(values[:5000])
		o := New()
		o.Add(values[5000:])
		s.Merge(o)
		edges, counts := s.Histogram(40)
		slices.Sort(values)
		if want := float64(values[4999]); math.Abs(s.Median()-want) > math.Abs(want)/128 {
			t.Errorf("scale %v: the median is %v, want %v", scale, s.Median(), want)
		}
		for _, q := range []float64{0.001, 0.1, 0.9, 1} {
			if got, want := s.Quantile(q), float64(values[int(math.Ceil(q*9999))-1]); math.Abs(got-want) > math.Abs(want)/128 {
				t.Errorf("scale %v: the quantile %v is %v, want %v", scale, q, got, want)
			}
		}
		if s.Min != values[0] || s.Max != values[len(values)-1] || s.N != 9999 {
			t.Errorf("scale %v: got %v numbers from %v to %v", scale, s.N, s.Min, s.Max)
		}
		total, below := 0.0, 0.0
		for i, n := range counts {
			if total += n; edges[i+1] <= edges[20] {
				below += n
			}
		}
		at, _ := slices.BinarySearch(values, float32(edges[20]))
		if math.Abs(total-9999) > 1e-6 || math.Abs(below-float64(at)) > 0.02*9999 {
			t.Errorf("scale %v: the histogram holds %v, %v of them in its lower half, which has %d", scale, total, below, at)
		}
	}
}

// TestWhatIsNoNumber: what is not finite is counted apart, and a number too
// small for float32's full precision is a zero.
func TestWhatIsNoNumber(t *testing.T) {
	s := New()
	s.Add([]float32{float32(math.NaN()), float32(math.Inf(-1)), 0, 1e-40, 1e-37})
	if s.NotReal != 2 || s.N != 3 || s.Zero != 2 {
		t.Errorf("%d numbers, %d of them zero, and %d that are none", s.N, s.Zero, s.NotReal)
	}
	if got := s.AboveZero(); math.Abs(got-1.0/3) > 1e-12 {
		t.Errorf("%v of the numbers lie above zero", got)
	}
	if got := New().Median(); got == got {
		t.Errorf("the median of nothing is %v", got)
	}
}
