package training

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/viz"
	"github.com/tomo-viz/tomo/viz/training/curve"
)

// An axis is what lies along the plots.
type axis struct {
	x      X
	metric string // instead of x
	unit   time.Duration
	first  int64              // microseconds, of all runs
	began  map[*subject]int64 // of each run
	lines  map[*subject]*curve.Line
}

// findAxis learns when the runs began, and which unit suits their length.
func (c *charter) findAxis(ctx context.Context, list []*panel) error {
	c.axis = axis{x: c.p.X, metric: c.p.XMetric, unit: time.Second, began: map[*subject]int64{}, lines: map[*subject]*curve.Line{}}
	a := &c.axis
	if a.metric != "" {
		return c.checkXMetric()
	}
	if a.x == xStep {
		return nil
	}
	last := map[*subject]int64{}
	for _, p := range list {
		for _, t := range p.traces {
			total, ok, err := t.run.store.Sum(ctx, t.curve)
			if err != nil {
				return err
			}
			if !ok {
				continue
			}
			if began, known := a.began[t.run]; !known || total.MinTime < began {
				a.began[t.run] = total.MinTime
			}
			last[t.run] = max(last[t.run], total.MaxTime)
		}
	}
	longest, end := int64(0), int64(math.MinInt64)
	a.first = math.MaxInt64
	for r, began := range a.began {
		longest, a.first, end = max(longest, last[r]-began), min(a.first, began), max(end, last[r])
	}
	if a.x == xWall {
		longest = end - a.first
	}
	for _, unit := range []time.Duration{time.Minute, time.Hour, 24 * time.Hour} {
		if time.Duration(longest)*time.Microsecond > 3*unit {
			a.unit = unit
		}
	}
	return nil
}

func (c *charter) checkXMetric() error {
	var names []string
	for _, r := range c.runs {
		for _, curve := range r.Curves {
			names = append(names, curve.Name)
		}
	}
	if !slices.Contains(names, c.p.XMetric) {
		return viz.Userf("no run has the metric %q to lie along the plots%s", c.p.XMetric, viz.Hint(c.p.XMetric, names))
	}
	return nil
}

// of returns where a run's points lie, by their steps and times; false where the
// run lacks what lies along the plots.
func (a *axis) of(ctx context.Context, c *charter, r *subject) (place func(step, time float64) float64, ok bool, err error) {
	if a.metric != "" {
		line, err := a.line(ctx, c, r)
		if err != nil || line == nil {
			return nil, false, err
		}
		return func(step, _ float64) float64 { return line.At(step) }, true, nil
	}
	from := a.first
	switch a.x {
	case xStep:
		return func(step, _ float64) float64 { return step }, true, nil
	case xRelative:
		from = a.began[r]
	}
	unit := float64(a.unit / time.Microsecond)
	return func(_, time float64) float64 { return (time - float64(from)) / unit }, true, nil
}

// line is the metric along the plots over a run's steps.
func (a *axis) line(ctx context.Context, c *charter, r *subject) (*curve.Line, error) {
	if line, known := a.lines[r]; known {
		return line, nil
	}
	i := slices.IndexFunc(r.Curves, func(c track.Curve) bool { return c.Name == a.metric })
	if i < 0 {
		a.lines[r] = nil
		return nil, nil
	}
	course, err := curve.Follow(ctx, r.store, r.Curves[i], curve.Everything, 8*c.columns)
	if err != nil {
		return nil, err
	}
	a.lines[r] = &course.Line
	return &course.Line, nil
}

var unitNames = map[time.Duration]string{time.Second: "s", time.Minute: "min", time.Hour: "h", 24 * time.Hour: "d"}

func (a *axis) title(log bool) figure.Axis {
	switch {
	case a.metric != "":
		return figure.Axis{Title: a.metric, Log: log}
	case a.x == xRelative:
		return figure.Axis{Title: "time since the run began", Unit: unitNames[a.unit], Log: log}
	case a.x == xWall:
		return figure.Axis{Title: "time since " + a.start(), Unit: unitNames[a.unit], Log: log}
	}
	return figure.Axis{Title: "step", Log: log}
}

func (a *axis) start() string {
	return time.UnixMicro(a.first).UTC().Format("2006-01-02 15:04:05 UTC")
}

func (a *axis) words() string {
	switch {
	case a.metric != "":
		return fmt.Sprintf("%s, between its own steps on straight lines", a.metric)
	case a.x == xRelative:
		return "time since the first point of each run"
	case a.x == xWall:
		return "time since " + a.start()
	}
	return "step"
}
