package viztest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/viz"
)

// kept is the store of made-up runs, which is written when it is first asked
// for. Techniques only read it.
var kept struct {
	sync.Mutex
	dir   string
	store *track.Store
	runs  map[string]viz.Run
}

// runs returns made-up runs by their names in the table of trainings.
func runs(names ...string) []viz.Run {
	kept.Lock()
	defer kept.Unlock()
	if kept.store == nil {
		if err := keepRuns(context.Background()); err != nil {
			panic(err)
		}
	}
	var out []viz.Run
	for _, name := range names {
		out = append(out, kept.runs[name])
	}
	return out
}

func keepRuns(ctx context.Context) (err error) {
	if kept.dir, err = os.MkdirTemp("", "viztest"); err != nil {
		return err
	}
	if kept.store, err = track.Open(ctx, filepath.Join(kept.dir, "runs")); err != nil {
		return err
	}
	kept.runs = map[string]viz.Run{}
	for _, made := range trainings {
		run, err := writeRun(ctx, kept.store, made)
		if err != nil {
			return err
		}
		kept.runs[made.name] = viz.Run{Store: kept.store, Run: run}
	}
	return nil
}

// began is when all made-up runs were begun.
var began = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func writeRun(ctx context.Context, s *track.Store, made training) (*track.Run, error) {
	run, err := s.CreateRun(ctx, track.Run{ID: made.name, Project: "viztest", Created: began})
	if err != nil {
		return nil, err
	}
	if err := errors.Join(s.Log(ctx, run, made.log()), s.EndRun(ctx, run, track.Finished, began.Add(time.Hour))); err != nil {
		return nil, err
	}
	return s.Run(ctx, run.ID)
}

// forgetRuns closes the store and takes it away.
func forgetRuns() {
	kept.Lock()
	defer kept.Unlock()
	if kept.store != nil {
		kept.store.Close()
		kept.store = nil
	}
	os.RemoveAll(kept.dir)
}
