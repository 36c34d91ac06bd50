package track

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
)

// ErrNoNote says that there is no note of that kind and key.
var ErrNoNote = errors.New("there is no such note")

// The kinds under which a run's configuration and tags are kept. Clients keep
// what else they have to say of a run under kinds of their own.
const (
	ConfigNote = "config"
	TagNote    = "tag"
)

// Notes returns the notes of a kind that a run has, by their keys, as JSON.
func (s *Store) Notes(ctx context.Context, r *Run, kind string) (map[string]json.RawMessage, error) {
	return notes[json.RawMessage](ctx, s, r.row, kind)
}

// SetNote keeps a value, as JSON, with a run.
func (s *Store) SetNote(ctx context.Context, r *Run, kind, key string, value any) error {
	raw, err := noteOf(kind, key, value)
	if err != nil {
		return err
	}
	return s.change(ctx, r.row, func(tx *sql.Tx) error { return setNote(tx, r.row, kind, key, raw) })
}

// DeleteNote removes a note of a run, or says ErrNoNote.
func (s *Store) DeleteNote(ctx context.Context, r *Run, kind, key string) error {
	return s.remove(ctx, r.row, key, "DELETE FROM setting WHERE run = ? AND kind = ? AND key = ?", r.row, kind, key)
}

// A ProjectNote is what is kept with a project: a tag, or what a client has to
// say of it.
type ProjectNote struct {
	Project int64
	Key     string
	Value   json.RawMessage
}

// SetProjectNote keeps a value, as JSON, with a project.
func (s *Store) SetProjectNote(ctx context.Context, project int64, kind, key string, value any) error {
	raw, err := noteOf(kind, key, value)
	if err != nil {
		return err
	}
	return s.change(ctx, 0, func(tx *sql.Tx) error {
		_, err := tx.Exec("INSERT INTO project_note (project, kind, key, value) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", project, kind, key, raw)
		return err
	})
}

// DeleteProjectNote removes a note of a project, or says ErrNoNote.
func (s *Store) DeleteProjectNote(ctx context.Context, project int64, kind, key string) error {
	return s.remove(ctx, 0, key, "DELETE FROM project_note WHERE project = ? AND kind = ? AND key = ?", project, kind, key)
}

// ProjectNotes lists the notes of a kind, of all projects, or only those under a
// key where one is given.
func (s *Store) ProjectNotes(ctx context.Context, kind, key string) ([]ProjectNote, error) {
	query, args := "SELECT project, key, value FROM project_note WHERE kind = ?", []any{kind}
	if key != "" {
		query, args = query+" AND key = ?", append(args, key)
	}
	rows, err := s.query(ctx, query+" ORDER BY project, key", args...)
	return collect(rows, err, func(scan func(...any) error) (n ProjectNote, err error) {
		var value string
		err = scan(&n.Project, &n.Key, &value)
		n.Value = json.RawMessage(value)
		return n, err
	})
}

// noteOf is a value as a note of some kind keeps it.
func noteOf(kind, key string, value any) (string, error) {
	if err := checkName(kind, key); err != nil {
		return "", err
	}
	raw, err := json.Marshal(value)
	switch {
	case err != nil:
		return "", fmt.Errorf("%w: the %s %q cannot be written as JSON: %w", ErrRefused, kind, key, err)
	case len(raw) > MaxNote:
		return "", fmt.Errorf("%w: the %s %q has %d bytes, and at most %d are taken", ErrRefused, kind, key, len(raw), MaxNote)
	}
	return string(raw), nil
}

func setNote(tx *sql.Tx, run int64, kind, key, raw string) error {
	_, err := tx.Exec("INSERT INTO setting (run, kind, key, value) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", run, kind, key, raw)
	return err
}

// remove deletes what is there.
func (s *Store) remove(ctx context.Context, run int64, key, statement string, args ...any) error {
	return s.change(ctx, run, func(tx *sql.Tx) error {
		done, err := tx.Exec(statement, args...)
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, fmt.Errorf("%w: %q", ErrNoNote, key))
		}
		return nil
	})
}

// Config returns what the run was configured with; numbers are float64.
func (s *Store) Config(ctx context.Context, r *Run) (map[string]any, error) {
	return notes[any](ctx, s, r.row, ConfigNote)
}

// Tags returns the run's tags.
func (s *Store) Tags(ctx context.Context, r *Run) (map[string]string, error) {
	return notes[string](ctx, s, r.row, TagNote)
}

func notes[V any](ctx context.Context, s *Store, run int64, kind string) (map[string]V, error) {
	rows, err := s.query(ctx, "SELECT key, value FROM setting WHERE run = ? AND kind = ?", run, kind)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]V{}
	for rows.Next() {
		var key, raw string
		if err := rows.Scan(&key, &raw); err != nil {
			return nil, err
		}
		var value V
		if err := json.Unmarshal([]byte(raw), &value); err != nil {
			return nil, fmt.Errorf("the %s %q: %w", kind, key, err)
		}
		out[key] = value
	}
	return out, rows.Err()
}
