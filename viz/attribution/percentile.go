package attribution

import (
	"math"
	"slices"
)

// Magnitudes returns the absolute values.
func Magnitudes(values []float32) []float32 {
	out := make([]float32, len(values))
	for i, v := range values {
		out[i] = float32(math.Abs(float64(v)))
	}
	return out
}

// Percentile interpolates between two values or more, none of them NaN; where it
// would be zero it is the largest value.
func Percentile(values []float32, q float64) float32 {
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	at := q / 100 * float64(len(sorted)-1)
	i := min(int(at), len(sorted)-2)
	v := float64(sorted[i]) + (at-float64(i))*float64(sorted[i+1]-sorted[i])
	if v == 0 {
		return sorted[len(sorted)-1]
	}
	return float32(v)
}
