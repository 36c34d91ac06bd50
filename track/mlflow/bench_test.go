package mlflow_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/series"
)

// BenchmarkSearch searches for half of 500 runs of 20 metrics.
func BenchmarkSearch(b *testing.B) {
	store, base := serve(b)
	ctx := context.Background()
	for i := range 500 {
		r, err := store.CreateRun(ctx, track.Run{Project: track.DefaultProject})
		if err != nil {
			b.Fatal(err)
		}
		batch := &track.Batch{Config: map[string]any{}, Tags: map[string]string{"t": fmt.Sprint(i)}}
		for k := range 20 {
			batch.Metrics = append(batch.Metrics, track.Metric{Name: fmt.Sprint("m", k), Points: []series.Point{{Step: 1, Value: float64(i * (k + 1))}}})
		}
		for k := range 10 {
			batch.Config[fmt.Sprint("p", k)] = i
		}
		if err := store.Log(ctx, r, batch); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		status, out := ask(b, base, http.MethodPost, api+"runs/search", `{"experiment_ids":["0"],"filter":"metrics.m0 < 250","order_by":["metrics.m1 DESC"]}`)
		if runs, _ := out["runs"].([]any); status != http.StatusOK || len(runs) != 250 {
			b.Fatal(status, len(runs))
		}
	}
}

// BenchmarkLogMetric logs points one at a time, as eight scripts do.
func BenchmarkLogMetric(b *testing.B) {
	_, base := serve(b)
	b.SetParallelism(4)
	b.RunParallel(func(pb *testing.PB) {
		id := newRun(b, base)
		for i := 0; pb.Next(); i++ {
			if status, out := ask(b, base, http.MethodPost, api+"runs/log-metric", fmt.Sprintf(`{"run_id":%q,"key":"loss","value":%d,"timestamp":%d,"step":%d}`, id, i, 1_700_000_000_000, i)); status != http.StatusOK {
				b.Error(status, out)
				return
			}
		}
	})
}
