package track

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/tomo-viz/tomo/track/series"
)

// A Curve is one metric of a run, with what a fork has of it from its parents.
type Curve struct {
	Name   string
	Points int64
	// Total summarizes all points; its Count is Points.
	Total series.Summary

	pieces []piece
	latest series.Point // of the greatest step, if tallied
	// tallied is false for forks, whose pieces were not tallied together.
	tallied bool
}

// Arrival tells in which order the metrics of a store came first, the earliest
// with the least: often that of a network's layers.
func (c Curve) Arrival() int64 {
	if len(c.pieces) == 0 {
		return 0
	}
	return c.pieces[0].row
}

// A piece is one metric, up to a step.
type piece struct {
	run, row int64
	until    float64
}

// Curves lists the metrics of a run, by name.
func (s *Store) Curves(ctx context.Context, r *Run) ([]Curve, error) {
	return s.curves(ctx, r, "")
}

// Curve finds a metric of a run.
func (s *Store) Curve(ctx context.Context, r *Run, name string) (Curve, error) {
	found, err := s.curves(ctx, r, " AND name = ?", name)
	if err != nil {
		return Curve{}, err
	}
	if len(found) == 0 {
		return Curve{}, fmt.Errorf("%w: %q in run %q", ErrNoMetric, name, r.ID)
	}
	return found[0], nil
}

// curves lists the metrics that a condition picks.
func (s *Store) curves(ctx context.Context, r *Run, and string, args ...any) ([]Curve, error) {
	s.steady.RLock()
	defer s.steady.RUnlock()
	line, err := s.lineage(ctx, r)
	if err != nil {
		return nil, err
	}
	at := map[string]int{}
	var out []Curve
	for _, a := range line {
		own, err := s.curvesOf(ctx, a, and, args)
		if err != nil {
			return nil, err
		}
		if len(line) == 1 {
			return own, nil
		}
		for _, c := range own {
			i, ok := at[c.Name]
			if !ok {
				i = len(out)
				at[c.Name] = i
				out = append(out, Curve{Name: c.Name})
			}
			out[i].pieces = append(out[i].pieces, c.pieces...)
		}
	}
	for i := range out {
		if out[i].Total, _, err = s.total(ctx, out[i].pieces); err != nil {
			return nil, err
		}
		out[i].Points = out[i].Total.Count
	}
	// What the parents logged only later is none of the fork's.
	out = slices.DeleteFunc(out, func(c Curve) bool { return c.Points == 0 })
	slices.SortFunc(out, func(a, b Curve) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// curvesOf lists the metrics of a run itself.
func (s *Store) curvesOf(ctx context.Context, a ancestor, and string, args []any) ([]Curve, error) {
	var out []Curve
	err := s.eachCurve(ctx, []int64{a.run}, and, args, func(_ int64, c Curve) {
		c.pieces[0].until = a.until
		out = append(out, c)
	})
	return out, err
}

// eachCurve lists the metrics of runs themselves, run by run and by name. Ends
// in memory are asked for first: what is not there then has all its points in
// the file.
func (s *Store) eachCurve(ctx context.Context, runs []int64, and string, args []any, take func(run int64, c Curve)) error {
	ends := map[int64]*metric{}
	s.mu.RLock()
	for _, run := range runs {
		maps.Copy(ends, s.ends[run])
	}
	s.mu.RUnlock()
	list, err := json.Marshal(runs)
	if err != nil {
		return err
	}
	rows, err := s.query(ctx, "SELECT run, id, name, total FROM metric WHERE run IN (SELECT value FROM json_each(?))"+and+" ORDER BY run, name", append([]any{string(list)}, args...)...)
	if err != nil {
		return err
	}
	defer rows.Close()
	names := map[string]string{} // runs have the same names, which are kept once
	for rows.Next() {
		var run, row int64
		var name, total sql.RawBytes
		if err := rows.Scan(&run, &row, &name, &total); err != nil {
			return err
		}
		known, ok := names[string(name)]
		if !ok {
			known = string(name)
			names[known] = known
		}
		c := Curve{Name: known, pieces: []piece{{run, row, math.Inf(1)}}}
		var tally series.Tally
		if m := ends[row]; m != nil {
			tally = m.end.Tally()
		} else if total != nil {
			if tally, err = series.DecodeTally(total); err != nil {
				return fmt.Errorf("metric %q: %w", c.Name, err)
			}
		}
		c.Total, c.Points, c.latest, c.tallied = tally.Summary, tally.Count, tally.Latest, true
		take(run, c)
	}
	return rows.Err()
}

// curvesOfRuns lists the metrics of many runs, in their order and by name.
func (s *Store) curvesOfRuns(ctx context.Context, runs []*Run, and string, args ...any) ([][]Curve, error) {
	out, at, rows := make([][]Curve, len(runs)), map[int64]int{}, []int64{}
	for i, r := range runs {
		if r.Parent != "" {
			var err error
			if out[i], err = s.curves(ctx, r, and, args...); err != nil {
				return nil, err
			}
			continue
		}
		at[r.row] = i
		rows = append(rows, r.row)
	}
	s.steady.RLock()
	defer s.steady.RUnlock()
	err := s.eachCurve(ctx, rows, and, args, func(run int64, c Curve) { out[at[run]] = append(out[at[run]], c) })
	return out, err
}

// Look shows a curve on a chart; see series.Look.
func (s *Store) Look(ctx context.Context, c Curve, axis series.Axis, low, high float64, columns int) (series.Window, error) {
	s.steady.RLock()
	defer s.steady.RUnlock()
	segments, err := s.segments(ctx, c.pieces)
	if err != nil {
		return series.Window{}, err
	}
	return series.Look(segments, axis, low, high, columns)
}

// Sum summarizes a whole curve as it is now; the second result is false where it
// has no points.
func (s *Store) Sum(ctx context.Context, c Curve) (series.Summary, bool, error) {
	s.steady.RLock()
	defer s.steady.RUnlock()
	return s.total(ctx, c.pieces)
}

func (s *Store) total(ctx context.Context, pieces []piece) (series.Summary, bool, error) {
	segments, err := s.segments(ctx, pieces)
	if err != nil {
		return series.Summary{}, false, err
	}
	return series.Total(segments)
}

func (s *Store) segments(ctx context.Context, pieces []piece) ([]series.Segment, error) {
	out := make([]series.Segment, len(pieces))
	for i, p := range pieces {
		snap, err := s.snapshot(ctx, p.run, p.row)
		if err != nil {
			return nil, err
		}
		out[i] = series.Segment{Source: snap, Points: snap.points, Until: p.until}
	}
	return out, nil
}
