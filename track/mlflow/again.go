package mlflow

import (
	"context"
	"errors"
	"math"

	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/series"
)

// fresh returns the metrics without those that only tell which model a point is
// of that the run has already: when a model is logged, clients log again what was
// measured at its step, as MLflow's server keeps points that are alike once.
func (h *Handler) fresh(ctx context.Context, r *track.Run, metrics []metric) ([]metric, error) {
	var out []metric
	for i := range metrics {
		m := &metrics[i]
		known := false
		if m.Model != "" && m.Value != nil && m.Timestamp != nil {
			var err error
			if known, err = h.has(ctx, r, m); err != nil {
				return nil, err
			}
		}
		if !known {
			out = append(out, *m)
		}
	}
	return out, nil
}

// has reports whether a run has a point already. Where only one lies at its
// step, that is seen without reading points.
func (h *Handler) has(ctx context.Context, r *track.Run, m *metric) (bool, error) {
	c, err := h.store.Curve(ctx, r, m.Key)
	if errors.Is(err, track.ErrNoMetric) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	step := float64(m.Step)
	w, err := h.store.Look(ctx, c, series.ByStep, step, step, 1)
	if err != nil || len(w.Buckets) == 0 {
		return false, err
	}
	if b := w.Buckets[0]; len(w.Buckets) == 1 && b.Count == 1 {
		return m.is(series.Point{Step: step, Time: b.MinTime, Value: b.First}), nil
	}
	found := errors.New("found")
	err = h.store.EachPoints(ctx, c, func(points []series.Point) error {
		for _, p := range points {
			if m.is(p) {
				return found
			}
		}
		return nil
	})
	if errors.Is(err, found) {
		return true, nil
	}
	return false, err
}

// is reports whether a metric is told of a point.
func (m *metric) is(p series.Point) bool {
	v := float64(*m.Value)
	return p.Step == float64(m.Step) && *metricOf(m.Key, p).Timestamp == *m.Timestamp && (p.Value == v || math.IsNaN(p.Value) && math.IsNaN(v))
}
