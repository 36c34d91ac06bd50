package bins

import (
	"math"
	"testing"

	"github.com/tomo-viz/tomo/track"
)

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-12*max(1, math.Abs(want)) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

func TestQuantile(t *testing.T) {
	h := &track.HistogramBody{Edges: []float64{0, 1, 3, 3, 5}, Counts: []float64{2, 4, 2, 0}}
	for share, want := range map[float64]float64{0: 0, 0.125: 0.5, 0.25: 1, 0.5: 2, 0.75: 3, 0.9: 3, 1: 3} {
		near(t, "a quantile", Quantile(h, share), want)
	}
	if !math.IsNaN(Quantile(&track.HistogramBody{}, 0.5)) {
		t.Error("nothing has a median")
	}
	least, most := -1.0, 2.0
	wide := &track.HistogramBody{Edges: []float64{-1e12, 0, 1e12}, Counts: []float64{1, 1}, Min: &least, Max: &most}
	near(t, "the least value", Quantile(wide, 0), -1)
	near(t, "the greatest value", Quantile(wide, 1), 2)
}

// TestRebin keeps every value: over the whole range the shares sum up to 1, and
// cut into the bins that were there they are the counts.
func TestRebin(t *testing.T) {
	h := &track.HistogramBody{Edges: []float64{-2, -1, 0, 0, 2}, Counts: []float64{1, 3, 4, 8}}
	for _, n := range []int{1, 2, 3, 7, 40} {
		sum := 0.0
		for _, v := range Rebin(h, -2, 2, n) {
			sum += v
		}
		near(t, "the sum", sum, 1)
	}
	for i, want := range []float64{1. / 16, 3. / 16, (4 + 4) / 16., 4. / 16} { // 0 is at the lower edge of its bin
		near(t, "a share", Rebin(h, -2, 2, 4)[i], want)
	}
	outside := 0.0
	for _, v := range Rebin(h, 1, 2, 3) {
		outside += v
	}
	near(t, "a part", outside, 4./16)
	huge := &track.HistogramBody{Edges: []float64{-1e300, 1e300}, Counts: []float64{1e300}}
	sum := 0.0
	for _, v := range Rebin(huge, -1e300, 1e300, 8) {
		sum += v
	}
	near(t, "the sum of huge ones", sum, 1)
	for _, v := range Rebin(huge, -math.MaxFloat64, math.MaxFloat64, 4) {
		near(t, "a range without end", v, 0)
	}
}

func TestRange(t *testing.T) {
	low, high, ok := Range(&track.HistogramBody{Edges: []float64{0, 1, 2, 3, 4}, Counts: []float64{0, 1, 1, 0}})
	if low != 1 || high != 3 || !ok {
		t.Errorf("from %v to %v, %v", low, high, ok)
	}
	if _, _, ok := Range(&track.HistogramBody{Edges: []float64{0, 1}, Counts: []float64{0}}); ok {
		t.Error("nothing has a range")
	}
}
