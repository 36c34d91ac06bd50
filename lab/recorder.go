package lab

import (
	"context"
	"errors"
	"time"

	"github.com/tomo-viz/tomo/nn/train"
	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/gradlog"
	"github.com/tomo-viz/tomo/track/series"
)

// A Recorder logs a training as it goes: the rate, loss and accuracy, and of each
// parameter the gradient and how far a step moves it, under the names of package
// gradlog. Its methods are meant for train.Options. The training does not wait for
// the disk: what is logged is written beside it. What a store refuses ends the
// recording and not the training; Close tells.
type Recorder struct {
	ctx     context.Context
	store   *track.Store
	run     *track.Run
	batch   track.Batch
	places  map[string]int // of the metrics in the batch
	points  int            // in the batch
	flushed time.Time
	writing chan error // what comes of the batch that is being written, nil if none is
	err     error
}

// How late a point may be seen, while the disk keeps up; and how many points wait
// for a disk that does not before the training waits too.
const (
	flushEvery = 250 * time.Millisecond
	mostPoints = 1 << 20
)

// NewRecorder logs to a run of a store.
func NewRecorder(ctx context.Context, store *track.Store, run *track.Run) *Recorder {
	return &Recorder{ctx: ctx, store: store, run: run, places: map[string]int{}, flushed: time.Now()}
}

// Watch logs what a step did to the parameters; see train.Options.Watch.
func (r *Recorder) Watch(at train.Report, changes []train.Change) {
	if at.Step == 1 {
		names := make([]string, len(changes))
		for i, c := range changes {
			names[i] = c.Name
		}
		r.batch.Config = map[string]any{gradlog.OrderSetting: names}
	}
	var all gradlog.Stats
	for _, c := range changes {
		g := gradlog.Of(c.Gradient)
		all = gradlog.Join(all, g)
		weight := gradlog.Of(c.Before).Norm
		for m, value := range map[gradlog.Measure]float64{
			gradlog.Norm: g.Norm, gradlog.Mean: g.Mean, gradlog.Std: g.Std, gradlog.Min: g.Min, gradlog.Max: g.Max,
			gradlog.Zeros: g.Zeroed(), gradlog.NonFinite: float64(g.NonFinite), gradlog.WeightNorm: weight,
		} {
			r.add(at.Step, gradlog.Name(c.Name, m), value)
		}
		if weight > 0 { // a bias begins at zero
			r.add(at.Step, gradlog.Name(c.Name, gradlog.Update), gradlog.Distance(c.After, c.Before)/weight)
		}
	}
	r.add(at.Step, gradlog.Name("", gradlog.Norm), all.Norm)
}

// Report logs how the training stands; see train.Options.Report.
func (r *Recorder) Report(at train.Report) {
	if at.Validated {
		r.add(at.Step, "loss/validation", at.ValLoss)
		r.add(at.Step, "accuracy/validation", at.ValAccuracy)
	} else {
		r.add(at.Step, "rate", at.Rate)
		r.add(at.Step, "loss/train", at.Loss)
		r.add(at.Step, "accuracy/train", at.Accuracy)
	}
	switch {
	case r.points >= mostPoints:
		r.wait()
		r.flush()
	case time.Since(r.flushed) >= flushEvery && r.written():
		r.flush()
	}
}

// Close logs what is left and says how the training ended.
func (r *Recorder) Close(state track.State) error {
	r.ctx = context.WithoutCancel(r.ctx) // what was learnt before it ended is kept
	r.wait()
	r.flush()
	r.wait()
	return errors.Join(r.err, r.store.EndRun(r.ctx, r.run, state, time.Now()))
}

func (r *Recorder) add(step int, name string, value float64) {
	at, known := r.places[name]
	if !known {
		at = len(r.batch.Metrics)
		r.places[name] = at
		r.batch.Metrics = append(r.batch.Metrics, track.Metric{Name: name})
	}
	m := &r.batch.Metrics[at]
	m.Points = append(m.Points, series.Point{Step: float64(step), Time: time.Now().UnixMicro(), Value: value})
	r.points++
}

// flush begins to write the batch. None may be being written.
func (r *Recorder) flush() {
	if r.err == nil {
		ctx, batch, writing := r.ctx, r.batch, make(chan error, 1)
		r.writing = writing
		go func() { writing <- r.store.Log(ctx, r.run, &batch) }()
	}
	r.batch, r.points, r.flushed = track.Batch{}, 0, time.Now()
	clear(r.places)
}

// written tells whether no batch is being written any more.
func (r *Recorder) written() bool {
	select {
	case r.err = <-r.writing:
		r.writing = nil
	default:
	}
	return r.writing == nil
}

// wait waits until it is so.
func (r *Recorder) wait() {
	if r.writing != nil {
		r.err, r.writing = <-r.writing, nil
	}
}
