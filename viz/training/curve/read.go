package curve

import (
	"context"
	"math"

	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/series"
)

// A Span is a part of an axis, both ends included. Everything is the whole.
type Span struct{ Low, High float64 }

// Everything is the whole of an axis.
var Everything = Span{math.Inf(-1), math.Inf(1)}

// Contains reports whether x lies in the span.
func (s Span) Contains(x float64) bool { return s.Low <= x && x <= s.High }

// Read returns a metric along an axis in at most about twice as many buckets as
// there are columns, in the order in which its points came: every point within
// the span is in exactly one of them, and what they tell is exact. There is none
// where there is no point.
func Read(ctx context.Context, s *track.Store, c track.Curve, axis series.Axis, span Span, columns int) ([]series.Summary, error) {
	total, ok, err := s.Sum(ctx, c)
	if err != nil || !ok {
		return nil, err
	}
	low, high := ends(total, axis)
	low, high = max(low, span.Low), min(high, span.High)
	if low > high {
		return nil, nil
	}
	if math.IsInf(high-low, 0) { // no column is so wide
		return []series.Summary{total}, nil
	}
	w, err := s.Look(ctx, c, axis, low, high, columns)
	return w.Buckets, err
}

// ends are where points lie along an axis.
func ends(s series.Summary, axis series.Axis) (low, high float64) {
	if axis == series.ByTime {
		return float64(s.MinTime), float64(s.MaxTime)
	}
	return s.MinStep, s.MaxStep
}
