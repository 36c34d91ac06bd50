package training

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/series"
	"github.com/tomo-viz/tomo/viz"
)

// manyRuns writes runs with 100 metrics of 20 points each.
func manyRuns(b *testing.B, n int) []viz.Run {
	b.Helper()
	store, err := track.Open(b.Context(), filepath.Join(b.TempDir(), "runs"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { store.Close() })
	var out []viz.Run
	for i := range n {
		run, err := store.CreateRun(b.Context(), track.Run{Project: "sweep", Title: fmt.Sprint("run ", i)})
		if err != nil {
			b.Fatal(err)
		}
		batch := &track.Batch{Config: map[string]any{"lr": float64(i%7) / 100, "layers": i % 5}}
		for m := range 100 {
			metric := track.Metric{Name: fmt.Sprintf("layer%d/val_loss", m)}
			for p := range 20 {
				metric.Points = append(metric.Points, series.Point{Step: float64(p), Time: int64(p + 1), Value: float64((p*i+m)%97) / (1 + float64(p))})
			}
			batch.Metrics = append(batch.Metrics, metric)
		}
		if err := store.Log(b.Context(), run, batch); err != nil {
			b.Fatal(err)
		}
		out = append(out, viz.Run{Store: store, Run: run})
	}
	return out
}

// BenchmarkThousandRuns is each view of 1,000 runs with 100 metrics.
func BenchmarkThousandRuns(b *testing.B) {
	runs := manyRuns(b, 1000)
	for _, v := range []viz.Values{
		{"view": {"table"}},
		{"view": {"table"}, "where": {"layer7/val_loss.min<0.1 and layers>2"}, "sort": {"layer3/val_loss"}},
		{"view": {"parallel"}},
		{"view": {"curves"}, "metric": {"^layer7/"}},
	} {
		b.Run(fmt.Sprint(v["view"], " ", v["where"]), func(b *testing.B) {
			for b.Loop() {
				if _, err := Method.Run(b.Context(), &viz.Input{Runs: runs}, v); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
