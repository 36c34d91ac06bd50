package track

import (
	"context"
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

// SetNote keeps a value, as JSON, with a run.
func (s *Store) SetNote(ctx context.Context, r *Run, kind, key string, value any) error {
	raw, err := noteOf(kind, key, value)
	if err == nil {
		_, err = s.db.ExecContext(ctx, "INSERT INTO setting (run, kind, key, value) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", r.row, kind, key, raw)
	}
	return err
}

// DeleteNote removes a note of a run, or says ErrNoNote.
func (s *Store) DeleteNote(ctx context.Context, r *Run, kind, key string) error {
	return s.removed(ctx, key, "DELETE FROM setting WHERE run = ? AND kind = ? AND key = ?", r.row, kind, key)
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
	if err == nil {
		_, err = s.db.ExecContext(ctx, "INSERT INTO project_note (project, kind, key, value) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", project, kind, key, raw)
	}
	return err
}

// DeleteProjectNote removes a note of a project, or says ErrNoNote.
func (s *Store) DeleteProjectNote(ctx context.Context, project int64, kind, key string) error {
	return s.removed(ctx, key, "DELETE FROM project_note WHERE project = ? AND kind = ? AND key = ?", project, kind, key)
}

// ProjectNotes lists the notes of a kind, of all projects, or only those under a
// key where one is given.
func (s *Store) ProjectNotes(ctx context.Context, kind, key string) ([]ProjectNote, error) {
	query, args := "SELECT project, key, value FROM project_note WHERE kind = ?", []any{kind}
	if key != "" {
		query, args = query+" AND key = ?", append(args, key)
	}
	rows, err := s.db.QueryContext(ctx, query+" ORDER BY project, key", args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []ProjectNote
	for rows.Next() {
		var n ProjectNote
		var value string
		if err := rows.Scan(&n.Project, &n.Key, &value); err != nil {
			return nil, err
		}
		n.Value = json.RawMessage(value)
		out = append(out, n)
	}
	return out, rows.Err()
}

func noteOf(kind, key string, value any) (string, error) {
	if err := checkName(kind, key); err != nil {
		return "", err
	}
	raw, err := json.Marshal(value)
	if err != nil {
		err = fmt.Errorf("%w: the %s %q cannot be written as JSON: %w", ErrRefused, kind, key, err)
	}
	return string(raw), err
}

func (s *Store) removed(ctx context.Context, key, statement string, args ...any) error {
	done, err := s.db.ExecContext(ctx, statement, args...)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, fmt.Errorf("%w: %q", ErrNoNote, key))
	}
	return nil
}
