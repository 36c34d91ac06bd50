package track

import (
	"context"
	"sync"
)

// changes counts what changed, and wakes who waits for it.
type changes struct {
	mu   sync.Mutex
	all  uint64
	runs map[int64]uint64 // the count at which a run last changed
	next chan struct{}    // closed by the next change
}

func (c *changes) init() {
	c.runs, c.next = map[int64]uint64{}, make(chan struct{})
}

// tell counts one change of some runs.
func (c *changes) tell(runs map[int64]bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all++
	for run := range runs {
		c.runs[run] = c.all
	}
	close(c.next)
	c.next = make(chan struct{})
}

func (c *changes) read(run *Run) (uint64, <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if run == nil {
		return c.all, c.next
	}
	return c.runs[run.row], c.next
}

// Changed returns a number that differs whenever something of a run has changed,
// of any run where it is nil. It means nothing to another store, nor to the same
// file when it is opened again. A fork changes with its parent, which has a
// number of its own.
func (s *Store) Changed(r *Run) uint64 {
	n, _ := s.changes.read(r)
	return n
}

// Wait returns when Changed is no longer the number given, with the new one, or
// when ctx ends.
func (s *Store) Wait(ctx context.Context, r *Run, since uint64) (uint64, error) {
	for {
		n, next := s.changes.read(r)
		if n != since {
			return n, nil
		}
		select {
		case <-next:
		case <-ctx.Done():
			return since, ctx.Err()
		case <-s.stopped:
			return since, ErrClosed
		}
	}
}
