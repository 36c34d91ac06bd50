package data

import (
	"context"
	"iter"
	"sync"
)

// Ahead reads n things, up to most of them at a time and ahead of whoever takes
// them, and yields each, or why there is none, in order. No more than most are
// in memory that have not been taken. It ends early when ctx does, and has come
// to rest when it ends.
func Ahead[T any](ctx context.Context, n, most int, read func(ctx context.Context, i int) (T, error)) iter.Seq2[T, error] {
	type result struct {
		thing T
		err   error
	}
	return func(yield func(T, error) bool) {
		reading, cancel := context.WithCancel(ctx)
		// Each has a channel of its own, so that the order is kept.
		ahead := make(chan chan result, max(most, 1)-1)
		var running sync.WaitGroup
		defer running.Wait()
		defer cancel()
		running.Go(func() {
			defer close(ahead)
			for i := range n {
				one := make(chan result, 1)
				select {
				case ahead <- one:
				case <-reading.Done():
					return
				}
				running.Go(func() {
					thing, err := read(reading, i)
					one <- result{thing, err}
				})
			}
		})
		for one := range ahead {
			r := <-one
			if ctx.Err() != nil || !yield(r.thing, r.err) {
				return
			}
		}
	}
}
