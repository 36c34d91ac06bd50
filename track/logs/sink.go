package logs

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/series"
)

// A Sink takes what a reader finds in the files of one run. What is handed over
// is kept together with the position that Done tells, all or nothing.
type Sink struct {
	run    *run
	reader Reader
	keeper *keeper

	source  *os.File
	name    string // of the file
	file    fileState
	arrived int64 // when the file was last written, for what has no time
	said    bool  // that something in the file cannot be read

	columns map[string]*Column
	used    []*Column // that hold points
	batch   track.Batch
	cut     *float64           // to be taken back first
	cuts    map[string]float64 // the same of single metrics
	held    int                // bytes in memory, more or less
	first   int64              // the earliest time handed over
	last    int64              // the latest
	title   string             // empty for the run's path
	end     *ending
	counted bool // what is left out, since the state was kept
	grown   bool
}

// A Column is one metric of a run.
type Column struct {
	name   string
	points []series.Point
	usual  int // how many points it holds when they are kept
}

// An ending is what became of a run.
type ending struct {
	state track.State
	at    time.Time
	idle  bool // nothing says it, but nobody writes the files any more
}

func newSink(r *run, reader Reader, k *keeper) *Sink {
	return &Sink{run: r, reader: reader, keeper: k, columns: map[string]*Column{}}
}

// restart takes back all that was ever handed over.
func (s *Sink) restart() {
	s.run.state = runState{Kept: s.run.state.Kept}
	s.Cut(everything)
}

// close ends a run of which nobody writes a log any more.
func (s *Sink) close(ctx context.Context, files []found) error {
	state := &s.run.state
	if state.Kept && !state.Ended && isIdle(files) {
		state.Ended = true
		s.end = &ending{track.Finished, time.UnixMicro(state.Last), true}
		return s.send(ctx)
	}
	return nil
}

// begin turns to a file.
func (s *Sink) begin(f found, src *os.File) {
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
	if p.Step-p.Step != 0 { // not finite
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

// Record adds a histogram, an image, a text. The sink keeps its body.
func (s *Sink) Record(r track.Record) {
	if r.Time == 0 {
		r.Time = s.arrived
	}
	switch {
	case r.Step-r.Step != 0:
		s.LeaveOut(fmt.Sprintf("records of kind %s without a step", r.Kind))
		return
	case len(r.Body) > maxBody:
		s.LeaveOut(fmt.Sprintf("records of kind %s above %d MB", r.Kind, maxBody>>20))
		return
	}
	r.Name = cleanName(r.Name)
	s.batch.Records = append(s.batch.Records, r)
	s.held += len(r.Body) + recordBytes
	s.seen(r.Time)
}

// maxBody is how large a record may be in a store, and recordBytes what it takes
// beside its body.
const (
	maxBody     = 32 << 20
	recordBytes = 256
)

// Config sets what the run was configured with.
func (s *Sink) Config(key string, value any) {
	if s.batch.Config == nil {
		s.batch.Config = map[string]any{}
	}
	s.batch.Config[cleanName(key)] = value
	s.run.state.Configured = true
	s.held += recordBytes
}

// Tag sets a tag of the run.
func (s *Sink) Tag(key, value string) {
	if s.batch.Tags == nil {
		s.batch.Tags = map[string]string{}
	}
	s.batch.Tags[cleanName(key)] = strings.ToValidUTF8(value, "\uFFFD")
	s.held += recordBytes
}

// Title says what people call the run. Without one it is called by its path.
func (s *Sink) Title(title string) { s.title = strings.ToValidUTF8(title, "\uFFFD") }

// End says what became of the run. Of a run whose log does not say it, it is
// taken from the age of its files.
func (s *Sink) End(state track.State, at time.Time) { s.end = &ending{state: state, at: at} }

// Cut takes back what was handed over at a step and later ones, of all metrics
// and records, as of a training that went on from a checkpoint.
func (s *Sink) Cut(step float64) {
	for _, c := range s.used {
		c.cut(step)
	}
	s.batch.Records = slices.DeleteFunc(s.batch.Records, func(r track.Record) bool { return r.Step >= step })
	if s.cut == nil || step < *s.cut {
		s.cut = &step
	}
}

// CutMetric takes back the same of one metric.
func (s *Sink) CutMetric(name string, step float64) {
	c := s.Column(name)
	c.cut(step)
	if s.cuts == nil {
		s.cuts = map[string]float64{}
	}
	if before, ok := s.cuts[c.name]; !ok || step < before {
		s.cuts[c.name] = step
	}
}

func (c *Column) cut(step float64) {
	c.points = slices.DeleteFunc(c.points, func(p series.Point) bool { return p.Step >= step })
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

// heldBytes is how much is kept in one piece.
const heldBytes = 24 << 20

// Done says that all that lies before a position in the file was handed over.
// An error means that nothing more can be kept, and that reading is to end.
func (s *Sink) Done(ctx context.Context, at int64) error {
	s.file.At = at
	if s.held < heldBytes {
		return nil
	}
	return s.flush(ctx)
}

// flush hands what was handed over on to the keeper.
func (s *Sink) flush(ctx context.Context) (err error) {
	state := &s.run.state
	if s.file.Check, err = check(s.source, s.file.At); err != nil {
		return err
	}
	if state.Files == nil {
		state.Files = map[string]fileState{}
	}
	state.Files[s.name] = s.file
	return s.send(ctx)
}

// send hands the state on, with what belongs to it. Of a run of which there is
// nothing to show, nothing is kept.
func (s *Sink) send(ctx context.Context) (err error) {
	state := &s.run.state
	if s.held == 0 && s.cut == nil && s.cuts == nil && s.end == nil && !s.counted && !state.Kept {
		return ctx.Err()
	}
	if state.Reader, err = s.reader.State(); err != nil {
		return err
	}
	state.Ended = s.end != nil || state.Ended && s.held == 0
	s.grown = s.grown || s.held > 0 || s.cut != nil || s.cuts != nil
	state.Kept = true
	state.First = earliest(state.First, s.first)
	state.Last = max(state.Last, s.last)
	p := &piece{run: s.run, title: s.title, cut: s.cut, cuts: s.cuts, batch: s.batch, end: s.end, first: state.First, held: s.held + len(state.Reader)}
	for _, c := range s.used {
		if len(c.points) > 0 {
			p.batch.Metrics = append(p.batch.Metrics, track.Metric{Name: c.name, Points: c.points})
		}
		c.points, c.usual = nil, len(c.points)
	}
	if p.state, err = json.Marshal(state); err != nil {
		return err
	}
	s.used, s.batch, s.cut, s.cuts, s.end, s.held, s.counted = nil, track.Batch{}, nil, nil, nil, 0, false
	return s.keeper.take(ctx, p)
}

// earliest is the smaller of two times, of which 0 is none.
func earliest(a, b int64) int64 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// everything is a step that no other is before.
const everything = -math.MaxFloat64

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
