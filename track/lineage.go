package track

import (
	"context"
	"math"
)

// An ancestor is a run of which another has what it logged up to a step.
type ancestor struct {
	run   int64
	until float64
}

// maxLineage bounds how many runs are forked from each other in a row.
const maxLineage = 256

// countLineage counts a run and those that it comes from, up to a bound.
const countLineage = `
	WITH RECURSIVE line (id, depth) AS (
		SELECT ?, 1
		UNION ALL
		SELECT run.parent, depth + 1 FROM run JOIN line ON run.id = line.id WHERE run.parent IS NOT NULL AND depth < ?
	) SELECT count(*) FROM line`

// lineage lists whom a run has points from, the eldest first and itself last.
func (s *Store) lineage(ctx context.Context, r *Run) ([]ancestor, error) {
	line := []ancestor{{r.row, math.Inf(1)}}
	if r.Parent == "" {
		return line, nil
	}
	rows, err := s.query(ctx, `
		WITH RECURSIVE line (id, parent, forked, depth) AS (
			SELECT id, parent, forked, 0 FROM run WHERE id = ?
			UNION ALL
			SELECT run.id, run.parent, run.forked, depth + 1 FROM run JOIN line ON run.id = line.parent WHERE depth < ?
		) SELECT parent, forked FROM line WHERE parent IS NOT NULL ORDER BY depth`, r.row, maxLineage)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	until := math.Inf(1)
	for rows.Next() {
		var a ancestor
		if err := rows.Scan(&a.run, &a.until); err != nil {
			return nil, err
		}
		until = min(until, a.until)
		line = append([]ancestor{{a.run, until}}, line...)
	}
	return line, rows.Err()
}
