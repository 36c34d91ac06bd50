package curve

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/series"
)

// A Course is a metric over the steps of its run, along which other metrics of the
// run are laid out.
type Course struct {
	Line Line
	// Steps is where the metric lies within the values that were asked for, on to
	// the points around; what other metrics have there is to be laid out.
	Steps []Span
}

// Bounds of what a course is looked for in.
const (
	maxLooks   = 8
	maxStretch = 64 // of steps
)

// Follow looks at a metric where its values, or the straight lines between
// them, lie within a span, in about so many columns of steps: it looks ever
// closer, so that a metric which grows with the steps is as exact in a small part
// as in the whole. One that goes to and fro is so in the stretches where it
// passes the span.
func Follow(ctx context.Context, s *track.Store, c track.Curve, values Span, columns int) (Course, error) {
	steps := []Span{Everything}
	if total, ok, err := s.Sum(ctx, c); err != nil || !ok {
		return Course{}, err
	} else if w := total.MaxStep - total.MinStep; !math.IsInf(w, 0) {
		steps = []Span{{total.MinStep, total.MaxStep}}
	}
	for look := 1; ; look++ {
		buckets, err := ReadEach(ctx, s, c, steps, columns)
		if err != nil {
			return Course{}, err
		}
		within := stretches(buckets, values)
		if look == maxLooks || !(2*Width(within) <= Width(steps)) || Width(steps) == 0 || len(within) == 0 {
			return Course{lineOf(buckets, steps), within}, nil
		}
		steps = within
	}
}

// lineOf runs through the middle of each bucket, and on to the first and the last
// step of each stretch.
func lineOf(buckets []series.Summary, steps []Span) Line {
	var x, y []float64
	for _, b := range buckets {
		x, y = append(x, (b.MinStep+b.MaxStep)/2), append(y, b.Mean())
	}
	for _, span := range steps {
		first, last := series.Summary{MinStep: math.Inf(1)}, series.Summary{MaxStep: math.Inf(-1)}
		for _, b := range buckets {
			if !span.Contains(b.MinStep) {
				continue
			}
			if b.MinStep < first.MinStep {
				first = b
			}
			if b.MaxStep > last.MaxStep {
				last = b
			}
		}
		if first.MinStep < first.MaxStep { // else its middle is there
			x, y = append(x, first.MinStep), append(y, first.First)
		}
		if last.MinStep < last.MaxStep {
			x, y = append(x, last.MaxStep), append(y, last.Last)
		}
	}
	return NewLine(x, y)
}

// Passes reports whether a step lies where the course is within the values that
// were asked for.
func (c *Course) Passes(step float64) bool {
	return slices.ContainsFunc(c.Steps, func(s Span) bool { return s.Contains(step) })
}

// ReadEach reads a metric in several stretches of steps, which share the columns
// by their widths.
func ReadEach(ctx context.Context, s *track.Store, c track.Curve, steps []Span, columns int) (out []series.Summary, err error) {
	all := Width(steps)
	for _, span := range steps {
		n := columns
		if len(steps) > 1 && all > 0 {
			n = max(1, int(float64(columns)*(span.High-span.Low)/all))
		}
		buckets, err := Read(ctx, s, c, series.ByStep, span, n)
		if err != nil {
			return nil, err
		}
		out = append(out, buckets...)
	}
	return out, nil
}

// Width is how far stretches of steps reach, all together.
func Width(steps []Span) float64 {
	sum := 0.0
	for _, s := range steps {
		sum += s.High - s.Low
	}
	return sum
}

// stretches finds where buckets, or the lines between two of them, pass a span of
// values, each stretch from the last point before to the first behind it.
func stretches(buckets []series.Summary, values Span) []Span {
	list := slices.DeleteFunc(slices.Clone(buckets), func(b series.Summary) bool { return b.NonFinite == b.Count })
	slices.SortStableFunc(list, func(a, b series.Summary) int { return cmp.Compare(a.MinStep, b.MinStep) })
	var out []Span
	add := func(low, high float64) {
		if n := len(out); n > 0 && low <= out[n-1].High {
			out[n-1].High = max(out[n-1].High, high)
			return
		}
		out = append(out, Span{low, high})
	}
	for i, b := range list {
		low, high := b.Min, b.Max
		from, to := b.MinStep, b.MaxStep
		if i > 0 {
			before := list[i-1]
			low, high = min(low, before.Max), max(high, before.Min)
			from = min(from, before.MaxStep)
		}
		if i+1 < len(list) {
			to = max(to, list[i+1].MinStep)
		}
		if low <= values.High && high >= values.Low {
			add(from, to)
		}
	}
	for len(out) > maxStretch { // pairs become one
		for i := range len(out) / 2 {
			out[i] = Span{out[2*i].Low, out[2*i+1].High}
		}
		if n := len(out); n%2 == 1 {
			out[n/2] = out[n-1]
		}
		out = out[:(len(out)+1)/2]
	}
	return out
}
