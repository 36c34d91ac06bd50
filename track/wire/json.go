package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/tomo-viz/tomo/track/pyjson"
	"github.com/tomo-viz/tomo/track/series"
)

// document is a batch as JSON.
type document struct {
	ID      string            `json:"id,omitempty"`
	Rows    []row             `json:"rows,omitempty"`
	Metrics []column          `json:"metrics,omitempty"`
	Config  map[string]any    `json:"config,omitempty"`
	Tags    map[string]string `json:"tags,omitempty"`
	Records []record          `json:"records,omitempty"`
}

// A record is a Record whose step is read as a step.
type record struct {
	Record
	Step step `json:"step"`
}

type row struct {
	Step   step              `json:"step"`
	Time   float64           `json:"time"`
	Values map[string]number `json:"values"`
}

type column struct {
	Name   string    `json:"name"`
	Steps  []step    `json:"steps"`
	Values []number  `json:"values"`
	Times  []float64 `json:"times,omitempty"`
}

// A number may be what JSON has no number for.
type number float64

func (n *number) UnmarshalJSON(raw []byte) error {
	text := strings.Trim(string(raw), `"`)
	if v, ok := pyjson.Spelled[text]; ok {
		*n = number(v)
		return nil
	}
	if text == "null" {
		*n = number(math.NaN())
		return nil
	}
	return json.Unmarshal(raw, (*float64)(n))
}

// A step is never null, which would be 0 elsewhere.
type step float64

func (s *step) UnmarshalJSON(raw []byte) error {
	if string(raw) == "null" {
		return errors.New("a step is null; steps are finite numbers")
	}
	return json.Unmarshal(raw, (*float64)(s))
}

// DecodeJSON reads a batch as JSON.
func DecodeJSON(raw []byte) (*Batch, error) {
	var d document
	if err := Unmarshal(raw, &d); err != nil {
		return nil, err
	}
	b := &Batch{ID: d.ID, Config: d.Config, Tags: d.Tags}
	for i, r := range d.Records {
		if err := r.check(); err != nil {
			return nil, fmt.Errorf("record %d, %q: %w", i, r.Name, err)
		}
		r.Record.Step = float64(r.Step)
		b.Records = append(b.Records, r.Record)
	}
	if len(d.Metrics) > MaxMetrics {
		return nil, errManyMetrics
	}
	for _, c := range d.Metrics {
		m, err := c.metric()
		if err != nil {
			return nil, fmt.Errorf("metric %q: %w", c.Name, err)
		}
		b.Metrics = append(b.Metrics, m)
	}
	return b, b.addRows(d.Rows)
}

func (c *column) metric() (Metric, error) {
	if len(c.Steps) != len(c.Values) {
		return Metric{}, fmt.Errorf("%d steps and %d values", len(c.Steps), len(c.Values))
	}
	if len(c.Times) > 0 && len(c.Times) != len(c.Values) {
		return Metric{}, fmt.Errorf("%d times and %d values", len(c.Times), len(c.Values))
	}
	m := Metric{Name: c.Name, Points: make([]series.Point, len(c.Values))}
	for i, v := range c.Values {
		m.Points[i] = series.Point{Step: float64(c.Steps[i]), Value: float64(v)}
		if len(c.Times) == 0 {
			continue
		}
		var err error
		if m.Points[i].Time, err = Micros(c.Times[i]); err != nil {
			return Metric{}, err
		}
	}
	return m, nil
}

// addRows puts the values of rows behind the points of their metrics.
func (b *Batch) addRows(rows []row) error {
	at := map[string]int{}
	for i, m := range b.Metrics {
		at[m.Name] = i
	}
	for i, r := range rows {
		moment, err := Micros(r.Time)
		if err != nil {
			return fmt.Errorf("row %d: %w", i, err)
		}
		for name, v := range r.Values {
			i, ok := at[name]
			if !ok {
				if i = len(b.Metrics); i == MaxMetrics {
					return errManyMetrics
				}
				at[name] = i
				b.Metrics = append(b.Metrics, Metric{Name: name})
			}
			b.Metrics[i].Points = append(b.Metrics[i].Points, series.Point{Step: float64(r.Step), Time: moment, Value: float64(v)})
		}
	}
	return nil
}

func (r *Record) check() error {
	given := 0
	for _, is := range []bool{r.Text != nil, r.Histogram != nil, r.Body != nil} {
		if is {
			given++
		}
	}
	if given != 1 {
		return errors.New("a record has one of text, histogram and body")
	}
	return nil
}

// maxNested bounds the objects and lists of a JSON value, which take some hundred
// bytes of memory for the three of an empty one. It counts brackets in texts, too.
const maxNested = 1 << 19

// Unmarshal reads one JSON value strictly: a name that is not known is an error,
// since it is a mistake most often. NaN and infinities may be bare.
func Unmarshal(raw []byte, into any) error {
	if n := bytes.Count(raw, []byte("{")) + bytes.Count(raw, []byte("[")); n > maxNested {
		return fmt.Errorf("the JSON has more than %d objects and lists; send it in parts", maxNested)
	}
	d := json.NewDecoder(bytes.NewReader(pyjson.Quoted(raw)))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			err = errors.New("it ends in the midst")
		}
		return fmt.Errorf("the JSON cannot be read: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("the JSON cannot be read: something follows its end")
	}
	return nil
}
