package logs

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/tomo-viz/tomo/track"
)

// A piece is what was read of one run, and the state that belongs to it.
type piece struct {
	run *run
	about
	anew  bool
	cut   *float64
	cuts  map[string]float64
	batch track.Batch
	state []byte
	first int64 // the earliest time of the run
	held  int   // bytes
}

// A keeper brings pieces into an index while their readers read on: those of
// many small runs in one transaction.
type keeper struct {
	index   *track.Store
	waiting chan *piece
	room    *semaphore.Weighted
	stop    context.CancelCauseFunc // of the readers
	stopped sync.WaitGroup
	failed  error
}

// Bounds of what waits to be kept.
const (
	maxPieces = 256
	maxHeld   = 4 * heldBytes
)

// newKeeper returns a keeper, and a context for the readers that ends with it.
func newKeeper(ctx context.Context, index *track.Store) (*keeper, context.Context) {
	k := &keeper{index: index, waiting: make(chan *piece, maxPieces), room: semaphore.NewWeighted(maxHeld)}
	reading, stop := context.WithCancelCause(ctx)
	k.stop = stop
	k.stopped.Go(func() { k.run(ctx) })
	return k, reading
}

// weight is what a piece takes of the room; the largest takes all.
func (p *piece) weight() int64 { return min(int64(p.held), maxHeld) }

// take waits for room.
func (k *keeper) take(ctx context.Context, p *piece) error {
	if err := k.room.Acquire(ctx, p.weight()); err != nil {
		return context.Cause(ctx)
	}
	select {
	case k.waiting <- p:
		return nil
	case <-ctx.Done():
		k.room.Release(p.weight())
		return context.Cause(ctx)
	}
}

// finish waits until all is kept.
func (k *keeper) finish() error {
	close(k.waiting)
	k.stopped.Wait()
	k.stop(nil)
	return k.failed
}

// run keeps pieces until there are no more. After a failure nothing is kept,
// since what comes later rests on what failed.
func (k *keeper) run(ctx context.Context) {
	for first := range k.waiting {
		group := []*piece{first}
		for len(group) < maxPieces && len(k.waiting) > 0 {
			group = append(group, <-k.waiting)
		}
		if k.failed == nil {
			if k.failed = k.keep(ctx, group); k.failed != nil {
				k.stop(k.failed)
			}
		}
		for _, p := range group {
			k.room.Release(p.weight())
		}
	}
}

func (k *keeper) keep(ctx context.Context, group []*piece) error {
	var ready []kept
	for _, p := range group {
		if p.run.refused {
			continue
		}
		if err := k.create(ctx, p); err != nil {
			return err
		}
		if len(p.cuts) > 0 { // they are not part of a transaction with others
			if err := k.bring(ctx, ready); err != nil {
				return err
			}
			ready = nil
		}
		for metric, step := range p.cuts {
			if err := k.index.Cut(ctx, p.run.stored, step, metric); err != nil {
				return err
			}
		}
		if err := k.tell(ctx, p); err != nil {
			return err
		}
		ready = append(ready, kept{p.run, p.split(track.MaxPoints)})
	}
	return k.bring(ctx, ready)
}

// create makes the run where it is not there yet.
func (k *keeper) create(ctx context.Context, p *piece) error {
	r := p.run
	if r.stored != nil {
		return nil
	}
	created, title := time.Now(), p.title
	if title == "" {
		title = r.root.titleOf(r.name)
	}
	if p.first != 0 {
		created = time.UnixMicro(p.first)
	}
	stored, err := k.index.CreateRun(ctx, track.Run{ID: r.id, Project: r.root.project(), Title: title, Created: created})
	if err == nil {
		r.stored = stored
	}
	return err
}
