package training

import (
	"math"
	"path/filepath"
	"testing"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/series"
	"github.com/tomo-viz/tomo/viz"
)

// TestVerdictIsBounded judges many trainings of long curves: each is drawn, with
// its spike, in a report whose size has a bound.
func TestVerdictIsBounded(t *testing.T) {
	const runs, points, spike = 60, 2000, 1234
	store, err := track.Open(t.Context(), filepath.Join(t.TempDir(), "runs"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	loss := make([]series.Point, points)
	for i := range loss {
		loss[i] = series.Point{Step: float64(i), Value: 1 + 1/float64(i+1)}
	}
	loss[spike].Value = 99
	var metrics []track.Metric
	for _, name := range []string{"train/loss", "val/loss", "train/aux_loss", "val/aux_loss", "train/box_loss", "val/box_loss"} {
		metrics = append(metrics, track.Metric{Name: name, Points: loss})
	}
	in := &viz.Input{}
	for range runs {
		run, err := store.CreateRun(t.Context(), track.Run{Project: "sweep"})
		if err == nil {
			err = store.Log(t.Context(), run, &track.Batch{Metrics: metrics})
		}
		if err != nil {
			t.Fatal(err)
		}
		in.Runs = append(in.Runs, viz.Run{Store: store, Run: run})
	}
	for _, n := range []int{1, runs} {
		few := *in
		few.Runs = in.Runs[:n]
		fig, err := Method.Run(t.Context(), &few, viz.Values{"view": {"verdict"}})
		if err != nil {
			t.Fatal(err)
		}
		report := fig.(*figure.Report)
		places, curves, told := 0, 0, false
		for _, s := range report.Sections {
			lines, ok := s.Figure.(*figure.Lines)
			if !ok {
				continue
			}
			for _, p := range lines.Plots {
				for _, c := range p.Curves {
					curves++
					places += len(c.X)
					greatest := math.Inf(-1)
					for i := range c.Y {
						greatest = max(greatest, c.Y[i])
						if c.High != nil {
							greatest = max(greatest, c.High[i])
						}
					}
					if greatest != 99 {
						t.Errorf("%d trainings: the greatest of a curve is %v, want 99", n, greatest)
					}
				}
			}
		}
		for _, f := range report.Facts {
			told = told || f.Name == "drawn"
		}
		if curves != 6*n || places > mostPlaces || told != (n > 1) || n == 1 && places < 6*points/2 {
			t.Errorf("%d trainings: %d curves of %d places; that they were thinned is told: %v", n, curves, places, told)
		}
	}
}
