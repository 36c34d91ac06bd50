package server

import (
	"math"

	"github.com/tomo-viz/tomo/track/series"
)

// A chartAxis is an axis as charts number it: steps, or seconds from a moment.
type chartAxis struct {
	kind  series.Axis
	start int64 // microseconds
}

func newChartAxis(name string, card *runCard) chartAxis {
	switch name {
	case "wall":
		return chartAxis{kind: series.ByTime}
	case "relative":
		return chartAxis{kind: series.ByTime, start: card.run.Created.UnixMicro()}
	}
	return chartAxis{kind: series.ByStep}
}

// at is a place of the series as the chart numbers it.
func (a chartAxis) at(v float64) float64 {
	if a.kind == series.ByStep {
		return v
	}
	return (v - float64(a.start)) / 1e6
}

// bound is the end of a window as the series numbers it, or def without one.
func (a chartAxis) bound(v *float64, def float64) float64 {
	if v == nil {
		return def
	}
	if a.kind == series.ByStep {
		return *v
	}
	return math.Round(*v*1e6) + float64(a.start) // times are whole microseconds
}

func (a chartAxis) of(p series.Point) float64 {
	if a.kind == series.ByTime {
		return float64(p.Time)
	}
	return p.Step
}

func (a chartAxis) ends(s series.Summary) (low, high float64) {
	if a.kind == series.ByTime {
		return float64(s.MinTime), float64(s.MaxTime)
	}
	return s.MinStep, s.MaxStep
}

func (a chartAxis) points(list []series.Summary) []float64 {
	n := len(list)
	out := make([]float64, 2*n)
	for i, b := range list {
		x, _ := a.ends(b)
		out[i], out[n+i] = a.at(x), b.Last
	}
	return out
}

func (a chartAxis) buckets(list []series.Summary) []float64 {
	n := len(list)
	out := make([]float64, 8*n)
	for i, b := range list {
		low, high := a.ends(b)
		for k, v := range []float64{a.at(low), a.at(high), float64(b.Count), float64(b.NonFinite), b.Min, b.Max, b.Mean(), b.Last} {
			out[k*n+i] = v
		}
	}
	return out
}
