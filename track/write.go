package track

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/tomo-viz/tomo/track/series"
)

// Bounds of what is written together.
const (
	maxWaiting  = 64              // entries that wait; who logs more waits, too
	groupPoints = 1 << 18         // points of one transaction
	flushPoints = 1 << 20         // points in the journal before a flush
	flushEvery  = 5 * time.Second // at the latest
	idleFlushes = 12              // after which the end of a metric leaves memory
)

// An entry is what one call of Log brings.
type entry struct {
	batch *Batch
	run   int64
	done  chan error
}

// ErrClosed says that the store was closed before what was logged could be kept.
var ErrClosed = errors.New("the store is closed")

// submit hands an entry to the writer and waits until it is on disk.
func (s *Store) submit(ctx context.Context, e *entry) error {
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

// write is the one goroutine that changes the file's metrics, until ctx ends.
func (s *Store) write(ctx context.Context) {
	defer close(s.stopped)
	w := &writer{Store: s, rows: map[metricKey]int64{}, idle: map[int64]int{}}
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	for {
		select {
		case e := <-s.waiting:
			w.group(e)
		case <-tick.C:
			w.flushNow()
		case <-ctx.Done():
			s.failed = w.flush()
			return
		}
		if w.journaled >= flushPoints {
			w.flushNow()
		}
	}
}

// A writer is what only the writing goroutine knows.
type writer struct {
	*Store
	rows      map[metricKey]int64 // of metrics met so far
	journaled int                 // points in the journal
	idle      map[int64]int       // flushes since a metric in memory was written
}

type metricKey struct {
	run  int64
	name string
}

// group writes an entry with all that waits into the journal, in one
// transaction, and tells those who wait. Only then do the points enter memory.
func (w *writer) group(first *entry) {
	entries := []*entry{first}
	for points := first.batch.points(); points < groupPoints; {
		select {
		case e := <-w.waiting:
			entries = append(entries, e)
			points += e.batch.points()
			continue
		default:
		}
		break
	}
	added, err := w.journal(entries)
	if err == nil {
		err = w.enter(added)
	} else if len(entries) > 1 { // one of them is at fault, or all
		for _, e := range entries {
			w.group1(e)
		}
		return
	}
	for _, e := range entries {
		e.done <- err
	}
}

func (w *writer) group1(e *entry) {
	added, err := w.journal([]*entry{e})
	if err == nil {
		err = w.enter(added)
	}
	e.done <- err
}

// added is the points of one metric, in the order in which they came.
type added struct {
	metric int64
	points []series.Point
}

func (w *writer) journal(entries []*entry) (list []added, err error) {
	tx, err := w.db.Begin()
	if err != nil {
		return nil, err
	}
	met := map[metricKey]int64{}
	defer func() {
		if err != nil {
			_ = tx.Rollback()
			return
		}
		for key, row := range met {
			w.rows[key] = row
		}
	}()
	at := map[int64]int{}
	for _, e := range entries {
		if err := e.batch.writeRest(tx, e.run); err != nil {
			return nil, err
		}
		for _, m := range e.batch.Metrics {
			row, err := w.rowOf(tx, metricKey{e.run, m.Name}, met)
			if err != nil {
				return nil, err
			}
			i, ok := at[row]
			if !ok {
				i = len(list)
				at[row] = i
				list = append(list, added{metric: row})
			}
			list[i].points = append(list[i].points, m.Points...)
		}
	}
	if err := writeJournal(tx, list); err != nil {
		return nil, err
	}
	// What cannot come into memory is refused while it still can be.
	for _, a := range list {
		if _, err := w.inMemory(a.metric); err != nil && !errors.Is(err, sql.ErrNoRows) { // a metric that begins here
			return nil, err
		}
	}
	return list, tx.Commit()
}

// rowOf finds a metric's row, or makes it.
func (w *writer) rowOf(tx *sql.Tx, key metricKey, met map[metricKey]int64) (int64, error) {
	if row, ok := w.rows[key]; ok {
		return row, nil
	}
	if row, ok := met[key]; ok {
		return row, nil
	}
	var row int64
	err := tx.QueryRow("INSERT INTO metric (run, name) VALUES (?, ?) ON CONFLICT DO UPDATE SET name = name RETURNING id", key.run, key.name).Scan(&row)
	met[key] = row
	return row, err
}

// writeJournal writes points as they will be appended.
func writeJournal(tx *sql.Tx, list []added) error {
	insert, err := tx.Prepare("INSERT INTO journal (metric, points) VALUES (?, ?)")
	if err != nil {
		return err
	}
	defer insert.Close()
	for _, a := range list {
		for from := 0; from < len(a.points); from += series.ChunkPoints {
			to := min(from+series.ChunkPoints, len(a.points))
			if _, err := insert.Exec(a.metric, series.EncodePoints(a.points[from:to])); err != nil {
				return err
			}
		}
	}
	return nil
}

// enter appends points that are on disk to the ends in memory.
func (w *writer) enter(list []added) error {
	for _, a := range list {
		m, err := w.inMemory(a.metric)
		if err != nil {
			return err
		}
		w.mu.Lock()
		m.full = append(m.full, m.end.Append(a.points...)...)
		m.dirty = true
		w.mu.Unlock()
		w.journaled += len(a.points)
		w.idle[a.metric] = 0
	}
	return nil
}

// inMemory brings the end of a metric into memory.
func (w *writer) inMemory(row int64) (*metric, error) {
	if m := w.metrics[row]; m != nil {
		return m, nil
	}
	var n int64
	if err := w.db.QueryRow("SELECT points FROM metric WHERE id = ?", row).Scan(&n); err != nil {
		return nil, err
	}
	end, err := series.Resume(n, reader{context.Background(), w.db, row})
	if err != nil {
		return nil, err
	}
	m := &metric{row: row, end: end}
	w.mu.Lock()
	w.metrics[row] = m
	w.mu.Unlock()
	return m, nil
}

// flushNow flushes; what cannot be written stays in memory and in the journal,
// and is tried again.
func (w *writer) flushNow() {
	if err := w.flush(); err != nil {
		w.journaled = 0 // wait for the next time, however much there is
	}
}

// flush brings the parts of all metrics up to date and empties the journal.
func (w *writer) flush() error {
	var dirty []*metric
	for _, m := range w.metrics {
		if m.dirty {
			dirty = append(dirty, m)
		}
	}
	if len(dirty) > 0 {
		if err := w.writeParts(dirty); err != nil {
			return fmt.Errorf("the metrics in memory could not be written: %w", err)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, m := range dirty {
		m.full, m.dirty = nil, false
	}
	w.journaled = 0
	for row := range w.metrics {
		if w.idle[row]++; w.idle[row] > idleFlushes {
			delete(w.metrics, row)
			delete(w.idle, row)
		}
	}
	return nil
}

func (w *writer) writeParts(dirty []*metric) (err error) {
	tx, err := w.db.Begin()
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = tx.Rollback()
		}
	}()
	put, err := tx.Prepare("INSERT INTO part (metric, level, idx, body) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body")
	if err != nil {
		return err
	}
	defer put.Close()
	for _, m := range dirty {
		for _, p := range append(m.full[:len(m.full):len(m.full)], m.end.Rest()...) {
			body := series.EncodePoints(p.Points)
			if p.Level != series.Chunk {
				body = series.EncodeNodes(p.Nodes)
			}
			if _, err := put.Exec(m.row, p.Level, p.Index, body); err != nil {
				return err
			}
		}
		if _, err := tx.Exec("UPDATE metric SET points = ? WHERE id = ?", m.end.Len(), m.row); err != nil {
			return err
		}
	}
	if _, err := tx.Exec("DELETE FROM journal"); err != nil {
		return err
	}
	return tx.Commit()
}

// replay brings what a crash left in the journal into the parts.
func (s *Store) replay(ctx context.Context) error {
	rows, err := s.db.QueryContext(ctx, "SELECT metric, points FROM journal ORDER BY rowid")
	if err != nil {
		return err
	}
	var list []added
	for rows.Next() {
		var a added
		var body []byte
		if err := errors.Join(rows.Scan(&a.metric, &body)); err != nil {
			return errors.Join(err, rows.Close())
		}
		if a.points, err = series.DecodePoints(body); err != nil {
			return errors.Join(err, rows.Close())
		}
		list = append(list, a)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil || len(list) == 0 {
		return err
	}
	w := &writer{Store: s, idle: map[int64]int{}}
	if err := w.enter(list); err != nil {
		return err
	}
	return w.flush()
}
