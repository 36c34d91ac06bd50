package curve

import (
	"context"
	"math"

	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/series"
)

// Find returns the first point of a metric, in the order in which they came, that
// has what is looked for, at the cost of a few windows of the pyramid. Has is
// asked about summaries, and must hold for one if it does for a point in it. The
// second result is false where no point has it. Of several points at one step
// the summary of all is returned.
func Find(ctx context.Context, s *track.Store, c track.Curve, has func(series.Summary) bool) (series.Summary, bool, error) {
	at, ok, err := s.Sum(ctx, c)
	if err != nil || !ok || !has(at) {
		return series.Summary{}, false, err
	}
	return narrow(ctx, s, c, at, has)
}

// FindWithin is Find among the points from one step to another.
func FindWithin(ctx context.Context, s *track.Store, c track.Curve, first, last float64, has func(series.Summary) bool) (series.Summary, bool, error) {
	w, err := s.Look(ctx, c, series.ByStep, first, last, 1)
	if err != nil {
		return series.Summary{}, false, err
	}
	for _, b := range w.Buckets {
		if has(b) {
			return narrow(ctx, s, c, b, has)
		}
	}
	return series.Summary{}, false, nil
}

// narrow looks ever closer at a summary that has what is looked for.
func narrow(ctx context.Context, s *track.Store, c track.Curve, at series.Summary, has func(series.Summary) bool) (series.Summary, bool, error) {
	const columns = 64
	for at.Count > 1 && at.MaxStep > at.MinStep && !math.IsInf(at.MaxStep-at.MinStep, 0) {
		w, err := s.Look(ctx, c, series.ByStep, at.MinStep, at.MaxStep, columns)
		if err != nil {
			return at, false, err
		}
		next := at
		for _, b := range w.Buckets {
			if has(b) {
				next = b
				break
			}
		}
		if next == at {
			return at, true, nil
		}
		at = next
	}
	return at, true, nil
}

// FirstNonFinite finds the first point that is NaN or infinite.
func FirstNonFinite(ctx context.Context, s *track.Store, c track.Curve) (at series.Summary, ok bool, err error) {
	return Find(ctx, s, c, func(b series.Summary) bool { return b.NonFinite > 0 })
}

// Extreme finds the first point with the least finite value, or the greatest.
func Extreme(ctx context.Context, s *track.Store, c track.Curve, greatest bool) (at series.Summary, ok bool, err error) {
	total, ok, err := s.Sum(ctx, c)
	if err != nil || !ok {
		return at, false, err
	}
	return Find(ctx, s, c, func(b series.Summary) bool {
		if greatest {
			return b.NonFinite < b.Count && b.Max >= total.Max
		}
		return b.NonFinite < b.Count && b.Min <= total.Min
	})
}

// NonFiniteValue names the value of a point, or of several at one step, that
// FirstNonFinite has found.
func NonFiniteValue(at series.Summary) string {
	for _, v := range []float64{at.First, at.Last} {
		switch {
		case math.IsNaN(v):
			return "NaN"
		case math.IsInf(v, 1):
			return "∞"
		case math.IsInf(v, -1):
			return "−∞"
		}
	}
	return "not finite"
}
