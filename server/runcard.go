package server

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
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
	stamp  string // of all that is known of the run, the same in every process
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
	card.stamp = card.makeStamp()
	return card
}

// makeStamp tells what was logged by more than its size: a run that is logged
// anew often has as many points as before.
func (c *runCard) makeStamp() string {
	sum := sha256.New()
	fmt.Fprintf(sum, "%q %q %q %q %v %v %q %q\n", c.ID, c.Project, c.Title, c.State, c.Created, c.Ended, fmt.Sprint(c.Config), fmt.Sprint(c.Tags))
	var raw []byte
	for _, curve := range c.curves {
		raw = append(binary.LittleEndian.AppendUint64(raw[:0], uint64(len(curve.Name))), curve.Name...)
		t := curve.Total
		for _, n := range []int64{t.Count, t.NonFinite, t.MinTime, t.MaxTime} {
			raw = binary.LittleEndian.AppendUint64(raw, uint64(n))
		}
		for _, v := range []float64{t.Min, t.Max, t.Sum, t.First, t.Last, t.MinStep, t.MaxStep} {
			raw = binary.LittleEndian.AppendUint64(raw, math.Float64bits(v))
		}
		_, _ = sum.Write(raw)
	}
	return hex.EncodeToString(sum.Sum(nil))
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

// equal reports whether nobody need be told of the other card. What the stamp does
// not know, such as pictures, counts by the store's count of changes.
func (c *runCard) equal(other *runCard) bool {
	return c.store == other.store && !c.Gone && c.seen == other.seen && c.stamp == other.stamp
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
