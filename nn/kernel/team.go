package kernel

import "context"

// Team is a [Pool] bound to a context. Every parallel kernel takes one first. A
// nil *Team means the calling goroutine alone, without cancellation.
type Team struct {
	pool *Pool
	ctx  context.Context
}

// Threads returns how many threads may compute at a time.
func (t *Team) Threads() int {
	if t == nil || t.pool == nil {
		return 1
	}
	return t.pool.Threads()
}

// Err returns the error of the team's context: not nil means that results
// computed since are incomplete.
func (t *Team) Err() error {
	if t == nil {
		return nil
	}
	return t.ctx.Err()
}

// alone returns a team of one thread that stops when t does.
func (t *Team) alone() *Team {
	if t == nil {
		return nil
	}
	return &Team{ctx: t.ctx}
}

func (t *Team) stopped() bool { return t != nil && t.ctx.Err() != nil }

// Run calls body(0) ... body(n-1), in no order and on several threads at once,
// and returns when all calls have. Iterations should take ten microseconds or
// more; see [Team.Ranges] for lighter ones. Once the context has ended the rest
// is skipped. Run may be called inside body. A panic of body is raised again
// here.
func (t *Team) Run(n int, body func(i int)) {
	if t.Threads() == 1 || n <= 1 {
		t.runAlone(n, body)
		return
	}
	j := &job{n: n, body: body, stop: t.stopped}
	place := t.pool.publish(j)
	j.work()
	if place != nil {
		place.Store(nil)
	}
	j.wait()
}

func (t *Team) runAlone(n int, body func(i int)) {
	for i := 0; i < n && !t.stopped(); i++ {
		body(i)
	}
}

// Ranges splits 0 <= i < n into even ranges [lo, hi) of at least grain iterations,
// or one if n is less, and calls body for each as [Team.Run] does. There are a few
// ranges per thread, so that uneven ones even out.
func (t *Team) Ranges(n, grain int, body func(lo, hi int)) {
	if n <= 0 {
		return
	}
	parts := min(max(n/max(grain, 1), 1), 4*t.Threads())
	if t.Threads() == 1 {
		parts = min(parts, 64) // for cancellation alone
	}
	t.Run(parts, func(i int) {
		body(split(n, parts, i), split(n, parts, i+1))
	})
}

// split returns where part i of n things divided evenly among parts begins. It
// does not overflow.
func split(n, parts, i int) int {
	return n/parts*i + min(n%parts, i)
}
