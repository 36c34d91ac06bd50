package track

import (
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

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

// BenchmarkZoom looks at a chart of a hundred million points, 1,000 columns wide,
// at random zooms; the first time when the file was just opened.
func BenchmarkZoom(b *testing.B) {
	const n, piece = 100_000_000, 1_000_000
	path := filepath.Join(b.TempDir(), "index.tomo")
	s, err := OpenIndex(b.Context(), path)
	if err != nil {
		b.Fatal(err)
	}
	run, r := start(b, s, "one"), rand.New(rand.NewPCG(1, 2))
	for from := 0; from < n; from += piece {
		p := &Piece{Run: run, Batch: Batch{Metrics: []Metric{{"loss", noisy(r, from, piece)}}}}
		if err := s.Import(b.Context(), p); err != nil {
			b.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	s = open(b, path)
	defer s.Close()
	var took []time.Duration
	for b.Loop() {
		low := r.Float64() * n
		high := min(n, low+math.Pow(n, r.Float64()))
		if len(took) == 0 {
			low, high = 0, n
		}
		began := time.Now()
		c, err := s.Curve(b.Context(), run, "loss")
		if err != nil {
			b.Fatal(err)
		}
		if _, err := s.Look(b.Context(), c, series.ByStep, low, high, 1000); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(began))
	}
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	b.ReportMetric(ms(took[0]), "ms-first")
	slices.Sort(took)
	b.ReportMetric(ms(took[len(took)*99/100]), "ms-p99")
	b.ReportMetric(ms(took[len(took)-1]), "ms-worst")
}

// BenchmarkCurves lists 12,345 metrics of one point each, as they lie in the file.
func BenchmarkCurves(b *testing.B) {
	path := filepath.Join(b.TempDir(), "index.tomo")
	s := open(b, path)
	run, batch := start(b, s, "one"), Batch{}
	for i := range 12_345 {
		batch.Metrics = append(batch.Metrics, Metric{fmt.Sprint("metric ", i), ramp(i, 1)})
	}
	if err := s.Import(b.Context(), &Piece{Run: run, Batch: batch}); err != nil {
		b.Fatal(err)
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	s = open(b, path)
	defer s.Close()
	for b.Loop() {
		if all, err := s.Curves(b.Context(), run); err != nil || len(all) != 12_345 {
			b.Fatal(len(all), err)
		}
	}
}
