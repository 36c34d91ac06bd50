package server

import (
	"context"
	"math"

	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/series"
	"github.com/tomo-viz/tomo/viz/training/curve"
)

// A curveFrame is a part of a curve that is asked for.
type curveFrame struct {
	store     *track.Store
	curve     track.Curve
	axis      chartAxis
	low, high float64 // as the series numbers them
	// course is the metric along which the curve is laid out, nil without one.
	course *curve.Course
}

// frame finds a curve with points; nil where there is none, be it that its run
// was deleted a moment ago.
func (s *Server) frame(ctx context.Context, c *windowCurve, q *windowQuestion) (*curveFrame, error) {
	card, err := s.runs.card(c.Run)
	if err != nil {
		return nil, nil
	}
	found, ok := card.curve(c.Name)
	if !ok || found.Points == 0 {
		return nil, nil
	}
	f := &curveFrame{store: card.store, curve: found, axis: newChartAxis(q.Axis, card)}
	if q.By == "" {
		low, high := f.axis.ends(found.Total)
		f.low, f.high = f.axis.bound(c.Low, low), f.axis.bound(c.High, high)
		return f, nil
	}
	by, ok := card.curve(q.By)
	if !ok {
		return nil, nil
	}
	course, err := curve.Follow(ctx, card.store, by, spanOf(c), q.Columns)
	f.course = &course
	return f, err
}

func spanOf(c *windowCurve) curve.Span {
	span := curve.Everything
	if c.Low != nil {
		span.Low = *c.Low
	}
	if c.High != nil {
		span.High = *c.High
	}
	return span
}

// proper reports whether anything lies in the frame, and it is no wider than
// numbers are great.
func (f *curveFrame) proper() bool {
	if f.course != nil {
		return len(f.course.Steps) > 0
	}
	return f.low <= f.high && !math.IsInf(f.high-f.low, 0)
}

// along lays the curve out along its course, as buckets of one place each.
func (f *curveFrame) along(ctx context.Context, columns int) ([]float64, error) {
	list, err := curve.ReadEach(ctx, f.store, f.curve, f.course.Steps, columns)
	if err != nil {
		return nil, err
	}
	var laid []series.Summary
	var places []float64
	for _, b := range list {
		if x := f.course.Line.At((b.MinStep + b.MaxStep) / 2); !math.IsNaN(x) {
			laid, places = append(laid, b), append(places, x)
		}
	}
	out := f.axis.buckets(laid)
	copy(out, places)
	copy(out[len(places):], places)
	return out, nil
}

// smooth averages the curve, and tells where its values lie on the chart. Columns
// of a course are shared by its stretches.
func (f *curveFrame) smooth(ctx context.Context, weight float64, columns int, known *smoothKnown) (x []float64, line curve.Smoothed, goesOn bool, err error) {
	if f.course != nil {
		line, err = f.smoothAlong(ctx, weight, columns)
		return line.Step, line, false, err
	}
	how := curve.Smoothing{Weight: weight, Axis: f.axis.kind, Span: curve.Span{Low: f.low, High: f.high}, Columns: columns}
	line, goesOn, err = f.goOn(ctx, how, known)
	places := line.Step
	if f.axis.kind == series.ByTime {
		places = line.Time
	}
	for _, v := range places {
		x = append(x, f.axis.at(v))
	}
	return x, line, goesOn, err
}

// smoothAlong has places along the course in place of the steps.
func (f *curveFrame) smoothAlong(ctx context.Context, weight float64, columns int) (curve.Smoothed, error) {
	steps := f.course.Steps
	hull := curve.Span{Low: steps[0].Low, High: steps[len(steps)-1].High}
	if all := curve.Width(steps); all > 0 && !math.IsInf(all, 0) {
		columns = int(min(float64(columns)*(hull.High-hull.Low)/all, 8*maxColumns))
	}
	line, err := curve.Smooth(ctx, f.store, f.curve, curve.Smoothing{Weight: weight, Span: hull, Columns: columns})
	kept := 0
	for i, step := range line.Step {
		if at := f.course.Line.At(step); f.course.Passes(step) && !math.IsNaN(at) {
			line.Step[kept], line.Value[kept] = at, line.Value[i]
			kept++
		}
	}
	line.Step, line.Value = line.Step[:kept], line.Value[:kept]
	return line, err
}
