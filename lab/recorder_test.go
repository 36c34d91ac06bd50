package lab

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/tomo-viz/tomo/nn/train"
	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/gradlog"
)

// TestRecorder teaches a little and finds every step in the store, under names
// that are recognized, with the parameters in the network's order.
func TestRecorder(t *testing.T) {
	ctx := t.Context()
	store, err := track.Open(ctx, filepath.Join(t.TempDir(), "runs.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	run, err := store.CreateRun(ctx, track.Run{Project: "lab", Title: "short"})
	if err != nil {
		t.Fatal(err)
	}
	r := NewRecorder(ctx, store, run)
	net := newNet(1)
	steps := 0
	_, err = train.Run(ctx, net, samples(Pictures(1, 40, Plain)), samples(Pictures(2, 10, Plain)), train.Options{
		Epochs: 2, Batch: 10, Watch: r.Watch, Report: func(at train.Report) {
			steps = at.Step
			r.Report(at)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Close(track.Finished); err != nil {
		t.Fatal(err)
	}
	points := map[string]int64{}
	curves, err := store.Curves(ctx, run)
	if err != nil {
		t.Fatal(err)
	}
	known := 0
	for _, c := range curves {
		points[c.Name] = c.Points
		if _, ok := gradlog.Recognize(c.Name); ok {
			known++
		}
	}
	// of ten parameters nine measures each, and the norm of all
	if known != 91 {
		t.Errorf("%d metrics are of gradients, want 91", known)
	}
	for name, want := range map[string]int{
		"loss/train": steps, "loss/validation": 2, "rate": steps,
		"gradients/features.0.weight/norm": steps, "updates/classifier.weight/ratio": steps, "gradients/norm": steps,
	} {
		if points[name] != int64(want) {
			t.Errorf("%q has %d points, want %d", name, points[name], want)
		}
	}
	config, err := store.Config(ctx, run)
	if err != nil {
		t.Fatal(err)
	}
	if order, _ := config[gradlog.OrderSetting].([]any); len(order) != 10 || order[0] != "features.0.weight" {
		t.Errorf("the order of the parameters is %v", config)
	}
	if again, err := store.Run(ctx, run.ID); err != nil || again.State != track.Finished {
		t.Errorf("the run is %v, %v", again, err)
	}
}

// TestRecorderRefused: a store that ends before the training does not end it, and
// the recorder tells.
func TestRecorderRefused(t *testing.T) {
	ctx := t.Context()
	store, err := track.Open(ctx, filepath.Join(t.TempDir(), "runs.db"))
	if err != nil {
		t.Fatal(err)
	}
	run, err := store.CreateRun(ctx, track.Run{Project: Project, Title: "refused"})
	if err != nil {
		t.Fatal(err)
	}
	r := NewRecorder(ctx, store, run)
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	for step := range 3 {
		r.flushed = r.flushed.Add(-flushEvery) // it is time
		r.Report(train.Report{Step: step + 1})
		r.wait()
	}
	if r.points != 0 {
		t.Errorf("%d points are kept that nobody takes", r.points)
	}
	if err := r.Close(track.Failed); !errors.Is(err, track.ErrClosed) {
		t.Errorf("the recorder tells %v, want %v", err, track.ErrClosed)
	}
}
