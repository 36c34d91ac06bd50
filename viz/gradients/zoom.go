package gradients

import (
	"context"
	"math"

	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/gradlog"
	"github.com/tomo-viz/tomo/track/series"
)

// A zoom finds within a column the first step at which the norm of a row is not
// finite or above a bound; false if it is not known better than by the column.
type zoom func(row, column int, above float64) (step float64, ok bool)

// zoom looks into the columns of a history.
func (j *journal) zoom(ctx context.Context, columns []column) zoom {
	return func(row, k int, above float64) (float64, bool) {
		c := columns[k]
		if c.from == c.to {
			return c.from, true
		}
		// What lies across the edge of two columns is counted with the first.
		end := c.to + (c.to - c.from)
		first, found := math.Inf(1), false
		look := func(curve track.Curve, bad func(series.Summary) bool) {
			if step, ok := j.firstStep(ctx, curve, c.from, end, bad); ok && step < first {
				first, found = step, true
			}
		}
		tooLarge := func(s series.Summary) bool { return s.NonFinite > 0 || s.Max > above }
		if row == allRows {
			if j.total != nil {
				look(*j.total, tooLarge)
			}
			return first, found
		}
		curves := j.entries[row].curves
		if norm, ok := curves[gradlog.Norm]; ok {
			look(norm, tooLarge)
		}
		if count, ok := curves[gradlog.NonFinite]; ok {
			look(count, func(s series.Summary) bool { return s.NonFinite > 0 || s.Max > 0 })
		}
		return first, found
	}
}

// firstStep narrows a window until the first summary that is bad is of one step.
func (j *journal) firstStep(ctx context.Context, c track.Curve, low, high float64, bad func(series.Summary) bool) (float64, bool) {
	const columns, most = 64, 16
	for range most {
		w, err := j.run.Store.Look(ctx, c, series.ByStep, low, high, columns)
		if err != nil {
			return 0, false
		}
		found := false
		for _, s := range w.Buckets {
			if !bad(s) {
				continue
			}
			if s.MinStep == s.MaxStep {
				return s.MinStep, true
			}
			found, low, high = true, s.MinStep, s.MaxStep
			break
		}
		if !found {
			return 0, false
		}
	}
	return low, true
}
