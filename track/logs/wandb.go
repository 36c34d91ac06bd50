package logs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"time"

	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/series"
	"github.com/tomo-viz/tomo/track/wandb"
)

// weightsAndBiases reads what W&B's client writes on the machine that trains,
// offline or not.
var weightsAndBiases = Format{
	Name:   "wandb",
	Doc:    "run-ID.wandb of Weights & Biases' client",
	Named:  func(file string) bool { return path.Ext(file) == ".wandb" },
	Begins: wandb.Begins,
	Run:    runOfWandb,
	Order:  func(file string) string { return wandb.Session(path.Base(path.Dir(file))) },
	Open: func(state []byte) (Reader, error) {
		r := &wandbReader{wandbState: wandbState{Names: map[string]bool{}, Summary: map[string]any{}}, columns: map[string]*Column{}}
		if state == nil {
			return r, nil
		}
		return r, json.Unmarshal(state, &r.wandbState)
	},
}

// runOfWandb is the run that the log names: each time that a run is resumed, the
// client begins another folder for it, beside the one before.
func runOfWandb(file string, head []byte) string {
	folder := path.Dir(file)
	run := wandb.RunOf(head)
	if run == nil {
		return folder
	}
	if wandb.Session(path.Base(folder)) != "" {
		folder = path.Dir(folder)
	}
	return path.Join(folder, nameIn(run.Project), nameIn(run.ID))
}

// nameIn makes one part of a path of a name.
func nameIn(name string) string {
	if name = strings.ReplaceAll(name, "/", "_"); name == "." || name == ".." {
		return "_"
	}
	return name
}

// A wandbReader reads the log of one run.
type wandbReader struct {
	wandbState
	sink    *Sink
	columns map[string]*Column
	printed strings.Builder // since the last step
}

// A wandbState is where the run stands.
type wandbState struct {
	Step, Time int64
	// Base is what is added to the steps of a session that counts them anew, as
	// one does that was resumed offline.
	Base int64 `json:",omitempty"`
	// Began says that of a session, none of the first, there is no step yet.
	Began bool            `json:",omitempty"`
	Names map[string]bool // of all metrics
	// Summary has what may be results that the user has set himself: the client
	// also writes the last values of all metrics, some before the values.
	Summary map[string]any
}

// State implements Reader.
func (r *wandbReader) State() ([]byte, error) { return json.Marshal(r.wandbState) }

