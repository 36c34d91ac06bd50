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

	_ "modernc.org/sqlite" // the driver
)

// A Store is an open file of runs. It is safe for concurrent use; one process at
// a time may open a file.
type Store struct {
	db   *sql.DB
	lock *sql.DB // holds what keeps other processes out

	mu      sync.RWMutex
	metrics map[int64]*metric // whose ends are in memory, by their rows
	waiting chan *entry
	stop    context.CancelFunc
	stopped chan struct{}
	failed  error // what ended the writer
}

// ErrInUse says that another process has the file open.
var ErrInUse = errors.New("the file is open in another program")

// Open opens the file of runs at a path, and makes it if there is none. What a
// crash left in the journal is there again.
func Open(ctx context.Context, path string) (*Store, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	s := &Store{metrics: map[int64]*metric{}, waiting: make(chan *entry, maxWaiting), stopped: make(chan struct{})}
	var err error
	if s.lock, err = takeLock(ctx, path+".lock"); err != nil {
		return nil, err
	}
	if s.db, err = openDatabase(ctx, path); err == nil {
		err = s.replay(ctx)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), s.closeFiles())
	}
	var running context.Context
	running, s.stop = context.WithCancel(context.WithoutCancel(ctx))
	go s.write(running)
	return s, nil
}

// Close writes what is in memory and closes the file. What is logged meanwhile
// is refused.
func (s *Store) Close() error {
	s.stop()
	<-s.stopped
	return errors.Join(s.failed, s.closeFiles())
}

func (s *Store) closeFiles() error {
	var errs []error
	for _, db := range []*sql.DB{s.db, s.lock} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

func openDatabase(ctx context.Context, path string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", address(path, "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(ON)", "busy_timeout(10000)"))
	if err != nil {
		return nil, err
	}
	var found int
	if err := db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&found); err != nil {
		return db, err
	}
	if found > version {
		return db, fmt.Errorf("it was written by a later version of Tomo (format %d; this one knows %d)", found, version)
	}
	_, err = db.ExecContext(ctx, schema+projectSchema+fmt.Sprintf("PRAGMA user_version = %d;", version))
	return db, err
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
		return nil, errors.Join(fmt.Errorf("%s: %w", path, ErrInUse), db.Close())
	}
	return db, nil
}

func address(path string, pragmas ...string) string {
	q := url.Values{"_pragma": pragmas, "_txlock": {"immediate"}}
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: q.Encode()}).String()
}
