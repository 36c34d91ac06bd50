package track

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/tomo-viz/tomo/track/series"
)

// A Run is one training.
type Run struct {
	ID      string // by which it is asked for, 32 hexadecimal digits if made here
	Project string
	Title   string // what people call it; need not differ from others
	State   State
	Created time.Time
	Ended   time.Time // zero while it runs
	Deleted time.Time // zero while it is in use

	row int64
}

// A State is what became of a run.
type State string

// The states.
const (
	Scheduled State = "scheduled" // waits to begin
	Running   State = "running"
	Finished  State = "finished"
	Failed    State = "failed"
	Killed    State = "killed"
)

// ErrNoRun says that there is no run of that name.
var ErrNoRun = errors.New("there is no such run")

// CreateRun makes a run. Without an ID it gets one; with that of a run that is
// there, that run goes on.
func (s *Store) CreateRun(ctx context.Context, r Run) (*Run, error) {
	if r.ID == "" {
		raw := make([]byte, 16)
		_, _ = rand.Read(raw) // never fails
		r.ID = hex.EncodeToString(raw)
	}
	for what, name := range map[string]string{"run": r.ID, "project": r.Project} {
		if err := checkName(what, name); err != nil {
			return nil, err
		}
	}
	if r.Created.IsZero() {
		r.Created = time.Now()
	}
	_, err := s.db.ExecContext(ctx, "INSERT INTO run (name, project, title, state, created) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET state = excluded.state, ended = NULL",
		r.ID, r.Project, r.Title, Running, r.Created.UnixMicro())
	if err != nil {
		return nil, err
	}
	return s.Run(ctx, r.ID)
}

const runColumns = "id, name, project, title, state, created, ended, deleted"

func scanRun(scan func(...any) error) (*Run, error) {
	r := &Run{}
	var created int64
	var ended, deleted sql.NullInt64
	if err := scan(&r.row, &r.ID, &r.Project, &r.Title, &r.State, &created, &ended, &deleted); err != nil {
		return nil, err
	}
	r.Created, r.Ended, r.Deleted = time.UnixMicro(created), timeOf(ended), timeOf(deleted)
	return r, nil
}

// Run finds a run.
func (s *Store) Run(ctx context.Context, id string) (*Run, error) {
	r, err := scanRun(s.db.QueryRowContext(ctx, "SELECT "+runColumns+" FROM run WHERE name = ?", id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("%w: %q", ErrNoRun, id)
	}
	return r, err
}

// Runs lists those in use of a project, of all where it is empty, the latest
// first.
func (s *Store) Runs(ctx context.Context, project string) ([]*Run, error) {
	return s.listRuns(ctx, "WHERE ? IN ('', project) AND deleted IS NULL", project)
}

// AllRuns lists those of a project as Runs does, and those that are deleted.
func (s *Store) AllRuns(ctx context.Context, project string) ([]*Run, error) {
	return s.listRuns(ctx, "WHERE ? IN ('', project)", project)
}

func (s *Store) listRuns(ctx context.Context, where string, args ...any) ([]*Run, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT "+runColumns+" FROM run "+where+" ORDER BY created DESC, id DESC", args...)
	if err != nil {
		return nil, err
	}
	var out []*Run
	for rows.Next() {
		r, err := scanRun(rows.Scan)
		if err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		out = append(out, r)
	}
	return out, errors.Join(rows.Err(), rows.Close())
}

// EndRun says what became of a run.
func (s *Store) EndRun(ctx context.Context, r *Run, state State, at time.Time) error {
	_, err := s.db.ExecContext(ctx, "UPDATE run SET state = ?, ended = ? WHERE id = ?", state, at.UnixMicro(), r.row)
	return err
}

// UpdateRun writes what may change of a run: its title, state and times.
func (s *Store) UpdateRun(ctx context.Context, r *Run) error {
	_, err := s.db.ExecContext(ctx, "UPDATE run SET title = ?, state = ?, created = ?, ended = ?, deleted = ? WHERE id = ?",
		r.Title, r.State, r.Created.UnixMicro(), microsOf(r.Ended), microsOf(r.Deleted), r.row)
	return err
}

// microsOf is the reverse of timeOf.
func microsOf(t time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: t.UnixMicro(), Valid: !t.IsZero()}
}

// Log adds to a run. When it returns nil, all of the batch is on disk; else
// nothing of it is. It waits while the store is busy with what came before.
func (s *Store) Log(ctx context.Context, r *Run, b *Batch) error {
	own := *b
	own.Metrics = append([]Metric(nil), b.Metrics...)
	own.Records = append([]Record(nil), b.Records...)
	if err := own.check(time.Now()); err != nil {
		return err
	}
	return s.submit(ctx, &entry{batch: &own, run: r.row, done: make(chan error, 1)})
}

// Config returns what the run was configured with.
func (s *Store) Config(ctx context.Context, r *Run) (map[string]any, error) {
	out := map[string]any{}
	err := s.settings(ctx, r, "config", func(key, value string) error {
		var v any
		err := json.Unmarshal([]byte(value), &v)
		out[key] = v
		return err
	})
	return out, err
}

// Tags returns the run's tags.
func (s *Store) Tags(ctx context.Context, r *Run) (map[string]string, error) {
	out := map[string]string{}
	err := s.settings(ctx, r, "tag", func(key, value string) error {
		var v string
		err := json.Unmarshal([]byte(value), &v)
		out[key] = v
		return err
	})
	return out, err
}

func (s *Store) settings(ctx context.Context, r *Run, kind string, take func(key, value string) error) error {
	rows, err := s.db.QueryContext(ctx, "SELECT key, value FROM setting WHERE run = ? AND kind = ?", r.row, kind)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var key, value string
		if err := rows.Scan(&key, &value); err != nil {
			return err
		}
		if err := take(key, value); err != nil {
			return err
		}
	}
	return rows.Err()
}

// A Curve is one metric of a run.
type Curve struct {
	Name   string
	Points int64

	row int64
}

// Curves lists the metrics of a run, by name.
func (s *Store) Curves(ctx context.Context, r *Run) ([]Curve, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT id, name, points FROM metric WHERE run = ? ORDER BY name", r.row)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Curve
	for rows.Next() {
		var c Curve
		if err := rows.Scan(&c.row, &c.Name, &c.Points); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	for i, c := range out {
		if m := s.metrics[c.row]; m != nil {
			out[i].Points = m.end.Len()
		}
	}
	return out, rows.Err()
}

// Look shows a curve on a chart; see series.Look.
func (s *Store) Look(ctx context.Context, c Curve, axis series.Axis, low, high float64, columns int) (series.Window, error) {
	snap, err := s.snapshot(ctx, c.row)
	if err != nil {
		return series.Window{}, err
	}
	return series.Look(snap, snap.points, axis, low, high, columns)
}

// Sum summarizes a whole curve; the second result is false where it has no
// points.
func (s *Store) Sum(ctx context.Context, c Curve) (series.Summary, bool, error) {
	snap, err := s.snapshot(ctx, c.row)
	if err != nil {
		return series.Summary{}, false, err
	}
	return series.Total(snap, snap.points)
}
