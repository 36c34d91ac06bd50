package logs

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"time"

	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/mlruns"
	"github.com/tomo-viz/tomo/track/series"
)

// mlflowFiles reads the folders that MLflow's client writes where no server is
// named.
var mlflowFiles = Format{
	Name: "mlruns",
	Doc:  "mlruns folders of MLflow's client",
	Named: func(file string) bool {
		_, ok := mlruns.Find(file)
		return ok
	},
	Run: func(file string, _ []byte) string {
		f, _ := mlruns.Find(file)
		return f.Run
	},
	Open: func(state []byte) (Reader, error) {
		r := &mlflowReader{}
		if state == nil {
			return r, nil
		}
		return r, json.Unmarshal(state, &r.mlflowState)
	},
}

// An mlflowReader reads the files of one run: one for each metric, parameter and
// tag, and one that says what the run is.
type mlflowReader struct{ mlflowState }

// An mlflowState is what the run is.
type mlflowState struct {
	Title   string
	Outcome track.State // empty while the run goes on
	Ended   time.Time
	Deleted bool `json:",omitempty"`
}

// State implements Reader.
func (r *mlflowReader) State() ([]byte, error) { return json.Marshal(r.mlflowState) }

// maxParam bounds a parameter, a tag and the metadata, in bytes.
const maxParam = 1 << 20

// Read implements Reader. All but metrics are written anew each time, so that the
// position in them stays 0.
func (r *mlflowReader) Read(ctx context.Context, f *File, sink *Sink) error {
	file, _ := mlruns.Find(f.Path)
	if file.Kind == mlruns.Metric {
		r.say(sink)
		return r.metric(ctx, file.Name, f, sink)
	}
	text, err := io.ReadAll(io.NewSectionReader(f, 0, maxParam))
	if err != nil {
		return err
	}
	switch file.Kind {
	case mlruns.Meta:
		r.meta(text, sink)
	case mlruns.Param:
		sink.Config(file.Name, settingOf(string(text)))
	case mlruns.Tag:
		sink.Tag(file.Name, string(text))
	}
	r.say(sink)
	return sink.Done(ctx, 0)
}

// say tells what the run is with all that comes of it: more points let a run go
// on that has ended.
func (r *mlflowReader) say(sink *Sink) {
	sink.Title(r.Title)
	sink.Deleted(r.Deleted)
	if r.Outcome != "" {
		sink.End(r.Outcome, r.Ended)
	} else {
		sink.Running()
	}
}

func (r *mlflowReader) metric(ctx context.Context, name string, f *File, sink *Sink) error {
	points, column := mlruns.NewReader(f.Rest(), f.At), sink.Column(name)
	for {
		p, err := points.Next()
		switch {
		case errors.Is(err, io.EOF):
			return sink.Done(ctx, points.Offset())
		case errors.Is(err, mlruns.ErrLine):
			sink.Complain(err)
			continue
		case err != nil:
			return err
		}
		sink.Point(column, series.Point{Step: float64(p.Step), Time: p.Time, Value: p.Value})
		if err := sink.Done(ctx, points.Offset()); err != nil {
			return err
		}
	}
}

// outcomes are the states of runs that have ended.
var outcomes = map[mlruns.Status]track.State{mlruns.Finished: track.Finished, mlruns.Failed: track.Failed, mlruns.Killed: track.Killed}

func (r *mlflowReader) meta(document []byte, sink *Sink) {
	run, err := mlruns.ParseRun(document)
	if err != nil {
		sink.Complain(err)
		return
	}
	r.Title, r.Outcome, r.Ended, r.Deleted = run.Title, outcomes[run.Status], run.Ended, run.Deleted
	if !run.Started.IsZero() {
		sink.seen(run.Started.UnixMicro())
	}
	if of, err := sink.beside("..", "meta.yaml", maxParam); err == nil {
		if name := mlruns.ExperimentName(of); name != "" {
			sink.Tag("experiment", name)
		}
	}
}

// settingOf is a number where the text is one, so that runs can be sorted by it.
func settingOf(text string) any {
	if v, err := strconv.ParseFloat(text, 64); err == nil {
		return spelled(v)
	}
	return text
}
