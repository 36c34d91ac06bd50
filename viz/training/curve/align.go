package curve

import (
	"math"
	"slices"
)

// A Line is values at growing places.
type Line struct{ X, Y []float64 }

// NewLine makes a line of points in any order: they are sorted, those without a
// finite place or value left out, and of several at one place their mean taken.
func NewLine(x, y []float64) Line {
	type at struct{ x, y float64 }
	var points []at
	for i := range min(len(x), len(y)) {
		if finite(x[i]) && finite(y[i]) {
			points = append(points, at{x[i], y[i]})
		}
	}
	slices.SortStableFunc(points, func(a, b at) int {
		switch {
		case a.x < b.x:
			return -1
		case a.x > b.x:
			return 1
		}
		return 0
	})
	var l Line
	for i := 0; i < len(points); {
		sum, from := 0.0, i
		for ; i < len(points) && points[i].x == points[from].x; i++ {
			sum += points[i].y
		}
		l.X, l.Y = append(l.X, points[from].x), append(l.Y, sum/float64(i-from))
	}
	return l
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// At returns the value at x, on the straight line between its neighbours; NaN
// outside of the ends.
func (l Line) At(x float64) float64 {
	i, found := slices.BinarySearch(l.X, x)
	switch {
	case found:
		return l.Y[i]
	case i == 0 || i == len(l.X) || math.IsNaN(x):
		return math.NaN()
	}
	share := (x - l.X[i-1]) / (l.X[i] - l.X[i-1])
	return l.Y[i-1]*(1-share) + l.Y[i]*share
}

// A Band is the mean of several lines at common places, and how far they lie
// apart there.
type Band struct {
	X, Mean, Low, High []float64
	Lines              []int // how many lines reach each place
}

// A Spread is how the width of a band is measured.
type Spread func(values []float64, mean float64) (low, high float64)

// A NamedSpread is a spread that users choose.
type NamedSpread struct {
	Name, Help string
	Of         Spread
}

// Spreads are those there are, the usual one first.
var Spreads = []NamedSpread{
	{"deviation", "one standard deviation of the runs on either side, estimated from the sample", Deviation},
	{"extremes", "from the least run to the greatest", Extremes},
	{"middle", "the middle 80 % of the runs", Middle},
}

// Together lays lines over each other at so many places, evenly spaced over all
// that they cover of a span, or by the logarithm of x. A line counts where it lies
// between its ends.
func Together(lines []Line, span Span, places int, log bool, spread Spread) Band {
	low, high := math.Inf(1), math.Inf(-1)
	for _, l := range lines {
		for _, x := range l.X {
			if !log || x > 0 {
				low, high = min(low, x), max(high, x)
			}
		}
	}
	low, high = max(low, span.Low), min(high, span.High)
	var b Band
	if low > high {
		return b
	}
	for _, x := range grid(low, high, places, log) {
		var values []float64
		for _, l := range lines {
			if v := l.At(x); finite(v) {
				values = append(values, v)
			}
		}
		if len(values) == 0 {
			continue
		}
		mean := Mean(values)
		least, most := spread(values, mean)
		b.X, b.Mean = append(b.X, x), append(b.Mean, mean)
		b.Low, b.High = append(b.Low, least), append(b.High, most)
		b.Lines = append(b.Lines, len(values))
	}
	return b
}

func grid(low, high float64, places int, log bool) []float64 {
	if low == high || places < 2 {
		return []float64{low}
	}
	out := make([]float64, places)
	for i := range out {
		share := float64(i) / float64(places-1)
		if log {
			out[i] = low * math.Pow(high/low, share)
		} else {
			out[i] = low + (high-low)*share
		}
	}
	out[0], out[places-1] = low, high
	return out
}

// Mean is the arithmetic mean.
func Mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v / float64(len(values))
	}
	return sum
}

// Deviation is a spread of one standard deviation, estimated from the sample, on
// either side of the mean.
func Deviation(values []float64, mean float64) (low, high float64) {
	if len(values) < 2 {
		return mean, mean
	}
	sum := 0.0
	for _, v := range values {
		sum += (v - mean) * (v - mean)
	}
	s := math.Sqrt(sum / float64(len(values)-1))
	return mean - s, mean + s
}

// Extremes is a spread from the least value to the greatest.
func Extremes(values []float64, _ float64) (low, high float64) {
	return slices.Min(values), slices.Max(values)
}

// Middle is a spread of the middle 80 % of the values.
func Middle(values []float64, _ float64) (low, high float64) {
	return Quantile(values, 0.1), Quantile(values, 0.9)
}

// Quantile returns the value below which a share of the values lies, between two
// of them in proportion, as NumPy's default.
func Quantile(values []float64, share float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	at := share * float64(len(sorted)-1)
	i := int(at)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	f := at - float64(i)
	return sorted[i]*(1-f) + sorted[i+1]*f
}
