package logs

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"path"
	"strconv"
	"strings"

	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/series"
	"github.com/tomo-viz/tomo/track/tfevents"
)

// tensorBoard reads event files. TensorBoard itself takes every file with
// tfevents in its name for one, and a folder of them for a run.
var tensorBoard = Format{
	Name:  "tensorboard",
	Doc:   "event files of TensorFlow, Keras, PyTorch, Lightning, tensorboardX",
	Named: isEventFile,
	Open:  openEvents,
}

// isEventFile passes over the empty files that TensorFlow's profiler leaves so
// that TensorBoard finds its folders.
func isEventFile(file string) bool {
	name := path.Base(file)
	return strings.Contains(name, "tfevents") && !strings.HasSuffix(name, ".profile-empty")
}

// An eventReader reads the event files of one run.
type eventReader struct {
	eventState
	sink    *Sink
	scalars map[string]*scalarTag // met since the reader was opened
	last    *scalarTag            // the one before, at first of no tag
	file    string                // that is being read
	void    int64                 // from which step on files behind it take back what it tells
	again   bool                  // it takes back what files behind it told
}

// An eventState is what must be known of the files read so far.
type eventState struct {
	// Version is that of the last file that told one; see restart.
	Version float64 `json:",omitempty"`
	// MostRecent is the last step that was not out of order.
	MostRecent int64
	// Plugins are those of tags. The first value of a tag tells it, and the others
	// may leave it out.
	Plugins map[string]string `json:",omitempty"`
	// Restarts are the first steps at which files say that training began anew, by
	// their paths.
	Restarts map[string]int64 `json:",omitempty"`
	// Graph is a sum of the last graph, which that of a MetaGraphDef does not
	// replace.
	Graph uint32 `json:",omitempty"`
}

func openEvents(state []byte) (Reader, error) {
	r := &eventReader{eventState: eventState{MostRecent: -1, Plugins: map[string]string{}}, scalars: map[string]*scalarTag{}, last: &scalarTag{}}
	if state == nil {
		return r, nil
	}
	return r, json.Unmarshal(state, &r.eventState)
}

// State implements Reader.
func (r *eventReader) State() ([]byte, error) { return json.Marshal(r.eventState) }

