package logs

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/series"
)

// A Sink takes what a reader finds in the files of one run. What is handed over
// is kept together with the position that Done tells, all or nothing.
type Sink struct {
	run    *run
	reader Reader
	keeper *keeper

	source  *source
	name    string // of the file
	file    fileState
	arrived int64 // when the file was last written, for what has no time
	said    bool  // that something in the file cannot be read

	columns map[string]*Column
	used    []*Column // that hold points
	batch   track.Batch
	anew    bool               // all that is kept is to be taken back first
	cut     *float64           // the same of a step and later ones
	cuts    map[string]float64 // the same of single metrics
	held    int                // bytes in memory, more or less
	first   int64              // the earliest time handed over
	last    int64              // the latest
	about
	counted bool // what is left out, since the state was kept
	grown   bool
}

// A Column is one metric of a run.
type Column struct {
	name   string
	points []series.Point
	usual  int // how many points it holds when they are kept
}

func newSink(r *run, reader Reader, k *keeper) *Sink {
	return &Sink{run: r, reader: reader, keeper: k, columns: map[string]*Column{}}
}

// begin turns to a file.
func (s *Sink) begin(f found, src *source) {
	s.name, s.source, s.file, s.said = f.rel, src, s.run.state.Files[f.rel], false
	s.file.Size, s.file.Modified = f.info.Size(), f.info.ModTime().UnixNano()
	s.arrived = f.info.ModTime().UnixMicro()
}

// Column is where the points of a metric go. It is valid as long as the sink.
func (s *Sink) Column(name string) *Column {
	name = cleanName(name)
	c := s.columns[name]
	if c == nil {
		c = &Column{name: name}
		s.columns[name] = c
	}
	return c
}

// pointBytes is what a point takes in memory.
const pointBytes = 24

// Point adds a point to a metric. Without a time it has that of the file; one at
// a step that is no finite number is left out.
func (s *Sink) Point(c *Column, p series.Point) {
	if p.Time == 0 {
		p.Time = s.arrived
	}
	if !isFinite(p.Step) {
		s.LeaveOut("points without a step")
		return
	}
	if len(c.points) == 0 {
		s.used = append(s.used, c)
		if c.points == nil {
			c.points = make([]series.Point, 0, c.usual)
		}
	}
	c.points = append(c.points, p)
	s.held += pointBytes
	s.seen(p.Time)
}

// Record adds a histogram, an image, a text. The sink keeps its body. One that a
// store would not take is left out.
func (s *Sink) Record(r track.Record) {
	if r.Time == 0 {
		r.Time = s.arrived
	}
	r.Name = cleanName(r.Name)
	if err := r.Check(); err != nil {
		s.Complain(err)
		return
	}
	s.batch.Records = append(s.batch.Records, r)
	s.held += len(r.Body) + settingBytes
	s.seen(r.Time)
}

// settingBytes is about what a setting, or a record, takes in memory beside what
// it says.
const settingBytes = 256

// Config sets what the run was configured with. A value that a store would not
// take is left out.
func (s *Sink) Config(key string, value any) {
	raw, err := json.Marshal(value)
	if err == nil && len(raw) > track.MaxNote {
		err = fmt.Errorf("its value has %d bytes", len(raw))
	}
	if err != nil {
		s.Complain(fmt.Errorf("the setting %q: %w", key, err))
		return
	}
	if s.batch.Config == nil {
		s.batch.Config = map[string]any{}
	}
	s.batch.Config[cleanName(key)] = json.RawMessage(raw)
	s.run.state.Configured = true
	s.held += len(raw) + settingBytes
}

// Tag sets a tag of the run.
func (s *Sink) Tag(key, value string) {
	if s.batch.Tags == nil {
		s.batch.Tags = map[string]string{}
	}
	s.batch.Tags[cleanName(key)] = shorten(strings.ToValidUTF8(value, "\uFFFD"), track.MaxNote/6) // which JSON may write in six bytes each
	s.held += len(value) + settingBytes
}

// LeaveOut counts something that the file holds and that is not kept.
func (s *Sink) LeaveOut(what string) {
	state := &s.run.state
	if state.LeftOut == nil {
		state.LeftOut = map[string]int64{}
	}
	state.LeftOut[what]++
	s.counted = true
}

// Complain says that something in the file cannot be read, while the rest of it
// can. Only the first of a file is told.
func (s *Sink) Complain(err error) {
	s.LeaveOut("what cannot be read")
	if !s.said {
		s.said = true
		s.run.root.lib.warn(fmt.Errorf("%s: %w", s.run.root.full(s.name), err))
	}
}

func (s *Sink) seen(at int64) {
	if s.first == 0 || at < s.first {
		s.first = at
	}
	s.last = max(s.last, at)
}
