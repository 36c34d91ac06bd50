package track

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tomo-viz/tomo/track/series"
)

// A Batch is what is logged of a run at a time: all of it is kept, or nothing.
type Batch struct {
	// ID, if it is not empty, is unique among the run's batches: a batch that is
	// logged again under the ID of one that was kept in the last hour is not kept
	// twice, and Log returns nil. So whoever gets no answer can try again.
	ID      string
	Metrics []Metric
	Config  map[string]any // replaces values of the same names
	Tags    map[string]string
	Records []Record

	config, tags map[string]string // as they are kept
}

// A Metric is points at the end of one metric. A point whose time is 0 has that
// of its arrival.
type Metric struct {
	Name   string
	Points []series.Point
}

// Bounds of what a store takes.
const (
	MaxName   = 4 << 10  // bytes of a name, and of a title
	MaxNote   = 1 << 20  // bytes of a note as JSON: a setting, a tag
	MaxBody   = 32 << 20 // bytes of a record
	MaxPoints = 1 << 22  // points of a batch
)

// ErrRefused is wrapped by what Log says of a batch that cannot be kept as it
// is.
var ErrRefused = errors.New("refused")

func (b *Batch) points() int {
	n := 0
	for _, m := range b.Metrics {
		n += len(m.Points)
	}
	return n
}

// check refuses what the file cannot hold, and sets the times that are missing.
func (b *Batch) check(now time.Time) error {
	if n := b.points(); n > MaxPoints {
		return fmt.Errorf("%w: a batch of %d points; at most %d are taken at a time", ErrRefused, n, MaxPoints)
	}
	if b.ID != "" {
		if err := checkName("batch", b.ID); err != nil {
			return err
		}
	}
	for i, m := range b.Metrics {
		if err := checkName("metric", m.Name); err != nil {
			return err
		}
		if err := m.complete(now); err != nil {
			return err
		}
		b.Metrics[i] = m
	}
	var err error
	if b.config, err = notesOf(ConfigNote, b.Config); err != nil {
		return err
	}
	if b.tags, err = notesOf(TagNote, b.Tags); err != nil {
		return err
	}
	for i := range b.Records {
		if err := b.Records[i].check(now); err != nil {
			return err
		}
	}
	return nil
}

func notesOf[V any](kind string, values map[string]V) (map[string]string, error) {
	out := make(map[string]string, len(values))
	for key, value := range values {
		raw, err := noteOf(kind, key, value)
		if err != nil {
			return nil, err
		}
		out[key] = raw
	}
	return out, nil
}

// complete copies the points where a time is missing: they are the caller's.
func (m *Metric) complete(now time.Time) error {
	copied := false
	for i, p := range m.Points {
		if math.IsNaN(p.Step) || math.IsInf(p.Step, 0) {
			return fmt.Errorf("%w: point %d of metric %q is at step %v; steps are finite numbers", ErrRefused, i, m.Name, p.Step)
		}
		if p.Time != 0 {
			continue
		}
		if !copied {
			m.Points, copied = slices.Clone(m.Points), true
		}
		m.Points[i].Time = now.UnixMicro()
	}
	return nil
}

// checkName takes any text that is not empty, without NUL, which ends texts in
// too many places.
func checkName(what, name string) error {
	switch {
	case name == "":
		return fmt.Errorf("%w: a %s without a name", ErrRefused, what)
	case len(name) > MaxName:
		return fmt.Errorf("%w: the name of a %s has %d bytes, and at most %d are taken", ErrRefused, what, len(name), MaxName)
	case !utf8.ValidString(name) || strings.ContainsRune(name, 0):
		return fmt.Errorf("%w: the name of the %s %q is no text in UTF-8", ErrRefused, what, name)
	}
	return nil
}

// Log adds to a run. When it returns nil, all of the batch is on disk; else
// nothing of it is. It waits while the store is busy with what came before.
func (s *Store) Log(ctx context.Context, r *Run, b *Batch) error {
	own, err := b.checked(time.Now())
	if err != nil {
		return err
	}
	return s.submit(ctx, &entry{points: own.points(), change: func(t *transaction) error { return t.log(r.row, own) }})
}

// checked is a batch as it is kept; the one given is the caller's.
func (b *Batch) checked(now time.Time) (*Batch, error) {
	own := *b
	own.Metrics = slices.Clone(b.Metrics)
	own.Records = slices.Clone(b.Records)
	return &own, own.check(now)
}

func (t *transaction) log(run int64, b *Batch) error {
	if b.ID != "" {
		if known, err := t.knows(run, b.ID); known || err != nil {
			return err
		}
	}
	for _, m := range b.Metrics {
		if err := t.add(run, m); err != nil {
			return err
		}
	}
	t.runs[run] = true
	if err := b.writeNotes(t.Tx, run); err != nil {
		return err
	}
	return b.writeRecords(t.Tx, run)
}

// knows tells a batch that was kept before, and remembers one that was not.
func (t *transaction) knows(run int64, id string) (bool, error) {
	done, err := t.Exec("INSERT INTO batch (run, name, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", run, id, time.Now().UnixMicro())
	if err != nil {
		return false, err
	}
	t.w.named = true
	n, err := done.RowsAffected()
	return n == 0, err
}

// How long the IDs of batches are known: the later of both.
const (
	knownBatches = 100_000
	knownFor     = time.Hour
)

func (t *transaction) forgetBatches(now time.Time) error {
	_, err := t.Exec("DELETE FROM batch WHERE id <= (SELECT max(id) FROM batch) - ? AND at < ?", knownBatches, now.Add(-knownFor).UnixMicro())
	return err
}

func (b *Batch) writeNotes(tx *sql.Tx, run int64) error {
	for key, raw := range b.config {
		if err := setNote(tx, run, ConfigNote, key, raw); err != nil {
			return err
		}
	}
	for key, raw := range b.tags {
		if err := setNote(tx, run, TagNote, key, raw); err != nil {
			return err
		}
	}
	return nil
}
