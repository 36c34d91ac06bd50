package logs

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"path"
	"strings"

	"github.com/tomo-viz/tomo/track/series"
	"github.com/tomo-viz/tomo/track/tfevents"
)

// tensorBoard reads event files. TensorBoard itself takes every file with
// tfevents in its name for one.
var tensorBoard = Format{
	Name:  "tensorboard",
	Doc:   "TensorFlow, Keras, PyTorch, Lightning, tensorboardX",
	Named: func(file string) bool { return strings.Contains(path.Base(file), "tfevents") },
	Open: func(state []byte) (Reader, error) {
		r := &eventReader{columns: map[string]*Column{}}
		if state == nil {
			return r, nil
		}
		return r, json.Unmarshal(state, &r.tbState)
	},
}

type eventReader struct {
	tbState
	columns map[string]*Column
}

type tbState struct {
	Plugins map[string]string // of tags, whose first event alone tells it
}

func (r *eventReader) State() ([]byte, error) { return json.Marshal(r.tbState) }

func (r *eventReader) Read(ctx context.Context, f *File, sink *Sink) error {
	events := tfevents.NewReader(f.Rest(), f.At)
	for {
		e, err := events.Next()
		if errors.Is(err, io.EOF) {
			return sink.Done(ctx, events.Offset())
		}
		if err != nil {
			return errors.Join(sink.Done(ctx, events.Offset()), err)
		}
		for _, v := range e.Values {
			if v.Kind == tfevents.Simple {
				sink.Point(r.column(sink, v.Tag), series.Point{Step: float64(e.Step), Time: int64(e.WallTime * 1e6), Value: v.Scalar})
			}
		}
		if err := sink.Done(ctx, events.Offset()); err != nil {
			return err
		}
	}
}

func (r *eventReader) column(sink *Sink, tag string) *Column {
	c := r.columns[tag]
	if c == nil {
		c = sink.Column(tag)
		r.columns[tag] = c
	}
	return c
}
