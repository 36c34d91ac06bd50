package server

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/viz"
)

// A catalog is what the server knows of the runs in its stores, so that pages
// with thousands of curves ask no store for what has not changed. Every change
// has a number; who knows it up to one is told only of later ones.
type catalog struct {
	// list tells all runs, the first of one ID being the one that counts.
	list func(context.Context) ([]viz.Run, error)
	// live is a store that may have no runs yet; nil means none.
	live *track.Store

	mu     sync.Mutex
	last   int64 // number of the last change
	cards  map[string]*runCard
	stores map[*track.Store]uint64 // how far each had changed when it was looked at
	again  bool                    // other runs may be listed, though no store has changed

	wake    chan struct{} // closed when something has changed
	watched int           // by so many
	unwatch context.CancelFunc
}

func newCatalog(live *track.Store, list func(context.Context) ([]viz.Run, error)) *catalog {
	return &catalog{live: live, list: list, cards: map[string]*runCard{}, again: true, wake: make(chan struct{})}
}

// lookAgain says that other runs may be listed.
func (c *catalog) lookAgain() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.again = true
}

// refresh looks at what has changed.
func (c *catalog) refresh(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.changed() {
		return nil
	}
	before := c.last
	if err := c.look(ctx); err != nil {
		c.again = true // what it would have seen is still to be seen
		return err
	}
	if c.last != before {
		close(c.wake)
		c.wake = make(chan struct{})
	}
	return nil
}

func (c *catalog) changed() bool {
	for s, seen := range c.stores {
		if s.Changed(nil) != seen {
			return true
		}
	}
	return c.again
}

// look reads the cards of the runs that may have changed. What is logged
// meanwhile is seen the next time.
func (c *catalog) look(ctx context.Context) error {
	c.again = false
	before := map[*track.Store]uint64{}
	for s := range c.stores {
		before[s] = s.Changed(nil)
	}
	listed, err := c.list(ctx)
	if err != nil {
		return err
	}
	stores := map[*track.Store]uint64{}
	if c.live != nil {
		stores[c.live] = before[c.live]
	}
	there, grown := map[string]bool{}, map[*track.Store][]*track.Run{}
	for _, r := range listed {
		if _, known := stores[r.Store]; !known {
			stores[r.Store] = before[r.Store]
		}
		if there[r.Run.ID] {
			continue
		}
		there[r.Run.ID] = true
		if old := c.cards[r.Run.ID]; old == nil || old.Gone || old.store != r.Store || old.seen != r.Store.Changed(r.Run) || r.Run.Parent != "" {
			grown[r.Store] = append(grown[r.Store], r.Run)
		}
	}
	for s, runs := range grown {
		if err := c.read(ctx, s, runs); err != nil {
			return err
		}
	}
	for _, card := range c.cards {
		if !there[card.ID] && !card.Gone {
			c.put(&runCard{ID: card.ID, Gone: true})
		}
	}
	c.stores = stores // one that is new is looked at once more
	return nil
}

func (c *catalog) read(ctx context.Context, s *track.Store, runs []*track.Run) error {
	seen := make([]uint64, len(runs))
	for i, r := range runs {
		seen[i] = s.Changed(r)
	}
	overviews, err := s.Overviews(ctx, runs)
	if err != nil {
		return err
	}
	for i, o := range overviews {
		card := newRunCard(s, o)
		card.seen = seen[i]
		if old := c.cards[o.ID]; old == nil || !old.equal(card) {
			c.put(card)
		}
	}
	return nil
}

// put keeps a card as the latest change.
func (c *catalog) put(card *runCard) {
	c.last++
	card.Change = c.last
	c.cards[card.ID] = card
}

// since lists the runs that changed after a change, the latest run first, and
// the number of the last change.
func (c *catalog) since(after int64) ([]*runCard, int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []*runCard
	for _, card := range c.cards {
		if card.Change > after {
			out = append(out, card)
		}
	}
	slices.SortFunc(out, func(a, b *runCard) int {
		return cmp.Or(cmp.Compare(b.Created, a.Created), strings.Compare(a.ID, b.ID))
	})
	return out, c.last
}

// card finds a run.
func (c *catalog) card(id string) (*runCard, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if card := c.cards[id]; card != nil && !card.Gone {
		return card, nil
	}
	return nil, notFound{fmt.Sprintf("there is no run %q here", id)}
}
