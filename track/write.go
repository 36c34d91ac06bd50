package track

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Bounds of what is written together and held.
const (
	maxWaiting  = 64              // entries that wait; who logs more waits, too
	groupPoints = 1 << 18         // points of one transaction
	flushPoints = 4 << 20         // points in the journal before a flush
	flushEvery  = 5 * time.Second // at the latest
	idleFlushes = 12              // after which the end of a metric leaves memory
	maxHeld     = 8 << 20         // points in memory before all ends leave it
)

// An entry is one change, made by the writer: whole, or not at all.
type entry struct {
	change func(*transaction) error
	points int  // that it brings, about
	alone  bool // in a transaction of its own
	done   chan error
}

// ErrClosed says that the store was closed, before what was logged could be kept
// or what was asked for could be read.
var ErrClosed = errors.New("the store is closed")

// submit hands an entry to the writer and waits until it is on disk.
func (s *Store) submit(ctx context.Context, e *entry) error {
	e.done = make(chan error, 1)
	select {
	case s.waiting <- e:
	case <-ctx.Done():
		return ctx.Err()
	case <-s.stopped:
		return errors.Join(ErrClosed, s.failed)
	}
	select {
	case err := <-e.done:
		return err
	case <-s.stopped:
		select { // it may have been the last that was written
		case err := <-e.done:
			return err
		default:
			return errors.Join(ErrClosed, s.failed)
		}
	}
}

// change makes a change of a run that brings no points.
func (s *Store) change(ctx context.Context, run int64, change func(*sql.Tx) error) error {
	return s.submit(ctx, &entry{change: func(t *transaction) error {
		t.runs[run] = true
		return change(t.Tx)
	}})
}

// A writer is what only the goroutine knows that writes.
type writer struct {
	*Store
	rows      map[metricKey]int64 // of metrics met so far
	rowBytes  int                 // of their names
	dirty     map[int64]*metric   // whose last points are in the journal only
	idle      map[int64]int       // flushes since a metric in memory was written
	held      int64               // points in memory
	journaled int                 // points in the journal
	named     bool                // whether batches had IDs since the last flush
	next      *entry              // taken from those that wait, but not yet written
	statements
}

// statements are what is done most often, prepared.
type statements struct {
	put    *sql.Stmt // a part into the file
	get    *sql.Stmt // a part of the file
	log    *sql.Stmt // a page into the journal
	points *sql.Stmt // how many points of a metric are in parts
	grow   *sql.Stmt // tells so
	settle *sql.Stmt // tells that all are
	create *sql.Stmt // makes the row of a metric, if there is none
	find   *sql.Stmt // the row of a metric
}

type metricKey struct {
	run  int64
	name string
}

func newWriter(s *Store) (*writer, error) {
	w := &writer{Store: s, rows: map[metricKey]int64{}, dirty: map[int64]*metric{}, idle: map[int64]int{}}
	st := &w.statements
	for stmt, text := range map[**sql.Stmt]string{
		&st.put:    "INSERT INTO part (key, body) VALUES (?, ?) ON CONFLICT DO UPDATE SET body = excluded.body",
		&st.get:    getPart,
		&st.log:    "INSERT INTO journal (points) VALUES (?)",
		&st.points: "SELECT points FROM metric WHERE id = ?",
		&st.grow:   "UPDATE metric SET points = ? WHERE id = ?",
		&st.settle: "UPDATE metric SET points = ?, total = ? WHERE id = ?",
		&st.create: "INSERT INTO metric (run, name) VALUES (?, ?) ON CONFLICT DO NOTHING",
		&st.find:   "SELECT id FROM metric WHERE run = ? AND name = ?",
	} {
		var err error
		if *stmt, err = s.writes.Prepare(text); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// within are the statements as a transaction runs them.
func (st statements) within(tx *sql.Tx) statements {
	return statements{tx.Stmt(st.put), tx.Stmt(st.get), tx.Stmt(st.log), tx.Stmt(st.points), tx.Stmt(st.grow), tx.Stmt(st.settle), tx.Stmt(st.create), tx.Stmt(st.find)}
}

// run writes until ctx ends.
func (w *writer) run(ctx context.Context) {
	defer close(w.stopped)
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	for {
		if w.next != nil {
			w.group(w.next)
		}
		select {
		case e := <-w.waiting:
			w.group(e)
		case <-tick.C:
			w.flushNow()
		case <-ctx.Done():
			w.failed = w.flush()
			return
		}
		if w.journaled >= flushPoints || w.held >= maxHeld {
			w.flushNow()
		}
	}
}

// group writes an entry with all that waits in one transaction, and tells those
// who wait.
func (w *writer) group(first *entry) {
	w.next = nil
	entries := []*entry{first}
	for points := first.points; points < groupPoints && !first.alone && w.next == nil; {
		select {
		case e := <-w.waiting:
			if e.alone {
				w.next = e
				break
			}
			entries = append(entries, e)
			points += e.points
			continue
		default:
		}
		break
	}
	err := w.commit(entries...)
	if err != nil && len(entries) > 1 { // one of them is at fault, or all
		for _, e := range entries {
			e.done <- w.commit(e)
		}
		return
	}
	for _, e := range entries {
		e.done <- err
	}
}

// commit makes the changes of entries, all or none. Where the disk is full, what
// SQLite keeps to write ahead may be given back.
func (w *writer) commit(entries ...*entry) error {
	err := w.attempt(entries)
	if errors.Is(err, ErrFull) && w.makeRoom() {
		err = w.attempt(entries)
	}
	return err
}

func (w *writer) attempt(entries []*entry) error {
	t, err := w.begin()
	if err != nil {
		return explain(err)
	}
	defer t.end()
	for _, e := range entries {
		if err := e.change(t); err != nil {
			return explain(err)
		}
	}
	return explain(t.commit())
}

// makeRoom writes what is in the write-ahead log into the file, and empties it.
func (w *writer) makeRoom() bool {
	var busy, logged, written int
	err := w.writes.QueryRow("PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &logged, &written)
	return err == nil && busy == 0
}

// ErrFull says that there is no room on the disk, or that it cannot be written.
// Nothing that was acknowledged is lost, and the store goes on when there is room
// again.
var ErrFull = errors.New("the disk is full or cannot be written")

// explain tells what SQLite does not.
func explain(err error) error {
	var of *sqlite.Error
	if !errors.As(err, &of) || errors.Is(err, ErrFull) {
		return err
	}
	switch code := of.Code(); {
	case code == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
		return fmt.Errorf("%w any more: it was taken out", ErrNoRun)
	case code&0xff == sqlite3.SQLITE_FULL || code&0xff == sqlite3.SQLITE_IOERR:
		return fmt.Errorf("%w: %w", ErrFull, err)
	}
	return err
}
