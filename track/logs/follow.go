package logs

import (
	"context"
	"time"
)

// Bounds of how often files are looked at: often enough to show what is new
// within a second, and never for more than a small share of the time, however
// many files there are.
const (
	lookEvery = 300 * time.Millisecond
	lookShare = 10 // of the time, one part
)

// Follow reads files as they grow, appear and disappear, until ctx ends, and
// tells which runs have grown. It asks for the files' sizes and waits for no
// notice of the system's, which network file systems do not give.
func (l *Library) Follow(ctx context.Context, grown func([]Run)) error {
	for {
		began := time.Now()
		runs, err := l.Update(ctx)
		if len(runs) > 0 {
			grown(runs)
		}
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(max(lookEvery, lookShare*time.Since(began))):
		}
	}
}
