package kernel

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// A worker that has run out of work watches for more during spinTime before it
// sleeps. Waking a sleeping thread costs tens of microseconds, the gap between
// two layers of a network a few, so without the watch small layers do not scale.
const spinTime = 500 * time.Microsecond

// maxJobs bounds the calls of Run that one pool's workers help with at a time.
// A call that finds no place runs on its own goroutine.
const maxJobs = 16

// Pool is a fixed set of worker threads that share the loops given to
// [Team.Run]. Idle workers sleep. It may be used by several goroutines at once.
type Pool struct {
	*crew
}

// crew is what the workers hold. It is apart from Pool so that a Pool nobody
// refers to any more can be collected and its workers ended.
type crew struct {
	jobs    [maxJobs]atomic.Pointer[job]
	version atomic.Uint64 // counts published jobs: what a spinning worker watches
	workers []*worker
	closed  atomic.Bool
	ended   sync.WaitGroup
}

// worker is one sleeping place.
type worker struct {
	asleep atomic.Bool
	wake   chan struct{}
}

// NewPool starts a pool in which n threads compute: n-1 workers and the
// goroutine that calls Run. If n is not positive it is runtime.GOMAXPROCS(0).
func NewPool(n int) *Pool {
	if n <= 0 {
		n = runtime.GOMAXPROCS(0)
	}
	c := &crew{workers: make([]*worker, n-1)}
	for i := range c.workers {
		w := &worker{wake: make(chan struct{}, 1)}
		c.workers[i] = w
		c.ended.Go(func() { c.serve(w) })
	}
	p := &Pool{c}
	runtime.AddCleanup(p, (*crew).close, c)
	return p
}

// SharedPool returns the pool of the whole program, started at its first use.
// Executors that share it do not compete for processors. It must not be closed.
var SharedPool = sync.OnceValue(func() *Pool { return NewPool(0) })

// Threads returns how many threads compute, the caller's included.
func (p *Pool) Threads() int { return len(p.workers) + 1 }

// Team binds the pool to a context: what it runs stops soon after ctx ends.
func (p *Pool) Team(ctx context.Context) *Team { return &Team{pool: p, ctx: ctx} }

// Close ends the workers and returns when they are gone. Loops that are running
// are finished; Run on a closed pool works on the caller's goroutine alone.
func (p *Pool) Close() {
	p.close()
	p.ended.Wait()
}

func (c *crew) close() {
	c.closed.Store(true)
	c.version.Add(1)
	c.wakeWorkers(len(c.workers))
}

// serve is the life of a worker: help, watch, sleep.
func (c *crew) serve(w *worker) {
	seen := uint64(0)
	for !c.closed.Load() {
		seen = c.version.Load()
		c.help()
		if c.watch(seen) {
			continue
		}
		w.asleep.Store(true)
		if c.version.Load() != seen && w.asleep.CompareAndSwap(true, false) {
			continue
		}
		<-w.wake
	}
}

// watch waits a bounded time for a job newer than seen and says whether there is
// one.
func (c *crew) watch(seen uint64) bool {
	start := time.Now()
	for time.Since(start) < spinTime {
		for range 64 {
			if c.version.Load() != seen {
				return true
			}
			spinPause()
		}
		runtime.Gosched()
	}
	return false
}

// help takes part in every job there is.
func (c *crew) help() {
	for i := range c.jobs {
		if j := c.jobs[i].Load(); j != nil {
			j.work()
		}
	}
}

// publish shows a job to the workers and returns its place, or nil if there is
// none free.
func (c *crew) publish(j *job) *atomic.Pointer[job] {
	if len(c.workers) == 0 || c.closed.Load() {
		return nil
	}
	for i := range c.jobs {
		if c.jobs[i].CompareAndSwap(nil, j) {
			c.version.Add(1)
			c.wakeWorkers(j.n - 1)
			return &c.jobs[i]
		}
	}
	return nil
}

// wakeWorkers wakes up to n sleeping workers.
func (c *crew) wakeWorkers(n int) {
	for _, w := range c.workers {
		if n <= 0 {
			return
		}
		if w.asleep.CompareAndSwap(true, false) {
			w.wake <- struct{}{}
			n--
		}
	}
}
