package track

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"github.com/tomo-viz/tomo/track/series"
)

// A Row is what is known of a run, for tables of runs.
type Row struct {
	*Run
	Notes  map[string]map[string]json.RawMessage // by kind and key
	Latest []Latest                              // by name
}

// A Latest is the point of a metric that has the greatest step.
type Latest struct {
	Name string
	series.Point
}

// Rows returns what is known of runs, in their order.
func (s *Store) Rows(ctx context.Context, runs []*Run) ([]Row, error) {
	out := make([]Row, len(runs))
	for i, r := range runs {
		out[i] = Row{Run: r, Notes: map[string]map[string]json.RawMessage{}}
	}
	err := s.eachNote(ctx, runs, func(i int, kind, key string, value json.RawMessage) error {
		notes := out[i].Notes
		if notes[kind] == nil {
			notes[kind] = map[string]json.RawMessage{}
		}
		notes[kind][key] = value
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, s.eachLatest(ctx, runs, "", nil, func(i int, l Latest) { out[i].Latest = append(out[i].Latest, l) })
}

// NoteOf returns the note of a kind and key of each run, nil where it has none.
func (s *Store) NoteOf(ctx context.Context, runs []*Run, kind, key string) ([]json.RawMessage, error) {
	of := map[int64]json.RawMessage{}
	err := s.each(ctx, runs, "SELECT run, value FROM setting WHERE run IN (SELECT value FROM json_each(?)) AND kind = ? AND key = ?", []any{kind, key}, func(rows *sql.Rows) error {
		var run int64
		var value string
		err := rows.Scan(&run, &value)
		of[run] = json.RawMessage(value)
		return err
	})
	out := make([]json.RawMessage, len(runs))
	for i, r := range runs {
		out[i] = of[r.row]
	}
	return out, err
}

// LatestOf returns the latest point of a metric of each run, nil where it has
// none.
func (s *Store) LatestOf(ctx context.Context, runs []*Run, metric string) ([]*series.Point, error) {
	out := make([]*series.Point, len(runs))
	err := s.eachLatest(ctx, runs, " AND name = ?", []any{metric}, func(i int, l Latest) { out[i] = &l.Point })
	return out, err
}

// eachNote takes all notes of runs, each with the place of its run among them.
func (s *Store) eachNote(ctx context.Context, runs []*Run, take func(i int, kind, key string, value json.RawMessage) error) error {
	at := make(map[int64]int, len(runs))
	for i, r := range runs {
		at[r.row] = i
	}
	return s.each(ctx, runs, "SELECT run, kind, key, value FROM setting WHERE run IN (SELECT value FROM json_each(?))", nil, func(rows *sql.Rows) error {
		var run int64
		var kind, key, value string
		if err := rows.Scan(&run, &kind, &key, &value); err != nil {
			return err
		}
		return take(at[run], kind, key, json.RawMessage(value))
	})
}

func (s *Store) eachLatest(ctx context.Context, runs []*Run, and string, args []any, take func(i int, l Latest)) error {
	all, err := s.curvesOfRuns(ctx, runs, and, args...)
	if err != nil {
		return err
	}
	for i, curves := range all {
		for _, c := range curves {
			p, ok, err := s.latest(ctx, c)
			if err != nil {
				return err
			}
			if ok {
				take(i, Latest{c.Name, p})
			}
		}
	}
	return nil
}

// each runs a query whose first argument is the list of runs.
func (s *Store) each(ctx context.Context, runs []*Run, query string, args []any, take func(*sql.Rows) error) error {
	ids := make([]int64, len(runs))
	for i, r := range runs {
		ids[i] = r.row
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return err
	}
	rows, err := s.query(ctx, query, append([]any{string(list)}, args...)...)
	if err != nil {
		return err
	}
	for rows.Next() {
		if err := take(rows); err != nil {
			return errors.Join(err, rows.Close())
		}
	}
	return errors.Join(rows.Err(), rows.Close())
}