// Read implements Reader.
func (r *wandbReader) Read(ctx context.Context, f *File, sink *Sink) error {
	r.sink = sink
	if sink.isAfter(f.Path) { // a session that came, or was copied to its end, later
		return errAgain
	}
	if f.At == 0 {
		r.session()
	}
	records := wandb.NewReader(f, f.At)
	for {
		record, err := records.Next()
		switch {
		case errors.Is(err, io.EOF):
			r.print()
			return sink.Done(ctx, records.Offset())
		case errors.Is(err, wandb.ErrDamaged):
			sink.Complain(err)
		case err != nil:
			r.print()
			return err
		default:
			r.take(record)
		}
		if sink.full() { // and will be kept, with a position behind what was printed
			r.print()
		}
		if err := sink.Done(ctx, records.Offset()); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

func (r *wandbReader) take(record *wandb.Record) {
	if record.Run != nil {
		r.run(record.Run)
	}
	for name, v := range record.Config {
		r.sink.Config(name, spelled(v))
	}
	if h := record.History; h != nil {
		r.print()
		r.step(h)
		for i := range h.Values {
			r.value(&h.Values[i], h.Values[i].Name, h.Time)
		}
	}
	for i := range record.System {
		r.value(&record.System[i], "system/"+record.System[i].Name, record.Time)
	}
	r.written(record)
	if record.Exit != nil {
		r.exit(record.Exit)
	}
}

// session begins one more of the run.
func (r *wandbReader) session() {
	r.sink.Running()
	r.Base, r.Began = 0, len(r.Names) > 0
}

func (r *wandbReader) step(h *wandb.History) {
	if r.Began && h.Step == 0 {
		r.Base = r.Step + 1
	}
	r.Began = false
	r.Step, r.Time = r.Base+h.Step, h.Time
}

func (r *wandbReader) exit(e *wandb.Exit) {
	state := track.Finished
	if e.Code != 0 {
		state = track.Failed
	}
	r.sink.End(state, time.UnixMicro(max(r.Time, r.sink.last)))
	for name, v := range r.Summary {
		r.sink.Config("summary/"+name, v)
	}
}

// run takes what the run is called and when it began.
func (r *wandbReader) run(run *wandb.Run) {
	r.sink.Title(run.Title)
	if !run.Started.IsZero() {
		r.sink.seen(run.Started.UnixMicro())
	}
	for tag, text := range map[string]string{
		"wandb/id": run.ID, "wandb/entity": run.Entity, "wandb/project": run.Project,
		"group": run.Group, "job type": run.JobType, "notes": run.Notes, "sweep": run.Sweep, "host": run.Host,
	} {
		if text != "" {
			r.sink.Tag(tag, text)
		}
	}
	for _, tag := range run.Tags {
		r.sink.Tag(tag, "")
	}
}

// written takes what is neither measured nor set.
func (r *wandbReader) written(record *wandb.Record) {
	if record.Output != "" {
		r.printed.WriteString(record.Output)
		if r.printed.Len() > 1<<20 {
			r.print()
		}
	}
	if a := record.Axis; a != nil {
		r.sink.Tag("axis of "+a.Name+a.Pattern, a.By)
	}
	for _, v := range record.Summary {
		if v.Kind == wandb.Number && !r.Names[v.Name] {
			r.Summary[v.Name] = spelled(v.Number)
		}
	}
}

// print keeps what was printed since the last step as one text.
func (r *wandbReader) print() {
	if r.printed.Len() > 0 {
		r.record(track.Text, "console", r.Time, []byte(wandb.Screen(r.printed.String())))
		r.printed.Reset()
	}
}

// value takes a value at the last step: what is measured of the machine has none
// of its own.
func (r *wandbReader) value(v *wandb.Value, name string, at int64) {
	switch v.Kind {
	case wandb.Number:
		c := r.columns[name]
		if c == nil {
			c = r.sink.Column(name)
			r.columns[name], r.Names[name] = c, true
			delete(r.Summary, name)
		}
		r.sink.Point(c, series.Point{Step: float64(r.Step), Time: at, Value: v.Number})
	case wandb.Text:
		r.record(track.Text, name, at, []byte(v.Text))
	case wandb.Histogram:
		h := track.HistogramBody{Edges: v.Edges, Counts: v.Counts}
		body, err := h.Encode()
		if err != nil {
			r.sink.Complain(fmt.Errorf("%q at step %d: %w", name, r.Step, err))
			return
		}
		r.record(track.Histogram, name, at, body)
	case wandb.Images:
		r.images(v, name, at)
	case wandb.Broken:
		r.sink.Complain(fmt.Errorf("%q at step %d: %s", name, r.Step, v.Text))
	default:
		r.sink.LeaveOut(cleanName(v.Text))
	}
}

// images takes pictures from the folder beside the log. Online, the client moves
// them away.
func (r *wandbReader) images(v *wandb.Value, name string, at int64) {
	for i, file := range v.Files {
		body, err := r.sink.beside("files", file.Path, track.MaxBody)
		switch {
		case err != nil:
			r.sink.Complain(fmt.Errorf("the picture %q at step %d: %w", name, r.Step, err))
			continue
		case body == nil:
			r.sink.LeaveOut("pictures whose files are not there")
			continue
		}
		one := name
		if len(v.Files) > 1 {
			one = fmt.Sprintf("%s/%d", name, i)
		}
		r.record(track.Image, one, at, body)
		if file.Caption != "" {
			r.record(track.Text, one+"/caption", at, []byte(file.Caption))
		}
	}
}

func (r *wandbReader) record(kind track.RecordKind, name string, at int64, body []byte) {
	r.sink.Record(track.Record{Kind: kind, Name: name, Step: float64(r.Step), Time: at, Body: body})
}
