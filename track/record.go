package track

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// A Record is one histogram, image or text.
type Record struct {
	Kind RecordKind
	Name string
	Step float64
	Time int64 // microseconds since 1970; 0 is that of its arrival
	Body []byte

	brief string
}

// A RecordKind says what the body of a record is.
type RecordKind string

// The kinds of records.
const (
	Histogram RecordKind = "histogram" // JSON of a HistogramBody
	Image     RecordKind = "image"     // a file of any format that package data reads
	Text      RecordKind = "text"      // UTF-8
	PRCurve   RecordKind = "pr curve"  // JSON of a PRCurveBody
	Graph     RecordKind = "graph"     // a serialized GraphDef of TensorFlow, or the JSON of a Keras model
)

var recordKinds = []RecordKind{Histogram, Image, Text, PRCurve, Graph}

// Check says why a record would be refused, nil if it would not.
func (r Record) Check() error { return r.check(time.Now()) }

// check refuses what the file cannot hold, and sets what is missing.
func (r *Record) check(now time.Time) error {
	switch {
	case !slices.Contains(recordKinds, r.Kind):
		return fmt.Errorf("%w: there is no kind of record %q; there are %q", ErrRefused, r.Kind, recordKinds)
	case math.IsNaN(r.Step) || math.IsInf(r.Step, 0):
		return fmt.Errorf("%w: the %s %q is at step %v; steps are finite numbers", ErrRefused, r.Kind, r.Name, r.Step)
	case len(r.Body) > MaxBody:
		return fmt.Errorf("%w: the %s %q has %d bytes, and at most %d are taken", ErrRefused, r.Kind, r.Name, len(r.Body), MaxBody)
	}
	if err := checkName(string(r.Kind), r.Name); err != nil {
		return err
	}
	if r.Time == 0 {
		r.Time = now.UnixMicro()
	}
	return r.sum()
}

// sum says in short what the body holds, which it checks.
func (r *Record) sum() error {
	switch r.Kind {
	case Histogram:
		h, err := ParseHistogram(r.Body)
		if err != nil {
			return fmt.Errorf("%w: the histogram %q: %w", ErrRefused, r.Name, err)
		}
		r.brief = h.String()
	case PRCurve:
		c, err := ParsePRCurve(r.Body)
		if err != nil {
			return fmt.Errorf("%w: the precision-recall curve %q: %w", ErrRefused, r.Name, err)
		}
		r.brief = fmt.Sprintf("%d thresholds", len(c.Precision))
	case Text:
		if !utf8.Valid(r.Body) {
			return fmt.Errorf("%w: the text %q is not in UTF-8", ErrRefused, r.Name)
		}
		r.brief = beginning(string(r.Body))
	}
	return nil
}

// briefRunes is how much of a text lists show.
const briefRunes = 120

// beginning is the first words of a text, on one line.
func beginning(text string) string {
	const enough = briefRunes * utf8.UTFMax
	line := []rune(strings.Join(strings.Fields(text[:min(len(text), enough)]), " "))
	if len(line) <= briefRunes && len(text) <= enough {
		return string(line)
	}
	return string(line[:min(len(line), briefRunes)]) + "…"
}

func (b *Batch) writeRecords(tx *sql.Tx, run int64) error {
	if len(b.Records) == 0 {
		return nil
	}
	insert, err := tx.Prepare("INSERT INTO record (run, kind, name, step, time, brief, body) VALUES (?, ?, ?, ?, ?, ?, ?)")
	if err != nil {
		return err
	}
	defer insert.Close()
	for _, r := range b.Records {
		body := r.Body
		if body == nil {
			body = []byte{}
		}
		if _, err := insert.Exec(run, r.Kind, r.Name, r.Step, r.Time, r.brief, body); err != nil {
			return err
		}
	}
	return nil
}

// A RecordList is the records of a kind that have one name.
type RecordList struct {
	Kind        RecordKind
	Name        string
	Count       int
	First, Last float64 // steps

	row int64 // of the first that came
}

// Arrival tells in which order the names came first, as Curve.Arrival does.
func (l RecordList) Arrival() int64 { return l.row }

// RecordLists lists the names of a run's records of a kind, of all where it is
// empty.
func (s *Store) RecordLists(ctx context.Context, r *Run, kind RecordKind) ([]RecordList, error) {
	from, args, err := s.inherited(ctx, r)
	if err != nil {
		return nil, err
	}
	rows, err := s.query(ctx, "SELECT kind, name, count(*), min(step), max(step), min(id) FROM record"+from+" AND ? IN ('', kind) GROUP BY kind, name ORDER BY kind, name", append(args, kind)...)
	return collect(rows, err, func(scan func(...any) error) (l RecordList, err error) {
		err = scan(&l.Kind, &l.Name, &l.Count, &l.First, &l.Last, &l.row)
		return l, err
	})
}

// A RecordHead is a record without its body.
type RecordHead struct {
	Step  float64
	Time  int64  // microseconds since 1970
	Bytes int    // of the body
	Brief string // the beginning of a text, what a histogram is of; else empty

	row int64
}

// Evenly chooses at most n of a list, such as the records of a run: evenly, the
// first and the last among them.
func Evenly[T any](list []T, n int) []T {
	if len(list) <= n || n < 2 {
		return list[:min(len(list), n)]
	}
	out := make([]T, n)
	for i := range out {
		out[i] = list[i*(len(list)-1)/(n-1)]
	}
	return out
}

// Records lists the records of one kind and name by step, those of one step in
// the order in which they came: at most limit behind the first ones, all without
// a limit.
func (s *Store) Records(ctx context.Context, r *Run, kind RecordKind, name string, first, limit int) ([]RecordHead, error) {
	from, args, err := s.inherited(ctx, r)
	if err != nil {
		return nil, err
	}
	if limit <= 0 {
		limit = -1
	}
	rows, err := s.query(ctx, "SELECT id, step, time, length(body), brief FROM record"+from+" AND kind = ? AND name = ? ORDER BY step, id LIMIT ? OFFSET ?", append(args, kind, name, limit, first)...)
	return collect(rows, err, func(scan func(...any) error) (h RecordHead, err error) {
		err = scan(&h.row, &h.Step, &h.Time, &h.Bytes, &h.Brief)
		return h, err
	})
}

// RecordBody reads the body of a record.
func (s *Store) RecordBody(ctx context.Context, h RecordHead) ([]byte, error) {
	var body []byte
	err := s.row(ctx, "SELECT body FROM record WHERE id = ?", h.row)(&body)
	return body, err
}

// inherited selects what a run has of its own and from those it was forked from.
func (s *Store) inherited(ctx context.Context, r *Run) (where string, args []any, err error) {
	line, err := s.lineage(ctx, r)
	if err != nil {
		return "", nil, err
	}
	var each []string
	for _, a := range line {
		each = append(each, "(run = ? AND step <= ?)")
		args = append(args, a.run, a.until)
	}
	return " WHERE (" + strings.Join(each, " OR ") + ")", args, nil
}
