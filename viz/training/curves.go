package training

import (
	"context"
	"fmt"
	"math"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/track/series"
	"github.com/tomo-viz/tomo/viz/training/curve"
	"github.com/tomo-viz/tomo/viz/training/findings"
)

// Bounds of one figure.
const (
	mostBuckets  = 1 << 20 // of all curves together
	leastColumns = 16      // of a curve, however many there are
)

// showCurves draws a plot for each panel.
func showCurves(ctx context.Context, s *session) (figure.Figure, error) {
	list, left := s.panels()
	if len(list) == 0 {
		return nil, s.noMetric()
	}
	if s.p.Group != "" {
		if err := s.known([]string{s.p.Group}); err != nil {
			return nil, err
		}
	}
	traces := 0
	for _, p := range list {
		traces += len(p.traces)
	}
	s.total = traces
	c := &charter{session: s, columns: max(leastColumns, min(s.p.Columns, mostBuckets/traces))}
	if err := c.findAxis(ctx, list); err != nil {
		return nil, err
	}
	fig := &figure.Lines{}
	fig.Title = "Training"
	if len(list) == 1 && list[0].title != "" {
		fig.Title = list[0].title
	}
	leftOut(&fig.About, left)
	for _, p := range list {
		plot, err := c.plot(ctx, p)
		if err != nil {
			if len(fig.Plots) == 0 {
				return nil, err
			}
			c.describe(&fig.About)
			return fig, err
		}
		fig.Plots = append(fig.Plots, plot)
	}
	c.describe(&fig.About)
	return fig, nil
}

// A charter draws traces on the axis that was chosen.
type charter struct {
	*session
	columns int
	axis    axis
	// What the caption tells.
	bucketed, coarse bool
	lacking          int // runs without the metric that lies along the plots
	lines            [2]int
}

func (c *charter) plot(ctx context.Context, p *panel) (figure.Plot, error) {
	plot := figure.Plot{Title: p.title, X: c.axis.title(c.p.LogX), Y: figure.Axis{Log: c.p.LogY}}
	var drawn []drawnTrace
	for _, t := range p.traces {
		c.step(t.run.name + ": " + t.curve.Name)
		d, err := c.trace(ctx, t)
		if err != nil {
			return plot, err
		}
		drawn = append(drawn, d)
	}
	if c.p.Group != "" {
		plot.Curves = c.grouped(drawn)
	} else {
		for _, d := range drawn {
			plot.Curves = append(plot.Curves, d.curves(c.p.Smoothing > 0)...)
		}
		notes, err := c.nonFinite(ctx, drawn)
		if err != nil {
			return plot, err
		}
		plot.Notes = notes
	}
	if c.p.Robust {
		scaleToBulk(&plot)
	}
	return plot, nil
}

// A drawnTrace is a trace with its points: as they were logged, and smoothed.
type drawnTrace struct {
	*trace
	raw, smooth figure.Curve
	broken      bool // holds values that are not finite
}

// trace reads one curve.
func (c *charter) trace(ctx context.Context, t *trace) (drawnTrace, error) {
	d := drawnTrace{trace: t}
	if err := ctx.Err(); err != nil {
		return d, err
	}
	place, ok, err := c.axis.of(ctx, c, t.run)
	if err != nil {
		return d, err
	}
	if !ok {
		c.lacking++
		return d, nil
	}
	buckets, err := curve.Read(ctx, t.run.store, t.curve, series.ByStep, c.span(), c.columns)
	if err != nil {
		return d, err
	}
	banded := false
	for _, b := range buckets {
		x := place((b.MinStep+b.MaxStep)/2, (float64(b.MinTime)+float64(b.MaxTime))/2)
		d.raw.X, d.raw.Y = append(d.raw.X, x), append(d.raw.Y, b.Mean())
		low, high := b.Min, b.Max
		if b.NonFinite == b.Count {
			low, high = math.NaN(), math.NaN()
		}
		d.raw.Low, d.raw.High = append(d.raw.Low, low), append(d.raw.High, high)
		banded = banded || b.Count > 1
		d.broken = d.broken || b.NonFinite > 0
	}
	c.bucketed = c.bucketed || banded
	if !banded {
		d.raw.Low, d.raw.High = nil, nil
	}
	if c.p.Smoothing == 0 {
		return d, nil
	}
	smooth, err := curve.Smooth(ctx, t.run.store, t.curve, curve.Smoothing{Weight: c.p.Smoothing, Span: c.span(), Columns: c.columns, Exact: c.p.Exact})
	for i := range smooth.Value {
		d.smooth.X, d.smooth.Y = append(d.smooth.X, place(smooth.Step[i], smooth.Time[i])), append(d.smooth.Y, smooth.Value[i])
	}
	c.coarse = c.coarse || !smooth.Exact
	return d, err
}

