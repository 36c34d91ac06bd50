package ingest

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tomo-viz/tomo/track/series"
	"github.com/tomo-viz/tomo/track/wire"
)

// BenchmarkHTTP measures how many points come in over loopback, each
// acknowledged only when it is on disk, into a server of its own process, whose
// most memory is told too: four clients with 100 metrics each, whose batches have
// 50 points of each metric.
func BenchmarkHTTP(b *testing.B) {
	c := startChild(b, filepath.Join(b.TempDir(), "runs.tomo"))
	defer c.kill()
	if err := createOne(c); err != nil {
		b.Fatal(err)
	}
	const clients, metrics, each = 4, 100, 50
	var sending sync.WaitGroup
	work := make(chan int)
	slowest := make([]time.Duration, clients)
	for client := range clients {
		sending.Go(func() {
			r := rand.New(rand.NewPCG(1, uint64(client)))
			step := 0
			for range work {
				batch := &wire.Batch{ID: fmt.Sprint(client, "-", step)}
				for m := range metrics {
					points := make([]series.Point, each)
					for i := range points {
						points[i] = series.Point{Step: float64(step + i), Time: 1.7e15 + int64(step+i)*1e4, Value: r.NormFloat64()}
					}
					batch.Metrics = append(batch.Metrics, wire.Metric{Name: fmt.Sprintf("client %d/metric %d", client, m), Points: points})
				}
				step += each
				body := columns(b, batch)
				began := time.Now()
				if err := c.post("/api/runs/one/batch", body); err != nil {
					b.Error(err)
				}
				slowest[client] = max(slowest[client], time.Since(began))
			}
		})
	}
	for b.Loop() {
		work <- 0
	}
	close(work)
	sending.Wait()
	b.ReportMetric(float64(b.N)*metrics*each/b.Elapsed().Seconds(), "points/s")
	b.ReportMetric(float64(peak(b, c.Process.Pid)), "MB")
	worst := time.Duration(0)
	for _, d := range slowest {
		worst = max(worst, d)
	}
	b.ReportMetric(float64(worst.Milliseconds()), "ms-worst")
}

// peak is the most memory that a process had so far, in MB.
func peak(b *testing.B, pid int) int {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Skip("the memory of another process is read from /proc:", err)
	}
	for line := range strings.Lines(string(raw)) {
		if text, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, err := strconv.Atoi(strings.Fields(text)[0])
			if err != nil {
				b.Fatal(err)
			}
			return kb >> 10
		}
	}
	return 0
}
