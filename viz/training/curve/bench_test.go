package curve

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/series"
)

// BenchmarkSmooth is one smoothed curve of a chart, over every point and over
// buckets.
func BenchmarkSmooth(b *testing.B) {
	for _, n := range []int{10_000, MostExact / 4, MostExact, 2 * MostExact} {
		random := rand.New(rand.NewPCG(7, 8))
		points := make([]series.Point, n)
		for i := range points {
			points[i] = series.Point{Step: float64(i), Time: int64(i+1) * 1000, Value: random.NormFloat64()}
		}
		s, err := track.Open(b.Context(), filepath.Join(b.TempDir(), "runs"))
		if err != nil {
			b.Fatal(err)
		}
		run, err := s.CreateRun(b.Context(), track.Run{Project: "trial"})
		if err == nil {
			err = s.Log(b.Context(), run, &track.Batch{Metrics: []track.Metric{{Name: "loss", Points: points}}})
		}
		curves, err2 := s.Curves(b.Context(), run)
		if err != nil || err2 != nil {
			b.Fatal(err, err2)
		}
		for _, exact := range []bool{true, false} {
			if !exact && n <= MostExact {
				continue
			}
			b.Run(fmt.Sprintf("points=%d/exact=%v", n, exact), func(b *testing.B) {
				for b.Loop() {
					if _, err := Smooth(b.Context(), s, curves[0], Smoothing{Weight: 0.9, Span: Everything, Columns: 500, Exact: exact}); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		s.Close()
	}
}
