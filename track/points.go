package track

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/tomo-viz/tomo/track/series"
)

// ErrNoMetric says that a run has no metric of that name.
var ErrNoMetric = errors.New("there is no such metric")

// Curve finds a metric of a run.
func (s *Store) Curve(ctx context.Context, r *Run, name string) (Curve, error) {
	c := Curve{Name: name}
	err := s.db.QueryRowContext(ctx, "SELECT id, points FROM metric WHERE run = ? AND name = ?", r.row, name).Scan(&c.row, &c.Points)
	if errors.Is(err, sql.ErrNoRows) {
		return c, fmt.Errorf("%w: %q", ErrNoMetric, name)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if m := s.metrics[c.row]; m != nil {
		c.Points = m.end.Len()
	}
	return c, err
}

// Points returns points of a curve as they were logged, from the first one
// asked for on, in the order in which they came: count of them, or as many as
// there are.
func (s *Store) Points(ctx context.Context, c Curve, first, count int64) ([]series.Point, error) {
	snap, err := s.snapshot(ctx, c.row)
	if err != nil {
		return nil, err
	}
	if first < 0 || count <= 0 || first >= snap.points {
		return nil, nil
	}
	end := first + min(count, snap.points-first)
	out := make([]series.Point, 0, end-first)
	for at := first; at < end; {
		chunk, err := snap.Chunk(at / series.ChunkPoints)
		if err != nil {
			return nil, err
		}
		begin := at / series.ChunkPoints * series.ChunkPoints
		until := min(end, begin+int64(len(chunk)))
		if until <= at {
			return nil, fmt.Errorf("chunk %d ends before point %d", at/series.ChunkPoints, at)
		}
		out = append(out, chunk[at-begin:until-begin]...)
		at = until
	}
	return out, nil
}

// latest returns the point with the greatest step of a metric, of several the
// one that came last; the second result is false where it has no points.
func (s *Store) latest(ctx context.Context, row int64) (series.Point, bool, error) {
	snap, err := s.snapshot(ctx, row)
	if err != nil {
		return series.Point{}, false, err
	}
	total, ok, err := series.Total(snap, snap.points)
	if !ok || err != nil {
		return series.Point{}, false, err
	}
	w, err := series.Look(snap, snap.points, series.ByStep, total.MaxStep, total.MaxStep, 1)
	if err != nil || len(w.Buckets) == 0 {
		return series.Point{}, false, err
	}
	b := w.Buckets[len(w.Buckets)-1]
	return series.Point{Step: b.MaxStep, Time: b.MaxTime, Value: b.Last}, true, nil
}
