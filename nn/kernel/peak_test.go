package kernel

import (
	"context"
	"testing"
	"time"
)

func TestPeak(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		// The slowest processor that Tomo runs on does more than a million.
		if got := Peak(nil, time.Millisecond); got < 1e6 || got > 1e15 {
			t.Errorf("the peak is said to be %g operations a second", got)
		}
	})
}

func TestPeakStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	start := time.Now()
	Peak(SharedPool().Team(ctx), time.Minute)
	if time.Since(start) > 30*time.Second {
		t.Error("the measurement went on after the context had ended")
	}
}
