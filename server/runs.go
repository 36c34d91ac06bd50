package server

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tomo-viz/tomo/track"
)

// A catalog is what the server knows of the runs in its stores, so that pages
// with thousands of curves ask no store for what has not changed. Every change
// has a number; who knows it up to one is told only of later ones.
type catalog struct {
	stores []*track.Store

	mu      sync.Mutex
	last    int64 // number of the last change
	cards   map[string]*runCard
	looked  time.Time
	watched int // by so many
	unwatch context.CancelFunc
	wake    chan struct{} // closed when something has changed
}

// A runCard is what the run list shows of a run.
type runCard struct {
	ID      string            `json:"id"`
	Project string            `json:"project"`
	Title   string            `json:"title"`
	State   track.State       `json:"state"`
	Created float64           `json:"created"` // seconds since 1970
	Ended   float64           `json:"ended,omitempty"`
	Config  map[string]any    `json:"config,omitempty"`
	Tags    map[string]string `json:"tags,omitempty"`
	Curves  int               `json:"curves"`
	Points  int64             `json:"points"`

	changed int64
	store   *track.Store
	run     *track.Run
	curves  []track.Curve // by name
}

func newCatalog(stores ...*track.Store) *catalog {
	return &catalog{stores: stores, cards: map[string]*runCard{}, wake: make(chan struct{})}
}

// fresh is for how long what was seen is taken to be so. Many pages may ask at
// once.
const fresh = 100 * time.Millisecond

// refresh looks at what has changed.
func (c *catalog) refresh(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.looked) < fresh {
		return nil
	}
	before := c.last
	for _, s := range c.stores {
		if err := c.look(ctx, s); err != nil {
			return err
		}
	}
	c.looked = time.Now()
	if c.last != before {
		close(c.wake)
		c.wake = make(chan struct{})
	}
	return nil
}

func (c *catalog) look(ctx context.Context, s *track.Store) error {
	runs, err := s.Runs(ctx, "")
	if err != nil {
		return err
	}
	grown := slices.DeleteFunc(runs, func(r *track.Run) bool { return !c.mayDiffer(s, r) })
	seen, err := s.Overviews(ctx, grown)
	if err != nil {
		return err
	}
	for _, o := range seen {
		card := newRunCard(s, o)
		if old := c.cards[o.ID]; old == nil || !old.equal(card) {
			c.last++
			card.changed = c.last
			c.cards[o.ID] = card
		}
	}
	return nil
}

// mayDiffer tells runs that may have changed since they were looked at. Of runs
// with one ID in several stores, the first store's is shown.
func (c *catalog) mayDiffer(s *track.Store, r *track.Run) bool {
	old := c.cards[r.ID]
	return old == nil || old.store == s && (r.State == track.Running || r.State != old.State || r.Title != old.Title)
}

func newRunCard(s *track.Store, o track.Overview) *runCard {
	card := &runCard{
		ID: o.ID, Project: o.Project, Title: o.Title, State: o.State, Created: seconds(o.Created),
		Config: o.Config, Tags: o.Tags, Curves: len(o.Curves), store: s, run: o.Run, curves: o.Curves,
	}
	if !o.Ended.IsZero() {
		card.Ended = seconds(o.Ended)
	}
	for name, value := range card.Config {
		card.Config[name] = plain(value)
	}
	for _, curve := range o.Curves {
		card.Points += curve.Points
	}
	return card
}

func seconds(t time.Time) float64 { return float64(t.UnixMicro()) / 1e6 }

// plain makes a value of a configuration fit for a cell of a table.
func plain(value any) any {
	switch value.(type) {
	case nil, bool, float64, string:
		return value
	}
	return fmt.Sprint(value)
}

func (c *runCard) equal(other *runCard) bool {
	return c.Points == other.Points && c.Curves == other.Curves && c.State == other.State && c.Title == other.Title &&
		c.Ended == other.Ended && fmt.Sprint(c.Config, c.Tags) == fmt.Sprint(other.Config, other.Tags)
}

// since lists the runs that changed after a change, the latest run first, and
// the number of the last change.
func (c *catalog) since(after int64) ([]*runCard, int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []*runCard
	for _, card := range c.cards {
		if card.changed > after {
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
	if card := c.cards[id]; card != nil {
		return card, nil
	}
	return nil, notFound{fmt.Sprintf("there is no run %q here", id)}
}

// curve finds a metric of the run; the second result is false if it has none of
// that name.
func (c *runCard) curve(name string) (track.Curve, bool) {
	i, ok := slices.BinarySearchFunc(c.curves, name, func(curve track.Curve, name string) int { return strings.Compare(curve.Name, name) })
	if !ok {
		return track.Curve{}, false
	}
	return c.curves[i], true
}
