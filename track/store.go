package track

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// A Store is an open file of runs. It is safe for concurrent use; one process at
// a time may open a file.
type Store struct {
	db     *sql.DB   // for reading
	get    *sql.Stmt // getPart of it
	find   *sql.Stmt // findRun
	writes *sql.DB   // the one connection of the writer
	lock   *sql.DB   // holds what keeps other processes out

	path   string
	claims []*claim // of the file, and of its lock

	mu      sync.RWMutex
	ends    map[int64]map[int64]*metric // in memory, by the rows of their runs and their own
	changes changes

	// steady is held by who reads a metric, and wholly by who cuts one.
	steady sync.RWMutex

	waiting chan *entry
	stop    context.CancelFunc
	stopped chan struct{}
	failed  error // what ended the writer
}

// Path is where the file is.
func (s *Store) Path() string { return s.path }

// ErrInUse says that another process has the file open.
var ErrInUse = errors.New("the file is open in another program")

// Open opens the file of runs at a path, and makes it if there is none. What a
// crash left in the journal is there again.
func Open(ctx context.Context, path string) (*Store, error) {
	return openWith(ctx, path, "synchronous(FULL)", "wal_autocheckpoint(1024)")
}

// OpenIndex is Open for a file whose contents can be imported again: a crash of
// the machine, not of the program, may take back the last imports, each with
// what it says of its source.
func OpenIndex(ctx context.Context, path string) (*Store, error) {
	return openWith(ctx, path, "synchronous(NORMAL)", "wal_autocheckpoint(4096)")
}

func openWith(ctx context.Context, path string, pragmas ...string) (*Store, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	if err := checkOurs(path); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	s := &Store{path: path, ends: map[int64]map[int64]*metric{}, waiting: make(chan *entry, maxWaiting), stopped: make(chan struct{})}
	s.changes.init()
	err := s.claim(path + ".lock")
	if err == nil {
		s.lock, err = takeLock(ctx, path+".lock")
	}
	if err != nil {
		return nil, errors.Join(err, s.closeFiles())
	}
	var w *writer
	if err = s.openFiles(ctx, path, pragmas); err == nil {
		if w, err = newWriter(s); err == nil {
			err = w.replay(ctx)
		}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, explain(err)), s.closeFiles())
	}
	var running context.Context
	running, s.stop = context.WithCancel(context.WithoutCancel(ctx))
	go w.run(running)
	return s, nil
}

// Close writes what is in memory and closes the file. What is logged meanwhile
// is refused, and nothing can be read any more: both say ErrClosed.
func (s *Store) Close() error {
	s.stop()
	<-s.stopped
	s.mu.Lock()
	clear(s.ends) // or short metrics would still be read
	s.mu.Unlock()
	return errors.Join(s.failed, s.closeFiles())
}

func (s *Store) closeFiles() error {
	var errs []error
	for _, db := range []*sql.DB{s.db, s.writes, s.lock} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	for _, c := range s.claims {
		c.release()
	}
	return errors.Join(errs...)
}

func (s *Store) claim(path string) error {
	c, err := newClaim(path)
	if err == nil {
		s.claims = append(s.claims, c)
	}
	return err
}

// maxReaders bounds how many questions are answered at a time.
const maxReaders = 16

func (s *Store) openFiles(ctx context.Context, path string, pragmas []string) error {
	err := s.claim(path)
	if err != nil {
		return err
	}
	pragmas = append(pragmas, "page_size(8192)", "journal_mode(WAL)", "journal_size_limit(16777216)", "foreign_keys(ON)", "busy_timeout(10000)")
	if s.writes, err = sql.Open("sqlite", address(path, pragmas...)); err != nil {
		return err
	}
	s.writes.SetMaxOpenConns(1)
	var found int
	if err := s.writes.QueryRowContext(ctx, "PRAGMA user_version").Scan(&found); err != nil {
		return err
	}
	switch {
	case found > version:
		return fmt.Errorf("it was written by a later version of Tomo (format %d; this one knows %d)", found, version)
	case found != 0 && found < version:
		return fmt.Errorf("it was written by a version of Tomo from before its first release (format %d; this one knows %d)", found, version)
	}
	if err := s.makeTables(ctx); err != nil {
		return err
	}
	if s.db, err = sql.Open("sqlite", address(path, append(pragmas, "query_only(ON)")...)); err != nil {
		return err
	}
	s.db.SetMaxOpenConns(maxReaders)
	s.db.SetMaxIdleConns(maxReaders)
	if s.get, err = s.db.PrepareContext(ctx, getPart); err != nil {
		return err
	}
	s.find, err = s.db.PrepareContext(ctx, findRun)
	return err
}

// makeTables makes all tables that are not there, or none.
func (s *Store) makeTables(ctx context.Context) error {
	tx, err := s.writes.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, schema+projectSchema+fmt.Sprintf("PRAGMA user_version = %d;", version)); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// takeLock keeps other processes out until the returned database is closed, or
// the process ends in whatever way.
func takeLock(ctx context.Context, path string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", address(path, "journal_mode(MEMORY)", "busy_timeout(0)"))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(ctx, "BEGIN EXCLUSIVE"); err != nil {
		var known *sqlite.Error
		if errors.As(err, &known) && known.Code() == sqlite3.SQLITE_BUSY {
			err = ErrInUse
		}
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), db.Close())
	}
	return db, nil
}

func address(path string, pragmas ...string) string {
	q := url.Values{"_pragma": pragmas, "_txlock": {"immediate"}}
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: q.Encode()}).String()
}
