package curve

import (
	"context"
	"math"

	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/series"
)

// Stats are what a table tells of a metric. Without a finite value, Min and Max
// are NaN.
type Stats struct {
	Points, NonFinite int64
	// Last is the value of the greatest step, of several the one that came last;
	// it may be NaN or infinite.
	Last, LastStep float64
	Min, MinStep   float64 // at the first step that has it
	Max, MaxStep   float64
}

// shortPoints is how many points a metric may have that is read whole.
const shortPoints = 4 * series.ChunkPoints

// Measure returns the statistics of a metric; the second result is false where it
// has no points. Short metrics are read, long ones searched by their pyramid.
func Measure(ctx context.Context, s *track.Store, c track.Curve) (Stats, bool, error) {
	if c.Points <= shortPoints {
		points, err := s.Points(ctx, c, 0, shortPoints)
		return statsOf(points), len(points) > 0, err
	}
	total, ok, err := s.Sum(ctx, c)
	if err != nil || !ok {
		return Stats{}, false, err
	}
	out := Stats{Points: total.Count, NonFinite: total.NonFinite, LastStep: total.MaxStep, Min: math.NaN(), Max: math.NaN()}
	w, err := s.Look(ctx, c, series.ByStep, total.MaxStep, total.MaxStep, 1)
	if err != nil {
		return out, false, err
	}
	for _, b := range w.Buckets {
		out.Last = b.Last
	}
	if total.NonFinite == total.Count {
		return out, true, nil
	}
	least, _, err := Extreme(ctx, s, c, false)
	if err != nil {
		return out, false, err
	}
	greatest, _, err := Extreme(ctx, s, c, true)
	out.Min, out.MinStep, out.Max, out.MaxStep = total.Min, least.MinStep, total.Max, greatest.MinStep
	return out, true, err
}

func statsOf(points []series.Point) Stats {
	out := Stats{Points: int64(len(points)), Min: math.NaN(), Max: math.NaN(), LastStep: math.Inf(-1)}
	for _, p := range points {
		if p.Step >= out.LastStep {
			out.Last, out.LastStep = p.Value, p.Step
		}
		if !finite(p.Value) {
			out.NonFinite++
			continue
		}
		if !(p.Value >= out.Min) {
			out.Min, out.MinStep = p.Value, p.Step
		}
		if !(p.Value <= out.Max) {
			out.Max, out.MaxStep = p.Value, p.Step
		}
	}
	return out
}
