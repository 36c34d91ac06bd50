package mlflow

import (
	"context"
	"math"
	"time"

	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/series"
)

// Limits of a batch, as MLflow has them.
const (
	maxMetrics = 1000
	maxPairs   = 100 // parameters, and tags
	maxItems   = 1000
)

func (h *Handler) logMetric(ctx context.Context, q *struct {
	runID
	metric
}) (any, error) {
	r, err := q.findActive(ctx, h)
	if err != nil {
		return nil, err
	}
	return nil, h.log(ctx, r, []metric{q.metric}, nil, nil)
}

func (h *Handler) logParam(ctx context.Context, q *struct {
	runID
	keyValue
}) (any, error) {
	r, err := q.findActive(ctx, h)
	if err != nil {
		return nil, err
	}
	return nil, h.log(ctx, r, nil, []keyValue{q.keyValue}, nil)
}

func (h *Handler) setTag(ctx context.Context, q *struct {
	runID
	keyValue
}) (any, error) {
	r, err := q.findActive(ctx, h)
	if err != nil {
		return nil, err
	}
	return nil, h.log(ctx, r, nil, nil, []keyValue{q.keyValue})
}

func (h *Handler) deleteTag(ctx context.Context, q *struct {
	runID
	Key string `json:"key"`
}) (any, error) {
	r, err := q.findActive(ctx, h)
	if err != nil {
		return nil, err
	}
	return nil, h.store.DeleteNote(ctx, r, track.TagNote, q.Key)
}

func (h *Handler) logBatch(ctx context.Context, q *struct {
	runID
	Metrics []metric   `json:"metrics"`
	Params  []keyValue `json:"params"`
	Tags    []keyValue `json:"tags"`
}) (any, error) {
	switch m, p, t := len(q.Metrics), len(q.Params), len(q.Tags); {
	case m > maxMetrics:
		return nil, invalid("a batch of %d metrics; at most %d are taken at a time", m, maxMetrics)
	case p > maxPairs:
		return nil, invalid("a batch of %d params; at most %d are taken at a time", p, maxPairs)
	case t > maxPairs:
		return nil, invalid("a batch of %d tags; at most %d are taken at a time", t, maxPairs)
	case m+p+t > maxItems:
		return nil, invalid("a batch of %d metrics, params and tags; at most %d are taken at a time", m+p+t, maxItems)
	}
	r, err := q.findActive(ctx, h)
	if err != nil {
		return nil, err
	}
	return nil, h.log(ctx, r, q.Metrics, q.Params, q.Tags)
}

// log adds to a run: all of it, or nothing. The models that metrics are said to
// be of get theirs afterwards, when the run is no longer held.
func (h *Handler) log(ctx context.Context, r *track.Run, metrics []metric, params, tags []keyValue) error {
	if err := h.logToRun(ctx, r, metrics, params, tags); err != nil {
		return err
	}
	return h.logModelMetrics(ctx, r, metrics)
}

func (h *Handler) logToRun(ctx context.Context, r *track.Run, metrics []metric, params, tags []keyValue) error {
	b := &track.Batch{ID: batchID(metrics, params, tags), Tags: tagsOf(tags)}
	fresh, err := h.fresh(ctx, r, metrics)
	if err != nil {
		return err
	}
	if b.Metrics, err = curves(fresh); err != nil {
		return err
	}
	title := b.Tags[nameTag]
	if err := checkTitle(title); err != nil {
		return err
	}
	if len(params) > 0 || title != "" {
		defer h.runs.hold(r.ID)()
	}
	if b.Config, err = h.newParams(ctx, r, params); err != nil {
		return err
	}
	if err := h.store.Log(ctx, r, b); err != nil || title == "" {
		return err
	}
	return h.rename(ctx, r, title) // when the tag is kept, that it follows
}

// rename gives a run the title that its tag has.
func (h *Handler) rename(ctx context.Context, r *track.Run, title string) error {
	now, err := h.store.Run(ctx, r.ID)
	if err != nil || now.Title == title {
		return err
	}
	now.Title = title
	return h.store.UpdateRun(ctx, now)
}

// curves are metrics by their names, each in the order in which they came.
func curves(metrics []metric) ([]track.Metric, error) {
	var out []track.Metric
	at := map[string]int{}
	for i := range metrics {
		m := &metrics[i]
		p, err := m.point()
		if err != nil {
			return nil, err
		}
		k, ok := at[m.Key]
		if !ok {
			k = len(out)
			at[m.Key] = k
			out = append(out, track.Metric{Name: m.Key})
		}
		out[k].Points = append(out[k].Points, p)
	}
	return out, nil
}

// maxMillis is the last time that microseconds can tell.
const maxMillis = math.MaxInt64 / 1000

func (m *metric) point() (series.Point, error) {
	switch {
	case m.Key == "":
		return series.Point{}, invalid("a metric without a key")
	case m.Value == nil:
		return series.Point{}, invalid("the metric %q has no value", m.Key)
	}
	p := series.Point{Step: float64(m.Step), Time: time.Now().UnixMicro(), Value: float64(*m.Value)}
	if m.Timestamp != nil {
		if *m.Timestamp < 0 || *m.Timestamp > maxMillis {
			return p, invalid("the metric %q has the timestamp %d; it is in milliseconds since 1970", m.Key, *m.Timestamp)
		}
		p.Time = max(1, int64(*m.Timestamp)*1000) // 0 would be when it arrives
	}
	return p, nil
}

// metricOf is a point as clients see it. They know only whole steps, so that
// those of other sources are told as the one before.
func metricOf(key string, p series.Point) metric {
	value, at := real(p.Value), whole(math.Floor(float64(p.Time)/1000))
	return metric{Key: key, Value: &value, Timestamp: &at, Step: whole(math.Floor(p.Step))}
}
