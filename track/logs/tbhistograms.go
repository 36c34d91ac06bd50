package logs

import (
	"fmt"
	"math"

	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/series"
	"github.com/tomo-viz/tomo/track/tfevents"
)

// oldHistogram takes a HistogramProto. As in TensorBoard (data_compat.py) empty
// buckets at both ends are left out, and the ends are the least and the greatest
// number: the outermost limits may be those of all numbers.
func (r *eventReader) oldHistogram(tag string, body []byte, at series.Point) error {
	h, err := tfevents.ParseHistogram(body)
	if err != nil {
		return err
	}
	from, to := 0, len(h.Counts)
	for from < to && !(h.Counts[from] > 0) {
		from++
	}
	for to > from && !(h.Counts[to-1] > 0) {
		to--
	}
	out := &track.HistogramBody{Sum: known(h.Sum), SumSquares: known(h.SumSquares)}
	if from < to {
		inner := h.Limits[from : to-1]
		low, high := h.Min, h.Max
		if len(inner) > 0 { // which float32 has rounded differently
			low, high = min(low, inner[0]), max(high, inner[len(inner)-1])
		}
		out.Min, out.Max = known(h.Min), known(h.Max)
		out.Edges = append(append([]float64{low}, inner...), high)
		out.Counts = h.Counts[from:to]
	}
	return r.histogram(tag, at, out)
}

// known is a number that histograms take.
func known(v float64) *float64 {
	if isFinite(v) {
		return &v
	}
	return nil
}

func isFinite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// newHistogram takes a tensor of k buckets, each with its left edge, its right
// edge and its count.
func (r *eventReader) newHistogram(tag string, t *tfevents.TensorValue, at series.Point) error {
	if len(t.Numbers) != 0 && (len(t.Shape) != 2 || t.Shape[1] != 3) {
		return fmt.Errorf("a histogram of shape %v; it has three columns", t.Shape)
	}
	h, none := &track.HistogramBody{}, 0.0
	for ; len(t.Numbers) >= 3; t.Numbers = t.Numbers[3:] {
		left, right, count := t.Numbers[0], t.Numbers[1], t.Numbers[2]
		switch {
		case !isFinite(left) || !isFinite(right): // of numbers that are not finite
			none += count
			continue
		case len(h.Edges) == 0:
			h.Edges = append(h.Edges, left)
		case left != h.Edges[len(h.Edges)-1]: // a gap, in which there is nothing
			h.Edges, h.Counts = append(h.Edges, left), append(h.Counts, 0)
		}
		h.Edges, h.Counts = append(h.Edges, right), append(h.Counts, count)
	}
	if none > 0 {
		h.NonFinite = known(none)
	}
	return r.histogram(tag, at, h)
}

func (r *eventReader) histogram(tag string, at series.Point, h *track.HistogramBody) error {
	body, err := h.Encode()
	if err == nil {
		r.record(track.Histogram, tag, at, body)
	}
	return err
}
