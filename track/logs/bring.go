package logs

import (
	"context"
	"errors"
	"fmt"

	"github.com/tomo-viz/tomo/track"
)

// A kept is one piece as the index takes it: in several where a file has more
// points between two of its positions than a batch may have.
type kept struct {
	run    *run
	pieces []*track.Piece
}

// split makes batches of at most so many points, the last with the state.
func (p *piece) split(most int) (pieces []*track.Piece) {
	last := &track.Piece{Run: p.run.stored, Anew: p.anew, Cut: p.cut, Batch: p.batch, Source: p.run.source(), State: p.state}
	var some []track.Metric
	room := most
	for _, m := range p.batch.Metrics {
		for len(m.Points) > room {
			if room > 0 {
				some = append(some, track.Metric{Name: m.Name, Points: m.Points[:room:room]})
			}
			pieces = append(pieces, &track.Piece{Run: last.Run, Anew: last.Anew, Cut: last.Cut, Batch: track.Batch{Metrics: some}})
			m.Points, some, room = m.Points[room:], nil, most
			last.Anew, last.Cut = false, nil
		}
		some = append(some, m)
		room -= len(m.Points)
	}
	last.Batch.Metrics = some
	return append(pieces, last)
}

// bring imports pieces in one transaction. What the index refuses is the trouble
// of one run, which keeps what it has.
func (k *keeper) bring(ctx context.Context, ready []kept) error {
	var all []*track.Piece
	for _, one := range ready {
		all = append(all, one.pieces...)
	}
	err := k.index.Import(ctx, all...)
	if !errors.Is(err, track.ErrRefused) {
		return err
	}
	if len(ready) == 1 {
		r := ready[0].run
		r.refused = true
		r.root.lib.warn(fmt.Errorf("%s: %w", r.root.full(r.name), err))
		return nil
	}
	for i := range ready {
		if ready[i].run.refused {
			continue
		}
		if err := k.bring(ctx, ready[i:i+1]); err != nil {
			return err
		}
	}
	return nil
}
