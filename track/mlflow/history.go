package mlflow

import (
	"context"
	"errors"
	"math"
	"slices"

	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/series"
)

// Limits of what is told of metrics at a time, as MLflow has them.
const (
	maxHistory     = 25_000 // points of one metric, or of several runs together
	maxSample      = 2_500  // points of a run in a sample
	maxHistoryRuns = 100
)

// getHistory tells all points of a metric, page by page.
func (h *Handler) getHistory(ctx context.Context, q *struct {
	runID
	Key  string `json:"metric_key"`
	Most whole  `json:"max_results"`
	Page string `json:"page_token"`
}) (any, error) {
	r, err := q.find(ctx, h)
	if err != nil {
		return nil, err
	}
	most := int64(maxHistory)
	if q.Most > 0 {
		most = min(most, int64(q.Most))
	}
	answer := struct {
		Metrics []metric `json:"metrics"`
		Next    string   `json:"next_page_token,omitempty"`
	}{Metrics: []metric{}}
	c, err := h.store.Curve(ctx, r, q.Key)
	if errors.Is(err, track.ErrNoMetric) {
		return answer, nil
	}
	if err != nil {
		return nil, err
	}
	from, to, next, err := page(c.Points, q.Page, most)
	if err != nil {
		return nil, err
	}
	points, err := h.store.Points(ctx, c, from, to-from)
	answer.Next = next
	for _, p := range points {
		answer.Metrics = append(answer.Metrics, metricOf(q.Key, p))
	}
	return answer, err
}

// getHistoryBulk tells the first points of a metric of several runs.
func (h *Handler) getHistoryBulk(ctx context.Context, q *struct {
	Runs []string `json:"run_id"`
	Key  string   `json:"metric_key"`
	Most whole    `json:"max_results"`
}) (any, error) {
	most := int64(maxHistory)
	if q.Most > 0 {
		most = min(most, int64(q.Most))
	}
	return h.histories(ctx, q.Runs, q.Key, func(c track.Curve, told int) ([]series.Point, error) {
		return h.store.Points(ctx, c, 0, most-int64(told))
	})
}

// getHistoryInterval tells of a metric of several runs not more points than a
// chart has room for: all that lie between two steps, or a sample of them.
func (h *Handler) getHistoryInterval(ctx context.Context, q *struct {
	Runs []string `json:"run_ids"`
	Key  string   `json:"metric_key"`
	From *whole   `json:"start_step"`
	To   *whole   `json:"end_step"`
	Most whole    `json:"max_results"`
}) (any, error) {
	most, err := atMost(q.Most, maxSample, maxSample)
	if err != nil {
		return nil, err
	}
	low, high := math.Inf(-1), math.Inf(1)
	switch {
	case (q.From == nil) != (q.To == nil):
		return nil, invalid("start_step and end_step are given together")
	case q.From != nil && *q.From > *q.To:
		return nil, invalid("the interval from step %d to step %d is empty", *q.From, *q.To)
	case q.From != nil:
		low, high = float64(*q.From), float64(*q.To)
	}
	return h.histories(ctx, q.Runs, q.Key, func(c track.Curve, _ int) ([]series.Point, error) {
		return h.sample(ctx, c, low, high, int(most))
	})
}

// histories tells of a metric of several runs what is read of each.
func (h *Handler) histories(ctx context.Context, runs []string, key string, read func(c track.Curve, told int) ([]series.Point, error)) (any, error) {
	switch {
	case len(runs) == 0:
		return nil, invalid("the request names no run")
	case len(runs) > maxHistoryRuns:
		return nil, invalid("the request names %d runs; at most %d are taken at a time", len(runs), maxHistoryRuns)
	case key == "":
		return nil, invalid("the request names no metric: metric_key is missing")
	}
	out := []runMetric{}
	for _, id := range runs {
		r, err := h.store.Run(ctx, id)
		if err != nil {
			return nil, err
		}
		c, err := h.store.Curve(ctx, r, key)
		if errors.Is(err, track.ErrNoMetric) {
			continue
		}
		if err != nil {
			return nil, err
		}
		points, err := read(c, len(out))
		if err != nil {
			return nil, err
		}
		for _, p := range points {
			out = append(out, runMetric{metricOf(key, p), id})
		}
	}
	return map[string][]runMetric{"metrics": out}, nil
}

// sample returns up to most points between two steps, evenly spread and with the
// first and the last. Of a long curve it looks at the pyramid, whatever its
// length, and takes the first point of each of its buckets.
func (h *Handler) sample(ctx context.Context, c track.Curve, low, high float64, most int) ([]series.Point, error) {
	if c.Points > maxHistory {
		return h.sampleLong(ctx, c, low, high, most)
	}
	points, err := h.store.Points(ctx, c, 0, c.Points)
	if err != nil {
		return nil, err
	}
	points = slices.DeleteFunc(points, func(p series.Point) bool { return p.Step < low || p.Step > high })
	if most == 1 {
		return points[max(0, len(points)-1):], nil
	}
	return track.Evenly(points, most), nil
}

func (h *Handler) sampleLong(ctx context.Context, c track.Curve, low, high float64, most int) ([]series.Point, error) {
	total, ok, err := h.store.Sum(ctx, c)
	if err != nil || !ok {
		return nil, err
	}
	low, high = max(low, total.MinStep), min(high, total.MaxStep)
	if low > high {
		return nil, nil
	}
	// There are less than two buckets for each column.
	w, err := h.store.Look(ctx, c, series.ByStep, low, high, max(1, (most-1)/2))
	if err != nil || len(w.Buckets) == 0 {
		return nil, err
	}
	var out []series.Point
	for _, b := range w.Buckets {
		out = append(out, series.Point{Step: b.MinStep, Time: b.MinTime, Value: b.First})
	}
	if last := w.Buckets[len(w.Buckets)-1]; last.Count > 1 {
		out = append(out, series.Point{Step: last.MaxStep, Time: last.MaxTime, Value: last.Last})
	}
	return out[max(0, len(out)-most):], nil
}
