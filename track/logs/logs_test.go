package logs

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/tomo-viz/tomo/internal/shared"
	"github.com/tomo-viz/tomo/track/series"
)

// TestRealLogs reads logs of PyTorch Lightning to the last point, and nothing
// again when they are opened again. TensorBoard's own reader finds as many.
func TestRealLogs(t *testing.T) {
	ctx := context.Background()
	dir := filepath.Join(shared.Dir(t, "data/training-logs"), "lightning")
	o := Options{Folder: t.TempDir(), Warn: func(err error) { t.Error(err) }}
	for range 2 {
		l, err := Open(ctx, []string{dir}, o)
		if err != nil {
			t.Fatal(err)
		}
		runs, err := l.Runs(ctx)
		if err != nil || len(runs) != 3 {
			t.Fatalf("%d runs, %v", len(runs), err)
		}
		points := int64(0)
		for _, r := range runs {
			if r.Run.Title == "lightning_logs/version_0" { // a table
				continue
			}
			curves, err := r.Store.Curves(ctx, r.Run)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range curves {
				w, err := r.Store.Look(ctx, c, series.ByStep, -1e9, 1e9, 1)
				if err != nil {
					t.Fatal(err)
				}
				points += w.Buckets[0].Count
			}
		}
		if points != 68 {
			t.Errorf("%d points", points)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
}
