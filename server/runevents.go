package server

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/tomo-viz/tomo/track/logs"
)

// Times of what watchers are told.
const (
	lookEvery = 100 * time.Millisecond // while anybody watches
	shortStop = 200 * time.Millisecond // between two events to one watcher
)

// watchRuns streams which runs have changed, with the numbers of the changes, as
// server-sent events. It tells no values: who watches asks for what is on the
// screen.
func (s *Server) watchRuns(w http.ResponseWriter, r *http.Request) {
	flusher, ok := w.(http.Flusher)
	if !ok {
		s.fail(w, fmt.Errorf("streaming is not possible here"))
		return
	}
	if err := s.runs.refresh(r.Context()); err != nil {
		s.fail(w, err)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	_, told := s.runs.since(0)
	fmt.Fprintf(w, "event: from\ndata: %d\n\n", told)
	flusher.Flush()
	stop := s.runs.watch(s.base, s.log.Println)
	defer stop()
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		cards, last, changed := s.runs.news(told)
		if len(cards) > 0 {
			told = last
			changes := map[string]int64{}
			for _, c := range cards {
				changes[c.ID] = c.Change
			}
			raw, _ := json.Marshal(map[string]any{"last": last, "runs": changes})
			fmt.Fprintf(w, "event: grown\ndata: %s\n\n", raw)
			flusher.Flush()
			if !sleep(r.Context(), shortStop) {
				return
			}
			continue
		}
		select {
		case <-changed:
		case <-beat.C:
			fmt.Fprint(w, ": still here\n\n")
			flusher.Flush()
		case <-s.base.Done():
			return
		case <-r.Context().Done():
			return
		}
	}
}

func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

// news returns what since does, and a channel that is closed at the next change.
func (c *catalog) news(after int64) ([]*runCard, int64, <-chan struct{}) {
	c.mu.Lock()
	wake := c.wake
	c.mu.Unlock()
	cards, last := c.since(after)
	return cards, last, wake
}

// watch keeps the catalog up to date until the returned function is called.
func (c *catalog) watch(ctx context.Context, warn func(...any)) (stop func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.watched++
	if c.watched == 1 {
		var running context.Context
		running, c.unwatch = context.WithCancel(ctx)
		go c.keepLooking(running, warn)
	}
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.watched--; c.watched == 0 {
			c.unwatch()
		}
	}
}

func (c *catalog) keepLooking(ctx context.Context, warn func(...any)) {
	for sleep(ctx, lookEvery) {
		if err := c.refresh(ctx); err != nil && ctx.Err() == nil {
			warn("the runs:", err)
		}
	}
}

// followLogs reads logs as they grow, until the server ends.
func (s *Server) followLogs() {
	err := s.options.Logs.Follow(s.base, func([]logs.Run) { s.runs.lookAgain() })
	if err != nil && s.base.Err() == nil {
		s.log.Println("logs are no longer followed:", err)
	}
}
