package track

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/tomo-viz/tomo/track/series"
)

// A transaction is what the writer changes at a time, in the file and in memory.
type transaction struct {
	*sql.Tx
	do    statements
	w     *writer
	met   map[metricKey]int64 // rows made or found
	fresh map[int64]bool      // those that were made, which have no points in the file
	added []added             // points not yet appended
	at    map[int64]int       // where those of a metric are among them
	ends  map[int64]*metric   // as they will be
	runs  map[int64]bool      // that change
	flush bool                // whether all of them are brought up to date in the file
	// cut says that points were taken away: readers are kept out until it is done.
	cut       bool
	purged    int64       // the run that is taken out, 0 for none
	page      journalPage // of points not yet written
	journaled int
}

// added is the points of one metric, in the order in which they came.
type added struct {
	run, metric int64
	points      []series.Point
}

func (w *writer) begin() (*transaction, error) {
	tx, err := w.writes.Begin()
	if err != nil {
		return nil, err
	}
	return &transaction{
		Tx: tx, do: w.within(tx), w: w, met: map[metricKey]int64{}, fresh: map[int64]bool{}, at: map[int64]int{},
		ends: map[int64]*metric{}, runs: map[int64]bool{},
	}, nil
}

// end takes back what was not committed.
func (t *transaction) end() {
	_ = t.Rollback()
	if t.cut {
		t.w.steady.Unlock()
	}
}

// add puts points behind a metric.
func (t *transaction) add(run int64, m Metric) error {
	row, err := t.rowOf(metricKey{run, m.Name})
	if err != nil || len(m.Points) == 0 {
		return err
	}
	i, ok := t.at[row]
	if !ok {
		i = len(t.added)
		t.at[row] = i
		t.added = append(t.added, added{run: run, metric: row})
	}
	a := &t.added[i]
	if a.points == nil {
		a.points = m.Points[:len(m.Points):len(m.Points)]
	} else {
		a.points = append(a.points, m.Points...)
	}
	return nil
}

// rowOf finds a metric's row, or makes it.
func (t *transaction) rowOf(key metricKey) (int64, error) {
	if row, ok := t.w.rows[key]; ok {
		return row, nil
	}
	if row, ok := t.met[key]; ok {
		return row, nil
	}
	row, err := t.create(key)
	if err == nil && row >= maxMetric {
		err = fmt.Errorf("%w: the file has %d metrics and cannot hold more", ErrRefused, row)
	}
	t.met[key] = row
	return row, err
}

// create makes a metric's row, or finds the one that is there.
func (t *transaction) create(key metricKey) (row int64, err error) {
	result, err := t.do.create.Exec(key.run, key.name)
	if err != nil {
		return 0, err
	}
	made, err := result.RowsAffected()
	switch {
	case err != nil:
		return 0, err
	case made == 0:
		err = t.do.find.QueryRow(key.run, key.name).Scan(&row)
	default:
		row, err = result.LastInsertId()
		t.fresh[row] = true
	}
	return row, err
}

// metric returns a metric as it is in this transaction.
func (t *transaction) metric(run, row int64) (*metric, error) {
	if m := t.ends[row]; m != nil {
		return m, nil
	}
	if m := t.w.ends[run][row]; m != nil {
		return m, nil
	}
	var n int64
	if !t.fresh[row] {
		if err := t.do.points.QueryRow(row).Scan(&n); err != nil {
			return nil, err
		}
	}
	end, err := series.Resume(n, t.reader(row))
	if err != nil {
		return nil, err
	}
	return &metric{run, row, end}, nil
}

func (t *transaction) reader(row int64) reader {
	return reader{context.Background(), t.w.Store, t.do.get, row}
}

// A job is what is written of one metric.
type job struct {
	metric *metric
	parts  []series.Part  // that are full, and others that are to be in the file
	loose  []series.Point // for the journal
	full   bool           // whether there is a chunk among the parts
	bodies [][]byte       // of the parts
	log    []byte         // of the loose points
}

// append brings the points added so far into the ends of their metrics. Parts
// that become complete are written; the points behind them go into the journal.
func (t *transaction) append() error {
	jobs := make([]*job, 0, len(t.added))
	for _, a := range t.added {
		m, err := t.metric(a.run, a.metric)
		if err != nil {
			return err
		}
		next := &metric{m.run, m.row, m.end.Clone()}
		j := &job{metric: next, parts: next.end.Append(a.points...)}
		loose := min(int64(len(a.points)), next.end.Len()%series.ChunkPoints)
		j.loose = a.points[int64(len(a.points))-loose:]
		if len(j.parts) > 0 {
			j.full = true
			j.parts = append(j.parts, next.end.RestOfLevels()...)
		}
		t.ends[m.row] = next
		t.runs[m.run] = true
		jobs = append(jobs, j)
	}
	t.added, t.at = nil, map[int64]int{}
	encode(jobs)
	for _, j := range jobs {
		if err := t.write(j); err != nil {
			return err
		}
	}
	return nil
}

// write writes what a job has encoded. The metric then has in the file what
// comes before the chunk that fills, and in the journal what is in that.
func (t *transaction) write(j *job) error {
	m := j.metric
	for i, p := range j.parts {
		if _, err := t.do.put.Exec(partKey(m.row, p.Level, p.Index), j.bodies[i]); err != nil {
			return err
		}
	}
	if len(j.loose) > 0 {
		if err := t.page.add(t, m.row, m.end.Len()-int64(len(j.loose)), j.log); err != nil {
			return err
		}
		t.journaled += len(j.loose)
	}
	if !j.full {
		return nil
	}
	_, err := t.do.grow.Exec(m.end.Len()-m.end.Len()%series.ChunkPoints, m.row)
	return err
}

// commit writes what is left and makes it seen.
func (t *transaction) commit() error {
	if err := t.append(); err != nil {
		return err
	}
	var flushed []*metric
	var err error
	if t.flush {
		flushed, err = t.flushAll()
	} else {
		err = t.page.write(t)
	}
	if err != nil {
		return err
	}
	if err := t.Commit(); err != nil {
		return err
	}
	t.publish(flushed)
	return nil
}

// publish brings what is in the file into memory.
func (t *transaction) publish(flushed []*metric) {
	w := t.w
	w.journaled += t.journaled
	for key, row := range t.met {
		w.rows[key] = row
		w.rowBytes += len(key.name)
	}
	w.mu.Lock()
	if t.purged != 0 {
		w.forget(t.purged)
	}
	for row, m := range t.ends {
		if old := w.Store.ends[m.run][row]; old != nil {
			w.held -= old.held()
		}
		w.held += m.held()
		if w.Store.ends[m.run] == nil {
			w.Store.ends[m.run] = map[int64]*metric{}
		}
		w.Store.ends[m.run][row] = m
		w.dirty[row], w.idle[row] = m, 0
	}
	w.mu.Unlock()
	if t.flush {
		w.flushed(flushed)
	}
	w.changes.tell(t.runs)
}
