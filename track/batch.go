package track

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tomo-viz/tomo/track/series"
)

// A Batch is what is logged of a run at a time: all of it is kept, or nothing.
type Batch struct {
	Metrics []Metric
	Config  map[string]any // replaces values of the same names
	Tags    map[string]string
	Records []Record
}

// A Metric is points at the end of one metric. A point whose time is 0 has that
// of its arrival.
type Metric struct {
	Name   string
	Points []series.Point
}

// A Record is one histogram, image or text.
type Record struct {
	Kind RecordKind
	Name string
	Step float64
	Time int64 // microseconds since 1970; 0 is that of its arrival
	Body []byte
}

// A RecordKind says what the body of a record is.
type RecordKind string

// The kinds of records.
const (
	Histogram RecordKind = "histogram" // JSON of a HistogramBody
	Image     RecordKind = "image"     // a file of any format that package data reads
	Text      RecordKind = "text"      // UTF-8
)

// Bounds of one batch.
const (
	maxName   = 4 << 10  // bytes of a name
	maxBody   = 32 << 20 // bytes of a record
	maxPoints = 1 << 22  // points
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
	if n := b.points(); n > maxPoints {
		return fmt.Errorf("%w: a batch of %d points; at most %d are taken at a time", ErrRefused, n, maxPoints)
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
	for key := range b.Config {
		if err := checkName("setting", key); err != nil {
			return err
		}
	}
	for key := range b.Tags {
		if err := checkName("tag", key); err != nil {
			return err
		}
	}
	for i, r := range b.Records {
		if err := r.check(); err != nil {
			return err
		}
		if r.Time == 0 {
			b.Records[i].Time = now.UnixMicro()
		}
	}
	return nil
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
			m.Points, copied = append([]series.Point(nil), m.Points...), true
		}
		m.Points[i].Time = now.UnixMicro()
	}
	return nil
}

func (r *Record) check() error {
	switch {
	case r.Kind != Histogram && r.Kind != Image && r.Kind != Text:
		return fmt.Errorf("%w: there is no kind of record %q", ErrRefused, r.Kind)
	case math.IsNaN(r.Step) || math.IsInf(r.Step, 0):
		return fmt.Errorf("%w: the %s %q is at step %v; steps are finite numbers", ErrRefused, r.Kind, r.Name, r.Step)
	case len(r.Body) > maxBody:
		return fmt.Errorf("%w: the %s %q has %d bytes, and at most %d are taken", ErrRefused, r.Kind, r.Name, len(r.Body), maxBody)
	}
	return checkName(string(r.Kind), r.Name)
}

// checkName takes any text that is not empty, without NUL, which ends texts in
// too many places.
func checkName(what, name string) error {
	switch {
	case name == "":
		return fmt.Errorf("%w: a %s without a name", ErrRefused, what)
	case len(name) > maxName:
		return fmt.Errorf("%w: the name of a %s has %d bytes, and at most %d are taken", ErrRefused, what, len(name), maxName)
	case !utf8.ValidString(name) || strings.ContainsRune(name, 0):
		return fmt.Errorf("%w: the name of the %s %q is no text in UTF-8", ErrRefused, what, name)
	}
	return nil
}

// writeRest writes all but the metrics.
func (b *Batch) writeRest(tx *sql.Tx, run int64) error {
	settings := map[string]map[string]any{"config": b.Config, "tag": {}}
	for key, value := range b.Tags {
		settings["tag"][key] = value
	}
	for kind, values := range settings {
		for key, value := range values {
			raw, err := json.Marshal(value)
			if err != nil {
				return fmt.Errorf("%w: the setting %q cannot be written as JSON: %w", ErrRefused, key, err)
			}
			_, err = tx.Exec("INSERT INTO setting (run, kind, key, value) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", run, kind, key, string(raw))
			if err != nil {
				return err
			}
		}
	}
	for _, r := range b.Records {
		body := r.Body
		if body == nil {
			body = []byte{}
		}
		if _, err := tx.Exec("INSERT INTO record (run, kind, name, step, time, body) VALUES (?, ?, ?, ?, ?, ?)", run, r.Kind, r.Name, r.Step, r.Time, body); err != nil {
			return err
		}
	}
	return nil
}
