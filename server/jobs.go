package server

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log"
	"runtime/debug"
	"sync"
	"time"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/render"
	"github.com/tomo-viz/tomo/viz"
)

// jobs runs techniques, a few at a time. Asking for what is already being
// made joins that work. A job goes on when nobody watches it any more: its
// figure is kept for when somebody comes back.
type jobs struct {
	base    context.Context
	slots   chan struct{}
	figures *figures
	log     *log.Logger

	mu    sync.Mutex
	byID  map[string]*job
	byKey map[string]*job // the latest for a figure
}

// Bounds of the work at hand, and how long an ended job can be asked about.
const (
	maxQueued = 64
	memory    = 10 * time.Minute
)

func newJobs(base context.Context, slots int, kept *figures, log *log.Logger) *jobs {
	return &jobs{
		base: base, slots: make(chan struct{}, slots), figures: kept, log: log,
		byID: map[string]*job{}, byKey: map[string]*job{},
	}
}

// A task computes a figure.
type task func(context.Context, func(viz.Progress)) (figure.Figure, error)

// start runs the task for the figure of that key, unless it is kept or being
// made already.
func (js *jobs) start(key string, do task) (status, error) {
	js.mu.Lock()
	defer js.mu.Unlock()
	js.forget()
	if j := js.byKey[key]; j != nil && j.joinable() {
		return j.now(), nil
	}
	if js.figures.has(key) {
		return status{Key: key, State: "done"}, nil
	}
	waiting := 0
	for _, j := range js.byID {
		if j.live() {
			waiting++
		}
	}
	if waiting >= maxQueued {
		return status{}, busy{fmt.Sprintf("%d jobs are waiting already; let some end, or cancel them", waiting)}
	}
	j := &job{ID: rand.Text(), Key: key}
	j.status = status{ID: j.ID, Key: key, State: "queued"}
	ctx, cancel := context.WithCancel(js.base)
	j.free = cancel
	js.byID[j.ID], js.byKey[key] = j, j
	go js.run(ctx, j, do)
	return j.now(), nil
}

// forget drops jobs that ended a while ago.
func (js *jobs) forget() {
	for id, j := range js.byID {
		if end := j.ended(); !end.IsZero() && time.Since(end) > memory {
			delete(js.byID, id)
			if js.byKey[j.Key] == j {
				delete(js.byKey, j.Key)
			}
		}
	}
}

func (js *jobs) find(id string) (*job, error) {
	js.mu.Lock()
	defer js.mu.Unlock()
	if j := js.byID[id]; j != nil {
		return j, nil
	}
	return nil, notFound{"this job is not known; it may have ended a while ago"}
}

// partial returns what a running or cancelled job has made so far of a figure,
// or nil.
func (js *jobs) partial(key string) figure.Figure {
	js.mu.Lock()
	j := js.byKey[key]
	js.mu.Unlock()
	if j == nil {
		return nil
	}
	fig, err := render.ReadJSON(bytes.NewReader(j.soFar()))
	if err != nil {
		return nil
	}
	return fig
}

func (js *jobs) run(ctx context.Context, j *job, do task) {
	defer j.free()
	defer j.feed.Close()
	select {
	case js.slots <- struct{}{}:
		defer func() { <-js.slots }()
	case <-ctx.Done():
	}
	if ctx.Err() != nil {
		j.end("cancelled", nil, nil)
		return
	}
	j.update(func(s *status) { s.State = "running" })
	fig, err := js.protect(ctx, j, do)
	switch {
	case err == nil:
		if err := js.figures.put(j.Key, fig); err != nil {
			js.log.Println("a figure could not be kept:", err)
		}
		j.end("done", nil, nil)
	case errors.Is(err, context.Canceled):
		j.end("cancelled", fig, nil)
	default:
		f, _ := classify(err)
		j.end("failed", fig, &f)
	}
}

// protect turns a panic of a technique into an error, with its stack in the
// log: one broken view must not take the others down.
func (js *jobs) protect(ctx context.Context, j *job, do task) (fig figure.Figure, err error) {
	defer func() {
		if r := recover(); r != nil {
			js.log.Printf("panic: %v\n%s", r, debug.Stack())
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	fig, err = do(ctx, j.report)
	if fig == nil && err == nil {
		err = errors.New("the technique returned neither a figure nor an error")
	}
	return fig, err
}
