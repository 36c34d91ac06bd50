package trust

import (
	"math"
	"testing"
)

// BenchmarkImpute fills in the hottest half of a picture of 224×224, one blob.
func BenchmarkImpute(b *testing.B) {
	const side = 224
	plane := make([]float64, side*side)
	var missing []int
	for i := range plane {
		x, y := float64(i%side), float64(i/side)
		plane[i] = math.Sin(x/9) + math.Cos(y/5)
		if math.Hypot(x-side/2, y-side/2) < 90 {
			missing = append(missing, i)
		}
	}
	s := newImputation(side, side, missing)
	for b.Loop() {
		s.solve(plane)
	}
}
