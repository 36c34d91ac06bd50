package track

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"time"
)

// A Piece is some of what an importer has read of a source, in its order.
type Piece struct {
	Run *Run
	// Cut, if it is not nil, first takes back what the run has at that step and
	// later ones, as Cut does.
	Cut *float64
	// Anew first takes back all that the run has, its configuration and its tags
	// too.
	Anew  bool
	Batch Batch
	// Source names what the piece was read from, uniquely in the store, and State
	// is how to go on behind the piece: SourceState returns it once the piece is
	// kept. Without a Source no state is kept.
	Source string
	State  []byte
}

// Import adds pieces in their order, all of them with their states, or nothing.
// It is made for pieces of some hundred thousand points: chunks that they fill
// are written once, by all processors. The store owns the points afterwards.
func (s *Store) Import(ctx context.Context, pieces ...*Piece) error {
	now := time.Now()
	for _, p := range pieces {
		if err := p.Batch.check(now); err != nil {
			return err
		}
	}
	return s.submit(ctx, &entry{alone: true, change: func(t *transaction) error {
		for _, p := range pieces {
			if err := t.take(p); err != nil {
				return err
			}
		}
		return nil
	}})
}

func (t *transaction) take(p *Piece) error {
	if p.Anew {
		if err := t.empty(p.Run.row); err != nil {
			return err
		}
	}
	if p.Cut != nil {
		if err := t.cutRun(p.Run.row, *p.Cut, nil); err != nil {
			return err
		}
	}
	if err := t.log(p.Run.row, &p.Batch); err != nil || p.Source == "" {
		return err
	}
	state := p.State
	if state == nil {
		state = []byte{}
	}
	_, err := t.Exec("INSERT INTO source (name, run, state) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET run = excluded.run, state = excluded.state", p.Source, p.Run.row, state)
	return err
}

// empty takes back all that was logged of a run, and what it was configured and
// tagged with. Other notes, which are not the log's, stay.
func (t *transaction) empty(run int64) error {
	if err := t.cutRun(run, -math.MaxFloat64, nil); err != nil {
		return err
	}
	_, err := t.Exec("DELETE FROM setting WHERE run = ? AND kind IN (?, ?)", run, ConfigNote, TagNote)
	return err
}

// SourceState returns how to go on with a source; nil if nothing of it was
// imported.
func (s *Store) SourceState(ctx context.Context, source string) ([]byte, error) {
	var state []byte
	err := s.row(ctx, "SELECT state FROM source WHERE name = ?", source)(&state)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return state, err
}
