package gradients

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/lab"
	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/train"
	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/viz"
	"github.com/tomo-viz/tomo/viz/training"
)

// TestLabIsHealthy teaches the lab's network for three epochs: its gradients are called
// healthy, by what was logged meanwhile and by what the trained network makes of
// new pictures, and its curves are no failure.
func TestLabIsHealthy(t *testing.T) {
	if testing.Short() {
		t.Skip("trains a network")
	}
	store, err := track.Open(t.Context(), filepath.Join(t.TempDir(), "runs.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	lesson := lab.Lesson{Name: "short", Kind: lab.Plain, Epochs: 3}
	m, err := lab.Teach(t.Context(), lesson, store, exec.Default(), func(train.Report) {})
	if err != nil {
		t.Fatal(err)
	}
	runs, err := store.Runs(t.Context(), lab.Project)
	if err != nil || len(runs) != 1 {
		t.Fatalf("the lab has the runs %v: %v", runs, err)
	}
	logged := &viz.Input{Runs: []viz.Run{{Store: store, Run: runs[0]}}}
	pictures := &viz.Input{Model: m}
	for _, p := range lab.Pictures(99, 96, lab.Plain) {
		pictures.Images = append(pictures.Images, viz.Image{Name: p.Name(), Picture: viz.Held(p.Image), Label: lab.Classes[p.Class]})
	}
	for name, in := range map[string]*viz.Input{"the log": logged, "the network": pictures} {
		r := viewOf(t, in, nil).(*figure.Report)
		if text := strings.Join(r.Sections[0].Text, " "); !strings.HasPrefix(text, "Healthy: ") || len(r.Findings) > 0 {
			t.Errorf("%s is called %q, with %+v", name, text, r.Findings)
		}
	}
	fig, err := training.Method.Run(t.Context(), logged, viz.Values{"view": {"verdict"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range fig.(*figure.Report).Findings {
		if f.Severity == "failure" {
			t.Errorf("the training is called a failure: %+v", f)
		}
	}
}

// TestLoggedTruth trains the lab's deep networks for some steps: what is logged
// meanwhile is called what the networks are.
func TestLoggedTruth(t *testing.T) {
	for want, d := range map[string]lab.Deep{"Vanishing: ": lab.Vanishing, "Exploding: ": lab.Exploding, "Healthy: ": lab.Sound} {
		for seed := range uint64(3) {
			run := logged(t, d, seed)
			if got := verdictOf(t, run); !strings.HasPrefix(got, want) {
				t.Errorf("%+v with seed %d is called %q, want %q", d, seed, got, want)
			}
		}
	}
}

// logged trains a network for ten steps at a rate that changes it little.
func logged(t *testing.T, d lab.Deep, seed uint64) viz.Run {
	t.Helper()
	store, err := track.Open(t.Context(), filepath.Join(t.TempDir(), "runs.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	run, err := store.CreateRun(t.Context(), track.Run{Project: lab.Project, Title: "deep"})
	if err != nil {
		t.Fatal(err)
	}
	r := lab.NewRecorder(t.Context(), store, run)
	blobs := lab.Blobs(seed, 320)
	_, err = train.Run(t.Context(), d.Build(seed), blobs, lab.Blobs(seed, 32), train.Options{
		Epochs: 1, Rate: train.Cosine(1e-4), Seed: seed, Watch: r.Watch, Report: r.Report,
	})
	if err := errors.Join(err, r.Close(track.Finished)); err != nil {
		t.Fatal(err)
	}
	return viz.Run{Store: store, Run: run}
}
