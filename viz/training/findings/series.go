package findings

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/series"
	"github.com/tomo-viz/tomo/viz/training/curve"
)

// A Series is a metric as detectors see it: at growing steps the mean of the
// points there, the greatest of them, and how many they are. All are finite.
type Series struct {
	Name                   string
	Step, Mean, Max, Count []float64
	// First and Last are the steps from which to which a place reaches; Step is
	// in the middle.
	First, Last []float64
}

// resolution is how many columns a series has at least, if it has as many points.
const resolution = 1024

// Read reads a metric. Its cost does not depend on how many points it has.
func Read(ctx context.Context, s *track.Store, c track.Curve) (Series, error) {
	buckets, err := curve.Read(ctx, s, c, series.ByStep, curve.Everything, resolution)
	return FromBuckets(c.Name, buckets), err
}

// FromBuckets makes a series of summaries, in any order; those without a finite
// value are left out.
func FromBuckets(name string, buckets []series.Summary) Series {
	sorted := slices.Clone(buckets)
	slices.SortStableFunc(sorted, func(a, b series.Summary) int { return cmp.Compare(a.MinStep, b.MinStep) })
	out := Series{Name: name}
	for _, b := range sorted {
		mean := b.Mean()
		if n := b.Count - b.NonFinite; n > 0 && !math.IsInf(mean, 0) {
			out.Step, out.Mean = append(out.Step, (b.MinStep+b.MaxStep)/2), append(out.Mean, mean)
			out.Max, out.Count = append(out.Max, b.Max), append(out.Count, float64(n))
			out.First, out.Last = append(out.First, b.MinStep), append(out.Last, b.MaxStep)
		}
	}
	return out
}

// Len is how many places there are.
func (s Series) Len() int { return len(s.Step) }

// flipped turns what is better upwards into what is better downwards.
func (s Series) flipped() Series {
	out := s
	out.Mean, out.Max = slices.Clone(s.Mean), nil
	for i := range out.Mean {
		out.Mean[i] = -out.Mean[i]
	}
	return out
}

// between is the mean of the values at steps from low to high, or, where there is
// none, the value nearest to them.
func (s Series) between(low, high float64) float64 {
	sum, n := 0.0, 0.0
	for i, x := range s.Step {
		if low <= x && x <= high {
			sum, n = sum+s.Mean[i], n+1
		}
	}
	if n > 0 {
		return sum / n
	}
	i, _ := slices.BinarySearch(s.Step, (low+high)/2)
	return s.Mean[min(i, s.Len()-1)]
}
