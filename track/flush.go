package track

import (
	"fmt"
	"time"

	"github.com/tomo-viz/tomo/track/series"
)

// flushNow flushes; what cannot be written stays in memory and in the journal,
// and is tried again.
func (w *writer) flushNow() {
	if err := w.flush(); err != nil {
		w.journaled = 0 // wait for the next time, however much there is
	}
}

// flush brings the parts of all metrics up to date and empties the journal.
func (w *writer) flush() error {
	if len(w.dirty) == 0 && !w.named {
		w.flushed(nil)
		return nil
	}
	err := w.commit(&entry{change: func(t *transaction) error { t.flush = true; return nil }})
	if err != nil {
		err = fmt.Errorf("the metrics in memory could not be written: %w", err)
	}
	return err
}

// flushAll writes the parts that are not full of all metrics whose last points
// are in the journal only.
func (t *transaction) flushAll() ([]*metric, error) {
	var dirty []*metric
	for row, m := range t.w.dirty {
		if t.ends[row] == nil && m.run != t.purged {
			dirty = append(dirty, m)
		}
	}
	for _, m := range t.ends {
		dirty = append(dirty, m)
	}
	jobs := make([]*job, len(dirty))
	for i, m := range dirty {
		jobs[i] = &job{metric: m, parts: m.end.Rest()}
	}
	encode(jobs)
	for _, j := range jobs {
		if err := t.write(j); err != nil {
			return nil, err
		}
		end := j.metric.end
		if _, err := t.do.settle.Exec(end.Len(), series.EncodeTally(end.Tally()), j.metric.row); err != nil {
			return nil, err
		}
	}
	if _, err := t.Exec("DELETE FROM journal"); err != nil {
		return nil, err
	}
	return dirty, t.forgetBatches(time.Now())
}

// flushed tells the writer what need not stay in memory.
func (w *writer) flushed(clean []*metric) {
	for _, m := range clean {
		delete(w.dirty, m.row)
	}
	w.journaled, w.named = 0, false
	all := w.held >= maxHeld
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, metrics := range w.ends {
		for row, m := range metrics {
			if w.idle[row]++; all || w.idle[row] > idleFlushes {
				w.drop(m)
			}
		}
	}
	if w.rowBytes > maxRowBytes {
		w.rows, w.rowBytes = map[metricKey]int64{}, 0
	}
}

// maxRowBytes bounds the names of metrics that are kept in memory.
const maxRowBytes = 16 << 20

// drop takes a metric out of memory; w.mu is held.
func (w *writer) drop(m *metric) {
	w.held -= m.held()
	delete(w.idle, m.row)
	delete(w.ends[m.run], m.row)
	if len(w.ends[m.run]) == 0 {
		delete(w.ends, m.run)
	}
}

// forget takes what is in memory of a run out of it; w.mu is held.
func (w *writer) forget(run int64) {
	for _, m := range w.ends[run] {
		delete(w.dirty, m.row)
		w.drop(m)
	}
	for key := range w.rows {
		if key.run == run {
			delete(w.rows, key)
		}
	}
}
