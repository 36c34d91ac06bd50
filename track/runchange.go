package track

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// EndRun says what became of a run. It changes nothing else of it.
func (s *Store) EndRun(ctx context.Context, r *Run, state State, at time.Time) error {
	if err := state.check(); err != nil {
		return err
	}
	return s.change(ctx, r.row, func(tx *sql.Tx) error {
		_, err := tx.Exec("UPDATE run SET state = ?, ended = ? WHERE id = ?", state, microsOf(at), r.row)
		return err
	})
}

// UpdateRun writes what was changed of a run since it was read: its project,
// title, state and times. What others changed meanwhile stays. One that has a
// time at which it was deleted is only seen by who asks for it; PurgeRun takes it
// out.
func (s *Store) UpdateRun(ctx context.Context, r *Run) error {
	if err := errors.Join(r.check(), r.State.check()); err != nil {
		return err
	}
	was, is := r.kept, r.mutable()
	err := s.change(ctx, r.row, func(tx *sql.Tx) error {
		for _, c := range []struct {
			column  string
			changed bool
			value   any
		}{
			{"project", is.project != was.project, r.Project},
			{"title", is.title != was.title, r.Title},
			{"state", is.state != was.state, r.State},
			{"created", is.created != was.created, is.created},
			{"ended", is.ended != was.ended, microsOf(r.Ended)},
			{"deleted", is.deleted != was.deleted, microsOf(r.Deleted)},
		} {
			if !c.changed {
				continue
			}
			if _, err := tx.Exec("UPDATE run SET "+c.column+" = ? WHERE id = ?", c.value, r.row); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		r.kept = is
	}
	return err
}

// microsOf is the reverse of timeOf.
func microsOf(t time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: t.UnixMicro(), Valid: !t.IsZero()}
}

// PurgeRun takes a run out of the file, with all that it holds. One from which
// others were forked is refused: they hold only what came after.
func (s *Store) PurgeRun(ctx context.Context, r *Run) error {
	return s.submit(ctx, &entry{alone: true, change: func(t *transaction) error { return t.purge(r) }})
}

func (t *transaction) purge(r *Run) error {
	var fork string
	err := t.QueryRow("SELECT name FROM run WHERE parent = ? LIMIT 1", r.row).Scan(&fork)
	if err == nil {
		return fmt.Errorf("%w: run %q holds the beginning of run %q, which was forked from it", ErrRefused, r.ID, fork)
	} else if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	t.keepOut()
	t.flush = true // the journal must not name what is no longer there
	t.purged, t.runs[r.row] = r.row, true
	rows, err := t.metricsOf(r.row, nil)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if _, err := t.Exec("DELETE FROM part WHERE key BETWEEN ? AND ?", partKey(row, -1, 0), partKey(row+1, -1, 0)-1); err != nil {
			return err
		}
	}
	_, err = t.Exec("DELETE FROM run WHERE id = ?", r.row)
	return err
}
