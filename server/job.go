package server

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/viz"
)

// A job is one run of a technique.
type job struct {
	ID   string
	Key  string // of the figure
	feed Feed
	free context.CancelFunc

	mu       sync.Mutex
	status   status
	stopped  bool // by a user; it may take a step to end
	finished time.Time
	// partial is the figure so far, encoded: the technique goes on changing
	// what it reported.
	partial json.RawMessage
	encoded time.Time     // when that was
	cost    time.Duration // of encoding it
}

// A status is how far a job is.
type status struct {
	ID     string   `json:"job"`
	Key    string   `json:"figure"`
	State  string   `json:"state"` // queued, running, done, failed, cancelled
	Done   int      `json:"done"`
	Total  int      `json:"total"`
	What   string   `json:"what,omitempty"`
	Failed *failure `json:"failure,omitempty"`
	// Partial numbers the figures so far, from 1; who sees a new number asks
	// for the figure when there is time to draw it.
	Partial int `json:"partial,omitempty"`
}

// sparing is how many times as long as its encoding took a figure so far is
// left as it is: the work goes before the watching.
const sparing = 10

// report tells the watchers how far the technique is.
func (j *job) report(p viz.Progress) {
	if j.due() {
		j.keep(p.Partial)
	}
	j.update(func(s *status) { s.Done, s.Total, s.What = p.Done, p.Total, p.What })
}

// keep notes what there is of the figure so far, if there is anything.
func (j *job) keep(fig figure.Figure) {
	if fig == nil {
		return
	}
	began := time.Now()
	raw, err := encode(fig)
	if err != nil {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.partial = raw
	j.status.Partial++
	j.encoded = time.Now()
	j.cost = j.encoded.Sub(began)
}

// due reports whether a figure so far may be encoded again.
func (j *job) due() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return time.Since(j.encoded) >= sparing*j.cost
}

func (j *job) soFar() json.RawMessage {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.partial
}

// end is the last that happens to a job.
func (j *job) end(state string, partial figure.Figure, f *failure) {
	j.keep(partial)
	j.mu.Lock()
	j.finished = time.Now()
	j.status.State, j.status.Failed = state, f
	if state == "done" {
		j.partial = nil // the whole figure is kept
	}
	j.mu.Unlock()
	j.feed.Send("end", j.now())
}

// cancel stops the job within a step.
func (j *job) cancel() {
	j.mu.Lock()
	j.stopped = true
	j.mu.Unlock()
	j.free()
}

// update changes the status and tells the watchers.
func (j *job) update(change func(*status)) {
	j.mu.Lock()
	change(&j.status)
	j.mu.Unlock()
	j.feed.replace("progress", j.now())
}

func (j *job) now() status {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.status
}

func (j *job) live() bool { return j.ended().IsZero() }

// joinable reports whether who asks for the same figure may wait for this job.
func (j *job) joinable() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.finished.IsZero() && !j.stopped
}

func (j *job) ended() time.Time {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.finished
}