// curves are the trace as drawn: smoothed, with the raw one faint behind it, or
// the raw one alone.
func (d drawnTrace) curves(smoothed bool) []figure.Curve {
	raw := d.raw
	raw.Name, raw.Hue, raw.Dashed = d.label, d.hue, d.dashes()
	if !smoothed {
		return []figure.Curve{raw}
	}
	raw.Name, raw.Faint = d.label+", as logged", true
	smooth := d.smooth
	smooth.Name, smooth.Hue, smooth.Dashed = d.label, d.hue, d.dashes()
	return []figure.Curve{raw, smooth}
}

// mostMarks is how many traces of a plot have their first value marked that is
// not finite.
const mostMarks = 4

// nonFinite marks where traces stop being numbers.
func (c *charter) nonFinite(ctx context.Context, drawn []drawnTrace) ([]figure.Note, error) {
	var notes []figure.Note
	for _, d := range drawn {
		if !d.broken || len(notes) == mostMarks {
			continue
		}
		at, ok, err := curve.FirstNonFinite(ctx, d.run.store, d.curve)
		if err != nil {
			return nil, err
		}
		total, _, err := d.run.store.Sum(ctx, d.curve)
		if err != nil {
			return nil, err
		}
		place, known, err := c.axis.of(ctx, c, d.run)
		if err != nil {
			return nil, err
		}
		if !ok || !known || !c.span().Contains(at.MinStep) {
			continue
		}
		text := fmt.Sprintf("%s is %s at step %s", d.label, curve.NonFiniteValue(at), findings.Figure(at.MinStep))
		if more := total.NonFinite - 1; more > 0 {
			text += fmt.Sprintf(" and %s times more", figure.Thousands(more))
		}
		notes = append(notes, figure.Note{X: place(at.MinStep, float64(at.MinTime)), Y: math.NaN(), Text: text})
	}
	return notes, nil
}

func (c *charter) describe(about *figure.About) {
	about.Add("along the plots", c.axis.words())
	if c.bucketed {
		about.Add("resolution", fmt.Sprintf("at least %d columns; lines are means of the points of a column, bands their least and greatest", c.columns))
	} else {
		about.Add("resolution", "every point")
	}
	if c.p.Smoothing > 0 {
		text := fmt.Sprintf("%v of the weight is left after the usual distance of two steps", c.p.Smoothing)
		if c.coarse {
			text += "; curves of more than a million points by the means of buckets (--exact reads every point)"
		}
		about.Add("smoothing", text)
	}
	if c.p.Group != "" {
		about.Add("groups", fmt.Sprintf("by %s; means of runs at %d places, on straight lines between each run's points; the band is %s", c.p.Group, c.columns, c.p.Band.entry().Help))
		if c.lines[1] > c.lines[0] {
			about.Warn(fmt.Sprintf("Not all runs of a group reach all places: a mean is of %d to %d runs.", c.lines[0], c.lines[1]))
		}
	}
	if c.lacking > 0 {
		about.Warn(fmt.Sprintf("%s lack %s and are left out.", findings.Plural(c.lacking, "curve"), c.p.XMetric))
	}
}
