package logs

import (
	"context"
	"encoding/json"
	"os"
	"strings"
	"time"

	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/series"
)

// A Sink takes what a reader finds in the files of one run. What is handed over
// is kept together with the position that Done tells, all or nothing.
type Sink struct {
	run     *run
	reader  Reader
	name    string // of the file
	file    fileState
	source  *os.File
	arrived int64 // when the file was last written, for what has no time

	columns map[string]*Column
	used    []*Column // that hold points
	batch   track.Batch
	held    int   // bytes in memory, more or less
	first   int64 // the earliest time handed over
	grown   bool
	failed  error // why nothing more can be kept
}

// A Column is one metric.
type Column struct {
	name   string
	points []series.Point
}

func newSink(r *run, reader Reader) *Sink {
	return &Sink{run: r, reader: reader, columns: map[string]*Column{}}
}

// begin turns to a file.
func (s *Sink) begin(f found, src *os.File) error {
	s.name, s.source, s.file = f.rel, src, s.run.state.Files[f.rel]
	s.file.Size, s.file.Modified = f.info.Size(), f.info.ModTime().UnixNano()
	s.arrived = f.info.ModTime().UnixMicro()
	return nil
}

// Column is where the points of a metric go. It is valid as long as the sink.
func (s *Sink) Column(name string) *Column {
	c := s.columns[name]
	if c == nil {
		c = &Column{name: cleanName(name)}
		s.columns[name] = c
	}
	return c
}

// pointBytes is what a point takes in memory.
const pointBytes = 24

// Point adds a point to a metric. Without a time it has that of the file.
func (s *Sink) Point(c *Column, p series.Point) {
	if p.Time == 0 {
		p.Time = s.arrived
	}
	if len(c.points) == 0 {
		s.used = append(s.used, c)
	}
	c.points = append(c.points, p)
	s.held += pointBytes
	s.seen(p.Time)
}

// Record adds a histogram, an image, a text. The sink keeps its body.
func (s *Sink) Record(r track.Record) {
	if r.Time == 0 {
		r.Time = s.arrived
	}
	r.Name = cleanName(r.Name)
	s.batch.Records = append(s.batch.Records, r)
	s.held += len(r.Body)
	s.seen(r.Time)
}

// Config sets what the run was configured with.
func (s *Sink) Config(key string, value any) {
	if s.batch.Config == nil {
		s.batch.Config = map[string]any{}
	}
	s.batch.Config[cleanName(key)] = value
}

// Tag sets a tag of the run.
func (s *Sink) Tag(key, value string) {
	if s.batch.Tags == nil {
		s.batch.Tags = map[string]string{}
	}
	s.batch.Tags[cleanName(key)] = value
}

func (s *Sink) seen(at int64) {
	if s.first == 0 || at < s.first {
		s.first = at
	}
}

// heldBytes is how much is kept in one transaction.
const heldBytes = 64 << 20

// Done says that all that lies before a position in the file was handed over.
// An error means that nothing more can be kept, and reading is to end.
func (s *Sink) Done(ctx context.Context, at int64) error {
	s.file.At = at
	if s.held < heldBytes {
		return ctx.Err()
	}
	return s.flush(ctx)
}

// stateTag holds a runState as JSON.
const stateTag = "tomo.logs"

// flush keeps what was handed over.
func (s *Sink) flush(ctx context.Context) error {
	if s.failed == nil {
		s.failed = s.keep(ctx)
	}
	return s.failed
}

func (s *Sink) keep(ctx context.Context) (err error) {
	state := &s.run.state
	if s.file.Check, err = check(s.source, s.file.At); err != nil {
		return err
	}
	if state.Reader, err = s.reader.State(); err != nil {
		return err
	}
	if state.Files == nil {
		state.Files = map[string]fileState{}
	}
	state.Files[s.name] = s.file
	if s.held == 0 && len(s.batch.Config)+len(s.batch.Tags) == 0 {
		return nil
	}
	s.grown = true
	if s.run.stored == nil {
		r := s.run.root
		s.run.stored, err = r.index.CreateRun(ctx, track.Run{
			ID: r.idOf(s.run.format, state.Name), Project: r.project(), Title: r.titleOf(state.Name), Created: time.UnixMicro(s.first),
		})
		if err != nil {
			return err
		}
	}
	raw, err := json.Marshal(state)
	if err != nil {
		return err
	}
	s.Tag(stateTag, string(raw))
	for _, c := range s.used {
		s.batch.Metrics = append(s.batch.Metrics, track.Metric{Name: c.name, Points: c.points})
	}
	err = s.run.root.index.Log(ctx, s.run.stored, &s.batch)
	for _, c := range s.used {
		c.points = nil
	}
	s.used, s.batch, s.held = nil, track.Batch{}, 0
	return err
}

// maxName is how long a name may be in a store.
const maxName = 4 << 10

// cleanName makes a name that a store takes of any text.
func cleanName(name string) string {
	name = strings.ReplaceAll(strings.ToValidUTF8(name, "\uFFFD"), "\x00", "\uFFFD")
	if len(name) > maxName {
		name = strings.ToValidUTF8(name[:maxName], "")
	}
	if name == "" {
		return "(without a name)"
	}
	return name
}
