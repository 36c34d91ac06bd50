package logs

import (
	"math"
	"slices"

	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/series"
)

// Cut takes back what was handed over at a step and later ones, of all metrics
// and records, as of a training that went on from a checkpoint.
func (s *Sink) Cut(step float64) {
	for _, c := range s.used {
		c.cut(step)
	}
	s.batch.Records = slices.DeleteFunc(s.batch.Records, func(r track.Record) bool { return r.Step >= step })
	if s.run.state.Kept && (s.cut == nil || step < *s.cut) {
		s.cut = &step
	}
}

// CutMetric takes back the same of one metric.
func (s *Sink) CutMetric(name string, step float64) {
	c := s.Column(name)
	c.cut(step)
	if !s.run.state.Kept {
		return
	}
	if s.cuts == nil {
		s.cuts = map[string]float64{}
	}
	if before, ok := s.cuts[c.name]; !ok || step < before {
		s.cuts[c.name] = step
	}
}

func (c *Column) cut(step float64) {
	c.points = slices.DeleteFunc(c.points, func(p series.Point) bool { return p.Step >= step })
}

// restart takes back all that was kept of the run. It is called before anything
// else.
func (s *Sink) restart() {
	s.anew = s.run.state.Kept
	s.run.state = runState{Kept: s.anew}
}

// everything is a step that no other is before.
const everything = -math.MaxFloat64
