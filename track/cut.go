package track

import (
	"context"
	"math"

	"github.com/tomo-viz/tomo/track/series"
)

// Cut takes back what was logged of a run at a step and later ones, as a
// training does that goes on from a checkpoint: points of the metrics that are
// named; without names, of all metrics, and the records. What a fork has from
// its parent stays.
func (s *Store) Cut(ctx context.Context, r *Run, step float64, metrics ...string) error {
	return s.submit(ctx, &entry{alone: true, change: func(t *transaction) error {
		return t.cutRun(r.row, step, metrics)
	}})
}

func (t *transaction) cutRun(run int64, step float64, names []string) error {
	if err := t.append(); err != nil {
		return err
	}
	t.keepOut()
	t.flush = true // what the journal has of these metrics no longer fits
	t.runs[run] = true
	rows, err := t.metricsOf(run, names)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if err := t.cutMetric(run, row, step); err != nil {
			return err
		}
	}
	if len(names) > 0 {
		return nil
	}
	_, err = t.Exec("DELETE FROM record WHERE run = ? AND step >= ?", run, step)
	return err
}

// keepOut waits for those who read, and keeps others waiting until the
// transaction ends.
func (t *transaction) keepOut() {
	if !t.cut {
		t.w.steady.Lock()
		t.cut = true
	}
}

// metricsOf lists the rows of a run's metrics, all without names.
func (t *transaction) metricsOf(run int64, names []string) ([]int64, error) {
	wanted := map[string]bool{}
	for _, name := range names {
		wanted[name] = true
	}
	rows, err := t.Query("SELECT id, name FROM metric WHERE run = ?", run)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []int64
	for rows.Next() {
		var row int64
		var name string
		if err := rows.Scan(&row, &name); err != nil {
			return nil, err
		}
		if len(names) == 0 || wanted[name] {
			out = append(out, row)
		}
	}
	return out, rows.Err()
}

// cutMetric writes a metric again from its first point at or after the step on,
// without such points. A part is overwritten only when it has been read: the
// points that stay are never more than those that were.
func (t *transaction) cutMetric(run, row int64, step float64) error {
	m, err := t.metric(run, row)
	if err != nil {
		return err
	}
	before := snapshotOf(t.reader(row), m.end)
	from, err := series.Reach(before, before.points, step)
	if err != nil || from == before.points {
		return err
	}
	end, err := series.Resume(from, before)
	if err != nil {
		return err
	}
	cut := &metric{run, row, end}
	for chunk := from / series.ChunkPoints; chunk*series.ChunkPoints < before.points; chunk++ {
		points, err := before.Chunk(chunk)
		if err != nil {
			return err
		}
		var stay []series.Point
		for i, p := range points {
			if at := chunk*series.ChunkPoints + int64(i); at >= from && at < before.points && p.Step < step {
				stay = append(stay, p)
			}
		}
		j := &job{metric: cut, parts: end.Append(stay...)}
		encode([]*job{j})
		if err := t.write(j); err != nil {
			return err
		}
	}
	t.ends[row] = cut
	return t.dropParts(row, end.Len(), before.points)
}

// dropParts takes away the parts that only the points behind the first ones had.
func (t *transaction) dropParts(row, now, before int64) error {
	for level := series.Chunk; ; level++ {
		kept, had := series.PartsAt(level, now), series.PartsAt(level, before)
		if had == 0 {
			return nil
		}
		if _, err := t.Exec("DELETE FROM part WHERE key BETWEEN ? AND ?", partKey(row, level, kept), partKey(row, level, math.MaxInt32)); err != nil {
			return err
		}
	}
}
