package curve

import (
	"context"
	"fmt"
	"math"

	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/series"
)

// An Average is an exponentially weighted mean of values at growing steps,
// without the bias towards 0 at its beginning:
//
//	mean(i) = Σ w^((xᵢ-xⱼ)/d) yⱼ / Σ w^((xᵢ-xⱼ)/d),  over all j ≤ i
//
// where w is the weight and d the usual distance of two steps. At steps that are
// d apart it is the smoothing of TensorBoard; elsewhere a value fades with the
// steps that have passed and not with the values that were logged since (Eckner,
// Algorithms for Unevenly Spaced Time Series, 2014). A step that lies before the
// last one fades nothing.
type Average struct {
	weight, distance float64

	sum, mass, last float64
	passed, keep    float64 // the last steps that passed, and what they leave
}

// NewAverage makes an average. The weight is from 0, which smooths nothing, to
// below 1.
func NewAverage(weight, distance float64) *Average {
	return &Average{weight: weight, distance: distance, last: math.NaN()}
}

// Add adds a value, which count values at this step have as their mean, and
// returns the average up to there. A value that is not finite is not added, and
// NaN is returned in its place.
func (a *Average) Add(step, value, count float64) float64 {
	if math.IsNaN(value) || math.IsInf(value, 0) {
		return math.NaN()
	}
	keep := 1.0
	if passed := step - a.last; passed > 0 {
		if passed != a.passed { // mostly they are as far apart as those before
			a.passed, a.keep = passed, math.Pow(a.weight, passed/a.distance)
		}
		keep = a.keep
	} else if a.weight == 0 {
		keep = 0
	}
	a.sum, a.mass, a.last = a.sum*keep+count*value, a.mass*keep+count, step
	return a.sum / a.mass
}

// A Smoothing says how a curve is smoothed, and what of it is wanted.
type Smoothing struct {
	Weight  float64     // of Average, from 0 to below 1
	Axis    series.Axis // along which Span and Columns are; values fade by steps in any case
	Span    Span
	Columns int
	Exact   bool // also of curves longer than MostExact points
	// After leaves out what does not lie behind it, which is only counted; nil
	// leaves out nothing.
	After *float64
}

// A Smoothed curve has its average at the last point of each column.
type Smoothed struct {
	Step, Time, Value []float64
	// Exact tells that every point was looked at; else the means of buckets stand
	// for the points in them, as if all lay in their middle.
	Exact bool
	// Distance is the usual one of two steps.
	Distance float64
	// Passed is how many points of the span do not lie behind After, and Settled
	// how many came before the last column: where a curve grows on as it did,
	// their columns stay as they are.
	Passed, Settled int64
}

// MostExact is how many points of a curve are read for smoothing without being
// asked to: longer ones are smoothed over fineColumns buckets, each of which is
// far narrower than anything that a smoothed curve shows.
const (
	MostExact   = 1 << 20
	fineColumns = 16 << 10
)

// Distance is the usual one of two steps of a curve, the mean of all.
func Distance(total series.Summary) float64 {
	d := (total.MaxStep - total.MinStep) / float64(max(total.Count-1, 1))
	if !(d > 0) || math.IsInf(d, 0) {
		return 1
	}
	return d
}

// Smooth averages a whole curve and returns what lies within the span, in about
// so many columns. Curves longer than MostExact points are read whole only if it
// is to be exact.
func Smooth(ctx context.Context, s *track.Store, c track.Curve, how Smoothing) (Smoothed, error) {
	if !(how.Weight >= 0 && how.Weight < 1) {
		return Smoothed{}, fmt.Errorf("a smoothing of %v is not from 0 to below 1", how.Weight)
	}
	total, ok, err := s.Sum(ctx, c)
	if err != nil || !ok {
		return Smoothed{}, err
	}
	t := newThinner(how, total)
	t.out.Exact = how.Exact || total.Count <= MostExact
	t.out.Distance = Distance(total)
	average := NewAverage(how.Weight, t.out.Distance)
	if t.out.Exact {
		err = s.EachPoints(ctx, c, func(points []series.Point) error {
			for _, p := range points {
				t.add(p.Step, float64(p.Time), average.Add(p.Step, p.Value, 1), 1)
			}
			return ctx.Err()
		})
		return t.out, err
	}
	buckets, err := Read(ctx, s, c, series.ByStep, Everything, fineColumns)
	for _, b := range buckets {
		step, time := (b.MinStep+b.MaxStep)/2, (float64(b.MinTime)+float64(b.MaxTime))/2
		t.add(step, time, average.Add(step, b.Mean(), float64(b.Count-b.NonFinite)), b.Count)
	}
	return t.out, err
}

// A thinner keeps the last of each column, and all where a column has but one.
type thinner struct {
	axis   series.Axis
	span   Span
	after  float64
	width  float64
	column float64
	points int64 // within the span
	out    Smoothed
}

func newThinner(how Smoothing, total series.Summary) thinner {
	low, high := ends(total, how.Axis)
	t := thinner{axis: how.Axis, span: how.Span, after: math.Inf(-1)}
	if how.After != nil {
		t.after = *how.After
	}
	t.width = (min(high, how.Span.High) - max(low, how.Span.Low)) / float64(how.Columns)
	return t
}

func (t *thinner) add(step, time, value float64, points int64) {
	place := step
	if t.axis == series.ByTime {
		place = time
	}
	if !t.span.Contains(place) {
		return
	}
	t.points += points
	if place <= t.after {
		t.out.Passed += points
		return
	}
	column := place
	if t.width > 0 {
		column = math.Floor(place / t.width)
	}
	if n := len(t.out.Step); n > 0 && column == t.column {
		t.out.Step, t.out.Time, t.out.Value = t.out.Step[:n-1], t.out.Time[:n-1], t.out.Value[:n-1]
	} else {
		t.out.Settled = t.points - points
	}
	t.column = column
	t.out.Step, t.out.Time, t.out.Value = append(t.out.Step, step), append(t.out.Time, time), append(t.out.Value, value)
}
