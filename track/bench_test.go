package track

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/tomo-viz/tomo/track/series"
)

// noisy is n points of a loss as trainings log it: float32, at every step.
func noisy(r *rand.Rand, from, n int) []series.Point {
	out := make([]series.Point, n)
	for i := range out {
		at := int64(1.7e15) + int64(from+i)*50_000 + r.Int64N(5000)
		out[i] = series.Point{Step: float64(from + i), Time: at, Value: float64(float32(2/(1+float64(from+i)*1e-5) + 0.1*r.NormFloat64()))}
	}
	return out
}

// BenchmarkImport measures how fast an importer's points come into the file, in
// pieces of a million points. The last flush is counted.
func BenchmarkImport(b *testing.B) {
	for _, metrics := range []int{1, 10, 1000, 12_345} {
		b.Run(fmt.Sprint(metrics, " metrics"), func(b *testing.B) {
			const pieces, points = 8, 1 << 20
			r := rand.New(rand.NewPCG(1, 2))
			var list []*Piece
			each := points / metrics
			for i := range pieces {
				p := &Piece{}
				for m := range metrics {
					p.Batch.Metrics = append(p.Batch.Metrics, Metric{fmt.Sprint("metric ", m), noisy(r, i*each, each)})
				}
				list = append(list, p)
			}
			for b.Loop() {
				b.StopTimer()
				s, err := OpenIndex(b.Context(), filepath.Join(b.TempDir(), "index.tomo"))
				if err != nil {
					b.Fatal(err)
				}
				run := start(b, s, "one")
				b.StartTimer()
				for _, p := range list {
					p.Run = run
					if err := s.Import(b.Context(), p); err != nil {
						b.Fatal(err)
					}
				}
				if err := s.Close(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N*pieces*each*metrics)/b.Elapsed().Seconds()/1e6, "Mpoints/s")
		})
	}
}

func BenchmarkLog(b *testing.B) {
	s := open(b, filepath.Join(b.TempDir(), "runs.tomo"))
	defer s.Close()
	r := start(b, s, "one")
	const metrics, each = 100, 50
	n := 0
	for b.Loop() {
		batch := &Batch{}
		for m := range metrics {
			batch.Metrics = append(batch.Metrics, Metric{fmt.Sprint("metric ", m), ramp(n, each)})
		}
		n += each
		if err := s.Log(b.Context(), r, batch); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*metrics*each)/b.Elapsed().Seconds(), "points/s")
}
