package kernel

import (
	"runtime"
	"sync/atomic"
	"time"
)

// job is one parallel loop. Threads claim its iterations one by one; the loop is
// over when as many are done as there are.
type job struct {
	n       int
	body    func(i int)
	stop    func() bool // asked before each iteration
	claimed atomic.Int64
	done    atomic.Int64
	failure atomic.Pointer[any] // the first panic of body
}

// work runs iterations until none is left to claim.
func (j *job) work() {
	for {
		i := j.claimed.Add(1) - 1
		if i >= int64(j.n) {
			return
		}
		j.iterate(int(i))
	}
}

// iterate runs one iteration. A panic is kept for the goroutine that called Run:
// in a worker it would end the program.
func (j *job) iterate(i int) {
	defer func() {
		if r := recover(); r != nil {
			j.failure.CompareAndSwap(nil, &r)
		}
		j.done.Add(1)
	}()
	if j.failure.Load() == nil && !j.stop() {
		j.body(i)
	}
}

// wait returns when the iterations that other threads have claimed are done. It
// never waits for a thread that waits for this one, because iterations only wait
// for those of loops that they started themselves. Where it takes long, the
// processors have other work and the other thread perhaps none: this one sleeps.
func (j *job) wait() {
	start := time.Now()
	for spins := 1; j.done.Load() < int64(j.n); spins++ {
		spinPause()
		if spins%64 > 0 {
			continue
		}
		runtime.Gosched()
		if time.Since(start) > spinTime {
			time.Sleep(spinTime / 8)
		}
	}
	if r := j.failure.Load(); r != nil {
		panic(*r)
	}
}
