package client

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/tomo-viz/tomo/track/series"
	"github.com/tomo-viz/tomo/track/wire"
)

// Options say how a run is sent. Zeros are the defaults.
type Options struct {
	// Token is what the server wants to know; the address that it prints has it.
	Token string
	// Every is how long points wait for others before they are sent; 500 ms.
	Every time.Duration
	// MaxBatch is how many points are sent at a time; 20,000.
	MaxBatch int
	// MaxWaiting is how many points wait in memory; 1,000,000, some 24 MB. Records
	// count as a point for each 24 bytes.
	MaxWaiting int
	// Drop drops what is logged while so many points wait. Without it, logging
	// waits, which holds up the training rather than losing something.
	Drop bool
	// HTTP sends the requests; nil is a client with a timeout of a minute.
	HTTP *http.Client
	// Warn is told of what is refused, and of the first of several failures in a
	// row; nil tells nobody. Close returns what was lost in any case.
	Warn func(error)
}

func (o *Options) complete() {
	if o.Every == 0 {
		o.Every = 500 * time.Millisecond
	}
	if o.MaxBatch == 0 {
		o.MaxBatch = 20_000
	}
	if o.MaxWaiting == 0 {
		o.MaxWaiting = 1_000_000
	}
	o.MaxBatch = min(o.MaxBatch, o.MaxWaiting)
	if o.HTTP == nil {
		o.HTTP = &http.Client{Timeout: time.Minute}
	}
	if o.Warn == nil {
		o.Warn = func(error) {}
	}
}

// A Run is a training that is being logged. It is safe for concurrent use.
type Run struct {
	ID string

	opt     Options
	address string // of the run
	session string // in the IDs of its batches

	mu      sync.Mutex
	room    *sync.Cond // told when what waits was sent
	waiting buffer
	logged  int   // points so far
	settled int   // of them, those that were sent or refused
	dropped int   // for want of room
	late    int   // logged when closed
	refused error // the first
	closed  bool

	wake chan struct{} // that there is a batch's worth, or no more to come
	stop context.CancelFunc
	done chan struct{}
}

// Start makes a run at a server, or goes on with the one whose ID is given. The
// server's address may have the token that it printed. ctx ends the attempt to
// reach it, not the run.
func Start(ctx context.Context, server string, run wire.Run, opt Options) (*Run, error) {
	opt.complete()
	base, err := url.Parse(server)
	if err != nil || base.Host == "" {
		return nil, fmt.Errorf("%q is no address of a server, such as http://localhost:8080", server)
	}
	if opt.Token == "" {
		opt.Token = base.Query().Get("token")
	}
	if run.ID == "" {
		run.ID = strings.ToLower(rand.Text())
	}
	if run.Created == 0 {
		run.Created = seconds(time.Now())
	}
	root := (&url.URL{Scheme: base.Scheme, Host: base.Host, Path: strings.TrimSuffix(base.Path, "/")}).String() + "/api/runs"
	r := &Run{
		ID: run.ID, opt: opt, address: root + "/" + url.PathEscape(run.ID), session: rand.Text()[:12],
		wake: make(chan struct{}, 1), done: make(chan struct{}),
	}
	r.room = sync.NewCond(&r.mu)
	if err := r.insist(ctx, root, run); err != nil {
		return nil, err
	}
	var sending context.Context
	sending, r.stop = context.WithCancel(context.WithoutCancel(ctx))
	go r.send(sending)
	return r, nil
}

func seconds(t time.Time) float64 { return float64(t.UnixMicro()) / 1e6 }

// Log logs values of metrics at a step, at this moment.
func (r *Run) Log(step float64, values map[string]float64) {
	now := time.Now().UnixMicro()
	r.add(len(values), func() {
		for name, v := range values {
			r.waiting.points(name, series.Point{Step: step, Time: now, Value: v})
		}
	})
}

// LogValue logs the value of one metric at a step, at this moment.
func (r *Run) LogValue(name string, step, value float64) {
	now := time.Now().UnixMicro()
	r.add(1, func() { r.waiting.points(name, series.Point{Step: step, Time: now, Value: value}) })
}

