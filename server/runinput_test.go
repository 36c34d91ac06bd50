package server

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"testing"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/series"
	"github.com/tomo-viz/tomo/viz"
)

// TestRunsOfRequest gives a technique the runs that a request names; its figure
// is made again once a run has grown.
func TestRunsOfRequest(t *testing.T) {
	ctx := t.Context()
	store, err := track.Open(ctx, filepath.Join(t.TempDir(), "runs"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	run, err := store.CreateRun(ctx, track.Run{ID: "one", Project: "trial"})
	if err != nil {
		t.Fatal(err)
	}
	var given []viz.Run
	look := viz.Define(viz.Spec[struct{}]{Name: "look", Needs: viz.NeedsRuns,
		Run: func(_ context.Context, in *viz.Input, _ struct{}) (figure.Figure, error) {
			given = in.Runs
			return &figure.Table{}, nil
		}})
	s, err := New([]*viz.Method{look}, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1}, Options{CacheDir: t.TempDir(), Runs: store})
	if err != nil {
		t.Fatal(err)
	}
	q := request{Method: "look", Runs: []string{"one"}}
	key := func() string {
		t.Helper()
		found, err := s.resolve(ctx, look, q)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.run(ctx, look, q, found, func(viz.Progress) {}); err != nil {
			t.Fatal(err)
		}
		return s.key(q, found)
	}
	first := key()
	if len(given) != 1 || given[0].Run.ID != "one" || given[0].Store != store {
		t.Errorf("the technique is given %v", given)
	}
	if key() != first {
		t.Error("nothing has changed, and the key has")
	}
	if err := store.Log(ctx, run, &track.Batch{Metrics: []track.Metric{{Name: "loss", Points: []series.Point{{Value: 1}}}}}); err != nil {
		t.Fatal(err)
	}
	if key() == first {
		t.Error("the run has grown, and the key is the same")
	}
	// Another process cuts the run and logs as much again, before the next server
	// begins, whose stores have no count of changes.
	fresh := func(value float64) string {
		t.Helper()
		err := store.Cut(ctx, run, 0)
		if err == nil {
			err = store.Log(ctx, run, &track.Batch{Metrics: []track.Metric{{Name: "loss", Points: []series.Point{{Time: 1, Value: value}}}}})
		}
		if err != nil {
			t.Fatal(err)
		}
		overviews, err := store.Overviews(ctx, []*track.Run{run})
		if err != nil {
			t.Fatal(err)
		}
		return newRunCard(store, overviews[0]).stamp
	}
	if a, again, other := fresh(1), fresh(1), fresh(2); a != again || a == other {
		t.Errorf("stamps %q of a loss of 1, %q when it is logged again, %q of a loss of 2", a, again, other)
	}
	var absent notFound
	if _, err := s.resolve(ctx, look, request{Runs: []string{"two"}}); !errors.As(err, &absent) {
		t.Errorf("a run that is not there: %v", err)
	}
	if q := onlyNeeded(viz.Define(viz.Spec[struct{}]{}), q); q.Runs != nil {
		t.Error("a technique that takes no runs has them in its key")
	}
}
