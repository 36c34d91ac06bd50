package server

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tomo-viz/tomo/track"
)

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
	Gone    bool              `json:"gone,omitempty"` // it is no longer there
	Change  int64             `json:"change"`         // number of its last change

	seen   uint64 // how far the store's run had changed
	store  *track.Store
	run    *track.Run
	curves []track.Curve // by name
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
	return c.store == other.store && !c.Gone && c.Points == other.Points && c.Curves == other.Curves && c.State == other.State && c.Title == other.Title &&
		c.Ended == other.Ended && fmt.Sprint(c.Config, c.Tags) == fmt.Sprint(other.Config, other.Tags)
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
