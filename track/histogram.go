package track

import (
	"encoding/json"
	"fmt"
	"math"
)

// A HistogramBody is the body of a histogram, as JSON.
type HistogramBody struct {
	// Edges are those of the bins, one more than there are counts, none below the
	// one before. The first bin holds what is at its edges or between them, each
	// further one what is above its lower edge up to its upper one.
	Edges []float64 `json:"edges"`
	// Counts are how many values each bin holds; need not be whole.
	Counts []float64 `json:"counts"`
	// What is known of the values beside the bins.
	Min        *float64 `json:"min,omitempty"`
	Max        *float64 `json:"max,omitempty"`
	Sum        *float64 `json:"sum,omitempty"`
	SumSquares *float64 `json:"sumSquares,omitempty"`
	Zeros      *float64 `json:"zeros,omitempty"`     // values that are exactly 0, which the bins count too
	NonFinite  *float64 `json:"nonFinite,omitempty"` // values that are NaN or infinite, which no bin counts
}

// maxBins bounds the bins of a histogram.
const maxBins = 1 << 16

// ParseHistogram reads the body of a histogram and checks it.
func ParseHistogram(body []byte) (*HistogramBody, error) {
	h := &HistogramBody{}
	if err := json.Unmarshal(body, h); err != nil {
		return nil, fmt.Errorf("its body is no JSON of edges and counts: %w", err)
	}
	return h, h.check()
}

// Encode returns the body of a histogram, for a Record.
func (h *HistogramBody) Encode() ([]byte, error) {
	if err := h.check(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return json.Marshal(h)
}

func (h *HistogramBody) check() error {
	switch {
	case len(h.Counts) > maxBins:
		return fmt.Errorf("it has %d bins, and at most %d are taken", len(h.Counts), maxBins)
	case len(h.Counts) == 0 && len(h.Edges) == 0: // of no values
		return nil
	case len(h.Edges) != len(h.Counts)+1:
		return fmt.Errorf("it has %d edges and %d counts; there is one edge more than counts", len(h.Edges), len(h.Counts))
	}
	for i, e := range h.Edges {
		if math.IsNaN(e) || math.IsInf(e, 0) {
			return fmt.Errorf("edge %d is %v; edges are finite numbers", i, e)
		}
		if i > 0 && e < h.Edges[i-1] {
			return fmt.Errorf("edge %d is %v, below the one before, %v", i, e, h.Edges[i-1])
		}
	}
	for i, c := range h.Counts {
		if !(c >= 0) || math.IsInf(c, 0) {
			return fmt.Errorf("count %d is %v; counts are not below 0", i, c)
		}
	}
	return nil
}

// Count is how many finite values there are.
func (h *HistogramBody) Count() float64 {
	n := 0.0
	for _, c := range h.Counts {
		n += c
	}
	return n
}

// String says in short what the histogram is of.
func (h *HistogramBody) String() string {
	n := h.Count()
	text := fmt.Sprintf("%.6g values", n)
	if n > 0 && len(h.Edges) > 0 {
		low, high := h.Edges[0], h.Edges[len(h.Edges)-1]
		if h.Min != nil {
			low = *h.Min
		}
		if h.Max != nil {
			high = *h.Max
		}
		text += fmt.Sprintf(" from %.4g to %.4g", low, high)
		if h.Sum != nil {
			text += fmt.Sprintf(", mean %.4g", *h.Sum/n)
		}
	}
	if h.NonFinite != nil && *h.NonFinite > 0 {
		text += fmt.Sprintf(", %.6g not finite", *h.NonFinite)
	}
	return text
}
