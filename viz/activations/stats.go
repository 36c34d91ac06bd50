package activations

import (
	"context"
	"fmt"
	"math"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/sketch"
	"github.com/tomo-viz/tomo/viz"
)

// A unit is what is known of one channel over all places of all pictures.
type unit struct {
	*sketch.Sketch
	mean, squares float64 // squares of the distances from the mean
}

// add merges the numbers of one picture (Chan, Golub and LeVeque 1979), so that
// the deviation of many near a large mean stays exact.
func (u *unit) add(values []float32) {
	before := float64(u.N)
	u.Sketch.Add(values)
	added := float64(u.N) - before
	if added == 0 {
		return
	}
	mean, squares := 0.0, 0.0
	for _, v := range values {
		if v-v == 0 {
			mean += float64(v) / added
		}
	}
	for _, v := range values {
		if v-v == 0 {
			squares += (float64(v) - mean) * (float64(v) - mean)
		}
	}
	d := mean - u.mean
	u.mean += d * added / float64(u.N)
	u.squares += squares + d*d*before*added/float64(u.N)
}

// deviation is the standard deviation of the numbers seen.
func (u *unit) deviation() float64 {
	if u.N == 0 {
		return math.NaN()
	}
	return math.Sqrt(u.squares / float64(u.N))
}

// A census counts what each unit of the layers puts out.
type census struct {
	*survey
	units [][]unit // by layer
	grids []model.Grid
	ends  []ends
	draw  func(*census) figure.Figure
}

// maxUnits bounds the units that are counted at once.
const maxUnits = 1 << 16

func collectCensus(draw func(*census) figure.Figure) func(*survey) (collector, error) {
	return func(s *survey) (collector, error) {
		c := &census{survey: s, draw: draw}
		for _, l := range s.layers {
			c.ends = append(c.ends, endsOf(s.model, l))
		}
		return c, nil
	}
}

func (c *census) add(_ context.Context, r *reading) error {
	if c.units == nil {
		if err := c.begin(r); err != nil {
			return err
		}
	}
	for i := range r.maps {
		m := &r.maps[i]
		if m.Channels != len(c.units[i]) {
			return viz.Userf("layer %q puts out %d channels for %s and %d for the pictures before", c.layers[i].Name, m.Channels, r.Name, len(c.units[i]))
		}
		for k := range m.Channels {
			c.units[i][k].add(m.channel(k))
		}
	}
	return nil
}

func (c *census) begin(r *reading) error {
	total := 0
	for _, m := range r.maps {
		if total += m.Channels; total > maxUnits {
			return viz.Userf("the layers have more than %d units, which one figure holds at most; ask for fewer layers", maxUnits)
		}
		units := make([]unit, m.Channels)
		for k := range units {
			units[k].Sketch = sketch.New()
		}
		c.units, c.grids = append(c.units, units), append(c.grids, m.Grid)
	}
	return nil
}

func (c *census) figure() figure.Figure {
	if c.units == nil {
		return nil
	}
	return c.draw(c)
}

// whole sums up the units of a layer as if they were one.
func whole(units []unit) unit {
	sum := unit{Sketch: sketch.New()}
	for i := range units {
		sum.merge(&units[i])
	}
	return sum
}

func (u *unit) merge(o *unit) {
	before, added := float64(u.N), float64(o.N)
	u.Sketch.Merge(o.Sketch)
	if added == 0 {
		return
	}
	d := o.mean - u.mean
	u.mean += d * added / float64(u.N)
	u.squares += o.squares + d*d*before*added/float64(u.N)
}

// tally counts the dead and the saturated units of a layer.
func (c *census) tally(layer int) (dead, stuck int) {
	e := c.ends[layer]
	for i := range c.units[layer] {
		s := c.units[layer][i].Sketch
		switch {
		case e.dead(s) != "":
			dead++
		case e.saturation(s) >= saturated:
			stuck++
		}
	}
	return dead, stuck
}

// state says in words what is wrong with a unit.
func (e ends) state(s *sketch.Sketch) string {
	switch {
	case s.NotReal > 0:
		return figure.Thousands(int64(s.NotReal)) + " numbers are not finite"
	case e.dead(s) != "":
		return e.dead(s)
	}
	if share := e.saturation(s); share >= saturated {
		return fmt.Sprintf("saturated: %.0f %% at an end", 100*share)
	}
	return ""
}
