// Package bins computes with logged histograms, in which values are taken to lie
// evenly within each bin.
package bins

import (
	"math"

	"github.com/tomo-viz/tomo/track"
)

// ends are those of a bin, within what is known of the least and the greatest
// value: TensorBoard's first and last bins reach to ±1e12.
func ends(h *track.HistogramBody, i int) (low, high float64) {
	low, high = h.Edges[i], h.Edges[i+1]
	if h.Min != nil {
		low = max(low, min(*h.Min, high))
	}
	if h.Max != nil {
		high = min(high, max(*h.Max, low))
	}
	return low, high
}

// Range is where the values lie; false where there are none.
func Range(h *track.HistogramBody) (low, high float64, ok bool) {
	for i, c := range h.Counts {
		if c > 0 {
			from, to := ends(h, i)
			if !ok {
				low, ok = from, true
			}
			high = to
		}
	}
	return low, high, ok
}

// Quantile is the value below which a share of the values lies, NaN where there
// are none.
func Quantile(h *track.HistogramBody, share float64) float64 {
	wanted, below := share*h.Count(), 0.0
	value := math.NaN()
	for i, c := range h.Counts {
		if c == 0 {
			continue
		}
		low, high := ends(h, i)
		if below+c >= wanted {
			return low + (high-low)*max(0, (wanted-below)/c)
		}
		below, value = below+c, high
	}
	return value
}

// Rebin counts the values within each of n equal bins from low to high, as shares
// of all. Values outside are in none.
func Rebin(h *track.HistogramBody, low, high float64, n int) []float64 {
	out := make([]float64, n)
	total, width := h.Count(), (high-low)/float64(n)
	if total == 0 || !(width > 0) || math.IsInf(width, 0) {
		return out
	}
	for i, c := range h.Counts {
		if c == 0 {
			continue
		}
		from, to := ends(h, i)
		if to == from {
			if at := int(math.Floor((from - low) / width)); from >= low && from <= high {
				out[min(at, n-1)] += c / total
			}
			continue
		}
		first := max(0, int(math.Floor((max(from, low)-low)/width)))
		for k := first; k < n && low+float64(k)*width < to; k++ {
			left, right := max(from, low+float64(k)*width), min(to, low+float64(k+1)*width)
			if right > left {
				out[k] += c / total * ((right - left) / (to - from))
			}
		}
	}
	return out
}