// Read implements Reader.
func (r *eventReader) Read(ctx context.Context, f *File, sink *Sink) error {
	r.sink = sink
	if f.At == 0 && sink.isAfter(f.Path) {
		return errAgain
	}
	r.turnTo(f.Path)
	events := tfevents.NewReader(f.Rest(), f.At)
	for {
		e, err := events.Next()
		switch {
		case errors.Is(err, io.EOF):
			return sink.Done(ctx, events.Offset())
		case errors.Is(err, tfevents.ErrDamaged):
			return errors.Join(err, sink.Done(ctx, events.Offset()))
		case errors.Is(err, tfevents.ErrNoEvent):
			sink.Complain(err)
		case err != nil:
			return err
		default:
			if r.take(e); r.again {
				return errAgain
			}
		}
		if err := sink.Done(ctx, events.Offset()); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

func (r *eventReader) take(e *tfevents.Event) {
	if e.Version != "" {
		r.Version = versionOf(e.Version)
	}
	r.restart(e)
	at := series.Point{Step: float64(e.Step), Time: microseconds(e.WallTime)}
	switch {
	case e.Graph != nil:
		r.wholeGraph(e.Graph, at)
	case e.MetaGraph != nil && r.Graph == 0:
		r.record(track.Graph, "graph", beforeAll(at), bytes.Clone(e.MetaGraph))
	case e.Profile:
		r.sink.LeaveOut("profiles of steps")
	}
	if e.Step >= r.void {
		return
	}
	for i := range e.Values {
		r.value(&e.Values[i], at)
	}
}

// versionOf is the number in "brain.Event:2", 0 where there is none.
func versionOf(text string) float64 {
	_, number, _ := strings.Cut(text, "brain.Event:")
	v, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return 0
	}
	return v
}

// restart takes back what a training that goes on from a checkpoint told after
// it, as TensorBoard does (backend/event_processing/event_accumulator.py): files
// of version 2 say so themselves; in older ones a step before the most recent
// one is taken for it, and voids what its own tags have of later steps.
func (r *eventReader) restart(e *tfevents.Event) {
	switch {
	case r.Version >= 2:
		if e.Restart {
			r.restartAt(e.Step)
		}
	case e.Step < r.MostRecent && e.Summary:
		for _, v := range e.Values {
			r.sink.CutMetric(string(v.Tag), float64(e.Step))
		}
	default:
		r.MostRecent = e.Step
	}
}

// restartAt takes back a step and later ones. What files behind this one told,
// which was read before, is not to go with it.
func (r *eventReader) restartAt(step int64) {
	r.again = r.sink.isAfter(r.file)
	r.sink.Cut(float64(step))
	if r.Restarts == nil {
		r.Restarts = map[string]int64{}
	}
	if first, ok := r.Restarts[r.file]; !ok || step < first {
		r.Restarts[r.file] = step
	}
}

// turnTo turns to a file, which may still grow, or be copied to its end, after
// those behind it.
func (r *eventReader) turnTo(file string) {
	r.file, r.void = file, math.MaxInt64
	for other, step := range r.Restarts {
		if other > file {
			r.void = min(r.void, step)
		}
	}
}

// microseconds turns seconds since 1970 into what stores keep, and what is no
// time into 0.
func microseconds(seconds float64) int64 {
	if us := seconds * 1e6; math.Abs(us) < math.MaxInt64/2 {
		return int64(math.Round(us))
	}
	return 0
}

// A scalarTag is a tag of numbers.
type scalarTag struct {
	tag    string
	column *Column
	next   *scalarTag // the one that came after it the last time
}

// scalarOf finds a tag of numbers, nil if it is none that is known. Writers tell
// their tags in the same order at each step, so that the next one is mostly known.
func (r *eventReader) scalarOf(tag []byte) *scalarTag {
	s := r.last.next
	if s == nil || s.tag != string(tag) {
		if s = r.scalars[string(tag)]; s == nil {
			return nil
		}
		r.last.next = s
	}
	r.last = s
	return s
}

// value takes one value of a summary. Nearly all are numbers of tags met before.
func (r *eventReader) value(v *tfevents.Value, at series.Point) {
	known := r.scalarOf(v.Tag)
	switch {
	case v.Kind == tfevents.Simple:
		if known == nil {
			known = r.meet(v.Tag)
		}
		at.Value = v.Scalar
		r.sink.Point(known.column, at)
	case v.Kind == tfevents.Tensor && known != nil:
		r.number(known, v, at)
	default:
		r.rare(v, at)
	}
}

func (r *eventReader) number(of *scalarTag, v *tfevents.Value, at series.Point) {
	var err error
	if at.Value, err = tfevents.ParseScalar(v.Body); err != nil {
		r.sink.Complain(fmt.Errorf("the scalar %q at step %v: %w", v.Tag, at.Step, err))
		return
	}
	r.sink.Point(of.column, at)
}

func (r *eventReader) meet(tag []byte) *scalarTag {
	s := &scalarTag{tag: string(tag), column: r.sink.Column(string(tag))}
	r.scalars[s.tag] = s
	return s
}

// rare takes what is no number of a known tag.
func (r *eventReader) rare(v *tfevents.Value, at series.Point) {
	tag := string(v.Tag)
	if tag == "" {
		tag = string(v.Node)
	}
	plugin, known := r.Plugins[tag]
	if !known {
		plugin = string(v.Plugin)
		if plugin != "" {
			r.Plugins[tag] = plugin
		}
	}
	if plugin == "scalars" && v.Kind == tfevents.Tensor {
		r.number(r.meet(v.Tag), v, at)
		return
	}
	if err := r.show(tag, plugin, v, at); err != nil {
		r.sink.Complain(fmt.Errorf("%q at step %v: %w", tag, at.Step, err))
	}
}
