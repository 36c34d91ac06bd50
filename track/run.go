package track

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"time"
)

// A Run is one training.
type Run struct {
	ID      string // by which it is asked for, 32 hexadecimal digits if made here
	Project string // its name
	Title   string // what people call it; need not differ from others
	State   State
	Created time.Time
	Ended   time.Time // zero while it runs
	Deleted time.Time // zero while it is in use
	// Parent is the ID of the run that it was forked from, empty if from none.
	// Its curves and records begin with what that run has up to step Forked,
	// which is included, also what is logged there later.
	Parent string
	Forked float64

	row  int64
	kept kept
}

// kept is what the file had of what may change of a run, when it was read.
type kept struct {
	project, title          string
	state                   State
	created, ended, deleted int64
}

func (r *Run) mutable() kept {
	return kept{r.Project, r.Title, r.State, r.Created.UnixMicro(), microsOf(r.Ended).Int64, microsOf(r.Deleted).Int64}
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

func (s State) check() error {
	switch s {
	case Scheduled, Running, Finished, Failed, Killed:
		return nil
	}
	return fmt.Errorf("%w: there is no state %q; there are %s, %s, %s, %s and %s", ErrRefused, s, Scheduled, Running, Finished, Failed, Killed)
}

// ErrNoRun says that there is no run of that name.
var ErrNoRun = errors.New("there is no such run")

// CreateRun makes a run. Without an ID it gets one; with that of a run that is
// there, that run goes on, and the rest of what is asked for means nothing.
func (s *Store) CreateRun(ctx context.Context, r Run) (*Run, error) {
	return s.StartRun(ctx, r, &Batch{})
}

// StartRun is CreateRun and then Log, of which both are done or neither.
func (s *Store) StartRun(ctx context.Context, r Run, first *Batch) (*Run, error) {
	if r.ID == "" {
		raw := make([]byte, 16)
		_, _ = rand.Read(raw) // never fails
		r.ID = hex.EncodeToString(raw)
	}
	if r.Created.IsZero() {
		r.Created = time.Now()
	}
	if err := r.check(); err != nil {
		return nil, err
	}
	own, err := first.checked(time.Now())
	if err != nil {
		return nil, err
	}
	err = s.submit(ctx, &entry{points: own.points(), change: func(t *transaction) error {
		row, err := r.insert(t.Tx)
		if err != nil {
			return err
		}
		return t.log(row, own)
	}})
	if err != nil {
		return nil, err
	}
	return s.Run(ctx, r.ID)
}

func (r *Run) check() error {
	for what, name := range map[string]string{"run": r.ID, "project": r.Project} {
		if err := checkName(what, name); err != nil {
			return err
		}
	}
	if len(r.Title) > MaxName {
		return fmt.Errorf("%w: the title of the run %q has %d bytes, and at most %d are taken", ErrRefused, r.ID, len(r.Title), MaxName)
	}
	if math.IsNaN(r.Forked) || math.IsInf(r.Forked, 0) {
		return fmt.Errorf("%w: run %q is forked at step %v; steps are finite numbers", ErrRefused, r.ID, r.Forked)
	}
	return nil
}

// insert makes a run's row, or finds the one that goes on.
func (r *Run) insert(tx *sql.Tx) (row int64, err error) {
	err = tx.QueryRow("UPDATE run SET state = ?, ended = NULL WHERE name = ? RETURNING id", Running, r.ID).Scan(&row)
	if !errors.Is(err, sql.ErrNoRows) {
		return row, err
	}
	var parent, forked any
	if r.Parent != "" {
		if parent, err = r.findParent(tx); err != nil {
			return 0, err
		}
		forked = r.Forked
	}
	err = tx.QueryRow("INSERT INTO run (name, project, title, state, created, parent, forked) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
		r.ID, r.Project, r.Title, Running, r.Created.UnixMicro(), parent, forked).Scan(&row)
	return row, err
}

// findParent finds the row of the run from which another is to be forked.
func (r *Run) findParent(tx *sql.Tx) (row int64, err error) {
	err = tx.QueryRow("SELECT id FROM run WHERE name = ?", r.Parent).Scan(&row)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("%w: %q, from which run %q is to be forked", ErrNoRun, r.Parent, r.ID)
	}
	if err != nil {
		return 0, err
	}
	var ancestors int
	if err := tx.QueryRow(countLineage, row, maxLineage).Scan(&ancestors); err != nil {
		return 0, err
	}
	if ancestors >= maxLineage {
		return 0, fmt.Errorf("%w: run %q is the last of %d runs, each forked from the one before; none can be forked from it", ErrRefused, r.Parent, ancestors)
	}
	return row, nil
}

const runColumns = `
	SELECT run.id, run.name, run.project, run.title, run.state, run.created, run.ended, run.deleted, parent.name, run.forked
	FROM run LEFT JOIN run AS parent ON parent.id = run.parent `

func scanRun(scan func(...any) error) (*Run, error) {
	r := &Run{}
	var created int64
	var ended, deleted sql.NullInt64
	var parent sql.NullString
	var forked sql.NullFloat64
	err := scan(&r.row, &r.ID, &r.Project, &r.Title, &r.State, &created, &ended, &deleted, &parent, &forked)
	r.Created, r.Ended, r.Deleted = time.UnixMicro(created), timeOf(ended), timeOf(deleted)
	r.Parent, r.Forked = parent.String, forked.Float64
	r.kept = r.mutable()
	return r, err
}

// findRun finds a run, which is done whenever something is logged of one.
const findRun = runColumns + "WHERE run.name = ?"

// Run finds a run, a deleted one too.
func (s *Store) Run(ctx context.Context, id string) (*Run, error) {
	r, err := scanRun(s.scanOf(s.find.QueryRowContext(ctx, id)))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("%w: %q", ErrNoRun, id)
	}
	return r, err
}

// Runs lists those in use of a project, of all where it is empty, the latest
// first.
func (s *Store) Runs(ctx context.Context, project string) ([]*Run, error) {
	if project == "" {
		return s.runs(ctx, "WHERE run.deleted IS NULL")
	}
	return s.runs(ctx, "WHERE run.project = ? AND run.deleted IS NULL", project)
}

// AllRuns lists those of a project as Runs does, and those that are deleted.
func (s *Store) AllRuns(ctx context.Context, project string) ([]*Run, error) {
	if project == "" {
		return s.runs(ctx, "")
	}
	return s.runs(ctx, "WHERE run.project = ?", project)
}

func (s *Store) runs(ctx context.Context, where string, args ...any) ([]*Run, error) {
	rows, err := s.query(ctx, runColumns+where+" ORDER BY run.created DESC, run.id DESC", args...)
	return collect(rows, err, scanRun)
}
