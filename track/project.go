package track

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// A Project is what runs belong to. A run that names one that is not there makes
// it.
type Project struct {
	ID      int64
	Name    string
	Home    string // where its files lie, for clients that keep them elsewhere
	Created time.Time
	Changed time.Time
	Deleted time.Time // zero while it is in use
}

// DefaultProject is there from the start, with 0 as its ID.
const DefaultProject = "Default"

// What is said of a project that cannot be found, or made.
var (
	ErrNoProject     = errors.New("there is no such project")
	ErrProjectExists = errors.New("there is a project of that name")
)

// projectSchema makes the tables of projects. The trigger makes those that runs
// name.
const projectSchema = `
CREATE TABLE IF NOT EXISTS project (
	id      INTEGER PRIMARY KEY,
	name    TEXT NOT NULL UNIQUE,
	home    TEXT NOT NULL DEFAULT '',
	created INTEGER NOT NULL,        -- microseconds since 1970
	changed INTEGER NOT NULL,
	deleted INTEGER
) STRICT;
INSERT INTO project (id, name, created, changed)
	SELECT 0, '` + DefaultProject + `', unixepoch() * 1000000, unixepoch() * 1000000
	WHERE NOT EXISTS (SELECT 1 FROM project);
CREATE TRIGGER IF NOT EXISTS run_makes_project AFTER INSERT ON run
	WHEN NOT EXISTS (SELECT 1 FROM project WHERE name = new.project)
BEGIN
	INSERT INTO project (name, created, changed) VALUES (new.project, new.created, new.created);
END;
CREATE TRIGGER IF NOT EXISTS run_moves_to_project AFTER UPDATE OF project ON run
	WHEN NOT EXISTS (SELECT 1 FROM project WHERE name = new.project)
BEGIN
	INSERT INTO project (name, created, changed) VALUES (new.project, unixepoch() * 1000000, unixepoch() * 1000000);
END;
INSERT INTO project (name, created, changed)
	SELECT project, min(created), min(created) FROM run
	WHERE project NOT IN (SELECT name FROM project) GROUP BY project;

CREATE TABLE IF NOT EXISTS project_note (
	project INTEGER NOT NULL REFERENCES project (id) ON DELETE CASCADE,
	kind    TEXT NOT NULL,
	key     TEXT NOT NULL,
	value   TEXT NOT NULL,           -- JSON
	PRIMARY KEY (project, kind, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS project_note_key ON project_note (kind, key);
`

// CreateProject makes a project; ErrProjectExists says that it is there, perhaps
// deleted.
func (s *Store) CreateProject(ctx context.Context, p Project) (*Project, error) {
	if err := checkName("project", p.Name); err != nil {
		return nil, err
	}
	err := s.change(ctx, 0, func(tx *sql.Tx) error {
		now := time.Now().UnixMicro()
		done, err := tx.Exec("INSERT INTO project (name, home, created, changed) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", p.Name, p.Home, now, now)
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, fmt.Errorf("%w: %q", ErrProjectExists, p.Name))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return s.ProjectNamed(ctx, p.Name)
}

const projectColumns = "id, name, home, created, changed, deleted"

func scanProject(scan func(...any) error) (*Project, error) {
	p := &Project{}
	var created, changed int64
	var deleted sql.NullInt64
	if err := scan(&p.ID, &p.Name, &p.Home, &created, &changed, &deleted); err != nil {
		return nil, err
	}
	p.Created, p.Changed, p.Deleted = time.UnixMicro(created), time.UnixMicro(changed), timeOf(deleted)
	return p, nil
}

// Project finds a project by its ID.
func (s *Store) Project(ctx context.Context, id int64) (*Project, error) {
	return s.findProject(ctx, "id", id)
}

// ProjectNamed finds a project by its name.
func (s *Store) ProjectNamed(ctx context.Context, name string) (*Project, error) {
	return s.findProject(ctx, "name", name)
}

func (s *Store) findProject(ctx context.Context, column string, value any) (*Project, error) {
	p, err := scanProject(s.row(ctx, "SELECT "+projectColumns+" FROM project WHERE "+column+" = ?", value))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("%w: %v", ErrNoProject, value)
	}
	return p, err
}

// Projects lists all projects, the latest first, those that are deleted too.
func (s *Store) Projects(ctx context.Context) ([]*Project, error) {
	rows, err := s.query(ctx, "SELECT "+projectColumns+" FROM project ORDER BY created DESC, id DESC")
	return collect(rows, err, scanProject)
}

// RenameProject gives a project another name, and its runs with it.
func (s *Store) RenameProject(ctx context.Context, p *Project, name string) error {
	if err := checkName("project", name); err != nil {
		return err
	}
	return s.submit(ctx, &entry{change: func(tx *transaction) error {
		var taken bool
		if err := tx.QueryRow("SELECT EXISTS (SELECT 1 FROM project WHERE name = ? AND id <> ?)", name, p.ID).Scan(&taken); err != nil {
			return err
		}
		if taken {
			return fmt.Errorf("%w: %q", ErrProjectExists, name)
		}
		var before string
		if err := tx.QueryRow("SELECT name FROM project WHERE id = ?", p.ID).Scan(&before); err != nil {
			return err
		}
		if _, err := tx.Exec("UPDATE project SET name = ?, changed = ? WHERE id = ?", name, time.Now().UnixMicro(), p.ID); err != nil {
			return err
		}
		return tx.changeRuns("UPDATE run SET project = ? WHERE project = ? RETURNING id", name, before)
	}})
}

// DeleteProject marks a project and its runs as deleted, and RestoreProject
// takes that back. Nothing is lost.
func (s *Store) DeleteProject(ctx context.Context, p *Project) error {
	return s.markProject(ctx, p, time.Now().UnixMicro())
}

// RestoreProject takes back what DeleteProject did.
func (s *Store) RestoreProject(ctx context.Context, p *Project) error {
	return s.markProject(ctx, p, nil)
}

func (s *Store) markProject(ctx context.Context, p *Project, deleted any) error {
	return s.submit(ctx, &entry{change: func(tx *transaction) error {
		if err := tx.changeRuns("UPDATE run SET deleted = ? WHERE project = (SELECT name FROM project WHERE id = ?) RETURNING id", deleted, p.ID); err != nil {
			return err
		}
		_, err := tx.Exec("UPDATE project SET deleted = ?, changed = ? WHERE id = ?", deleted, time.Now().UnixMicro(), p.ID)
		return err
	}})
}

// changeRuns changes runs, whose rows the statement returns.
func (t *transaction) changeRuns(statement string, args ...any) error {
	rows, err := t.Query(statement, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var row int64
		if err := rows.Scan(&row); err != nil {
			return err
		}
		t.runs[row] = true
	}
	return rows.Err()
}

// timeOf is zero where the file has none.
func timeOf(micros sql.NullInt64) time.Time {
	if !micros.Valid {
		return time.Time{}
	}
	return time.UnixMicro(micros.Int64)
}
