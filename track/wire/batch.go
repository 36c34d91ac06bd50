package wire

import (
	"encoding/json"
	"fmt"

	"github.com/tomo-viz/tomo/track/series"
)

// The types of bodies.
const (
	JSON    = "application/json"
	Columns = "application/x-tomo-batch"
)

// A Batch is what is logged of a run at a time.
type Batch struct {
	ID      string
	Metrics []Metric
	Config  map[string]any
	Tags    map[string]string
	Records []Record
}

// A Metric is points at the end of one metric. A point whose time is 0 has that
// of its arrival.
type Metric struct {
	Name   string
	Points []series.Point
}

// MaxMetrics is how many metrics a batch may have: each takes far more memory
// than its bytes in a request.
const MaxMetrics = 1 << 16

var errManyMetrics = fmt.Errorf("it has more than %d metrics; send it in parts", MaxMetrics)

// A Record is a histogram, an image or a text. One of Text, Histogram and Body
// is set.
type Record struct {
	Kind      string          `json:"kind"` // histogram, image or text
	Name      string          `json:"name"`
	Step      float64         `json:"step"`
	Time      float64         `json:"time,omitempty"` // seconds since 1970
	Text      *string         `json:"text,omitempty"`
	Histogram json.RawMessage `json:"histogram,omitempty"`
	Body      []byte          `json:"body,omitempty"`
}

// Bytes is the body of a record, whichever way it was given.
func (r *Record) Bytes() []byte {
	switch {
	case r.Text != nil:
		return []byte(*r.Text)
	case r.Histogram != nil:
		return r.Histogram
	}
	return r.Body
}

// A Run is what a run is made with.
type Run struct {
	ID      string            `json:"id,omitempty"` // that of a run that is there goes on with it
	Project string            `json:"project"`
	Title   string            `json:"title,omitempty"`
	Created float64           `json:"created,omitempty"` // seconds since 1970
	Parent  string            `json:"parent,omitempty"`  // the ID of the run it is forked from
	Forked  float64           `json:"forked,omitempty"`  // the last step that it has from there
	Config  map[string]any    `json:"config,omitempty"`
	Tags    map[string]string `json:"tags,omitempty"`
}

// An End says what became of a run.
type End struct {
	State string  `json:"state"`        // finished, failed or killed
	At    float64 `json:"at,omitempty"` // seconds since 1970; without it, now
}

// A Cut takes back what was logged at a step and later ones.
type Cut struct {
	Step    float64  `json:"step"`
	Metrics []string `json:"metrics,omitempty"` // only of these; without names, all metrics and records
}

// Points is how many points a batch has.
func (b *Batch) Points() int {
	n := 0
	for _, m := range b.Metrics {
		n += len(m.Points)
	}
	return n
}

// Micros is microseconds of seconds, both since 1970. What is no number, or more
// than 3,000 years away, is an error.
func Micros(seconds float64) (int64, error) {
	const most = 1e11
	if !(seconds > -most && seconds < most) {
		return 0, fmt.Errorf("the time %v is none; times are in seconds since 1970", seconds)
	}
	return int64(seconds * 1e6), nil
}