// pointBytes is what a point takes.
const pointBytes = 24

// LogPoints logs points of one metric. Those without a time have that of their
// arrival.
func (r *Run) LogPoints(name string, points []series.Point) {
	r.add(len(points), func() { r.waiting.points(name, points...) })
}

// Record logs a histogram, an image or a text.
func (r *Run) Record(rec wire.Record) {
	if rec.Time == 0 {
		rec.Time = seconds(time.Now())
	}
	r.add(1+len(rec.Bytes())/pointBytes, func() { r.waiting.records = append(r.waiting.records, rec) })
}

// Config sets values of the run's configuration, of any types that JSON knows.
func (r *Run) Config(values map[string]any) error {
	raw := map[string]any{}
	for name, v := range values {
		text, err := json.Marshal(v)
		if err != nil {
			return fmt.Errorf("%q of the configuration: %w", name, err)
		}
		raw[name] = json.RawMessage(text) // the caller may change it
	}
	r.add(len(values), func() { r.waiting.setConfig(raw) })
	return nil
}

// Tags sets tags of the run.
func (r *Run) Tags(tags map[string]string) {
	r.add(len(tags), func() { r.waiting.setTags(tags) })
}

// add lets something wait that is worth so many points, when there is room. What
// is larger than all room goes alone.
func (r *Run) add(size int, put func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for !r.closed && r.held() > 0 && r.held()+size > r.opt.MaxWaiting {
		if r.opt.Drop {
			r.dropped += size
			return
		}
		r.hurry()
		r.room.Wait()
	}
	if r.closed {
		r.late += size
		return
	}
	put()
	r.waiting.size += size
	r.logged += size
	if r.waiting.size >= r.opt.MaxBatch {
		r.hurry()
	}
}

func (r *Run) held() int { return r.logged - r.settled }

func (r *Run) hurry() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// Cut takes back what the run has at a step and later ones, of all metrics or of
// some, as a training does that goes on from a checkpoint. What was logged before
// is sent first.
func (r *Run) Cut(ctx context.Context, step float64, metrics ...string) error {
	if err := r.Flush(ctx); err != nil {
		return err
	}
	return r.insist(ctx, r.address+"/cut", wire.Cut{Step: step, Metrics: metrics})
}

// Flush returns when all that was logged before is kept by the server, or was
// refused, or when ctx ends.
func (r *Run) Flush(ctx context.Context) error {
	defer context.AfterFunc(ctx, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.room.Broadcast()
	})()
	r.mu.Lock()
	defer r.mu.Unlock()
	for logged := r.logged; r.settled < logged && ctx.Err() == nil; {
		r.waiting.due = true
		r.hurry()
		r.room.Wait()
	}
	return ctx.Err()
}

// Close sends what waits, says what became of the run (finished, failed or
// killed), and returns what of it was lost: also what others log while it closes.
// When ctx ends before, the rest is lost.
func (r *Run) Close(ctx context.Context, state string) error {
	if !r.shut() {
		return nil
	}
	flushed := r.Flush(ctx)
	r.stop()
	<-r.done
	var ended error
	if flushed == nil {
		ended = r.insist(ctx, r.address+"/end", wire.End{State: state, At: seconds(time.Now())})
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	var unsent error
	if flushed != nil {
		unsent = fmt.Errorf("%d points were not sent: %w", r.held(), flushed)
	}
	return errors.Join(unsent, r.lost(), r.refused, ended)
}

// shut takes no more from now on, and reports whether it did until now.
func (r *Run) shut() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	before := !r.closed
	r.closed = true
	r.room.Broadcast()
	return before
}

// lost tells what was never taken.
func (r *Run) lost() error {
	var errs []error
	if r.dropped > 0 {
		errs = append(errs, fmt.Errorf("%d points were dropped, because %d waited already", r.dropped, r.opt.MaxWaiting))
	}
	if r.late > 0 {
		errs = append(errs, fmt.Errorf("%d points were logged while the run was being closed", r.late))
	}
	return errors.Join(errs...)
}
