package lab

import (
	"context"
	"encoding/json"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"strings"

	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/format/onnx"
	"github.com/tomo-viz/tomo/nn/train"
	"github.com/tomo-viz/tomo/track"
)

// An Event is what a demo tells of a network that is being taught.
type Event struct {
	Net         string  `json:"net"`
	Epoch       int     `json:"epoch"`
	Epochs      int     `json:"epochs"`
	Step        int     `json:"step"`
	Steps       int     `json:"steps"`
	Loss        float64 `json:"loss"`
	Accuracy    float64 `json:"accuracy"`
	Validated   bool    `json:"validated,omitempty"`
	ValLoss     float64 `json:"valLoss,omitempty"`
	ValAccuracy float64 `json:"valAccuracy,omitempty"`
	Seconds     float64 `json:"seconds"`
	// Done tells that the network's file is written.
	Done bool `json:"done,omitempty"`
}

// shownPictures is how many pictures of each kind a demo has.
const shownPictures = 12

// Demo fills a folder with what `tomo demo` opens: pictures, and the two
// networks, taught live, with their labels and settings beside them. A network
// whose file is there already is not taught again. Steps are told about as
// they happen, and logged in a store of runs unless that is nil.
func Demo(ctx context.Context, dir string, runs *track.Store, e exec.Executor, tell func(Event)) error {
	if err := writePictures(filepath.Join(dir, "pictures")); err != nil {
		return err
	}
	if err := writeSettings(dir); err != nil {
		return err
	}
	for _, l := range []Lesson{Honest, Cheater} {
		if err := demonstrate(ctx, dir, l, runs, e, tell); err != nil {
			return err
		}
	}
	return nil
}

// demonstrate teaches one network, or tells again how it was taught.
func demonstrate(ctx context.Context, dir string, l Lesson, runs *track.Store, e exec.Executor, tell func(Event)) error {
	path, diary := filepath.Join(dir, l.Name+".onnx"), filepath.Join(dir, l.Name+".training.json")
	if _, err := os.Stat(path); err == nil {
		retell(diary, l, tell)
		return nil
	}
	var events []Event
	m, err := Teach(ctx, l, runs, e, func(r train.Report) {
		events = append(events, eventOf(l, r))
		tell(events[len(events)-1])
	})
	if err != nil {
		return err
	}
	raw, err := json.Marshal(events)
	if err != nil {
		return err
	}
	if err := os.WriteFile(diary, raw, 0o644); err != nil {
		return err
	}
	if err := onnx.Write(path, m.File); err != nil {
		return err
	}
	last := events[len(events)-1]
	last.Done = true
	tell(last)
	return nil
}

// retell tells of a training that is over, as far as its diary is there.
func retell(diary string, l Lesson, tell func(Event)) {
	var events []Event
	if raw, err := os.ReadFile(diary); err != nil || json.Unmarshal(raw, &events) != nil {
		events = nil
	}
	last := Event{Net: l.Name}
	for _, last = range events {
		tell(last)
	}
	last.Done = true
	tell(last)
}

func eventOf(l Lesson, r train.Report) Event {
	return Event{
		Net: l.Name, Epoch: r.Epoch, Epochs: r.Epochs, Step: r.Step, Steps: r.Steps,
		Loss: r.Loss, Accuracy: r.Accuracy,
		Validated: r.Validated, ValLoss: r.ValLoss, ValAccuracy: r.ValAccuracy,
		Seconds: r.Elapsed.Seconds(),
	}
}

func writeSettings(dir string) error {
	sidecar := map[string]any{"input": inputSettings, "labels": "labels.txt"}
	raw, err := json.MarshalIndent(sidecar, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "tomo.json"), raw, 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "labels.txt"), []byte(strings.Join(Classes, "\n")+"\n"), 0o644)
}

// writePictures writes pictures that no network was taught on: without a mark,
// and with one that says something else than the shape.
func writePictures(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	pictures := append(Pictures(4242, shownPictures, Plain), Pictures(4242, shownPictures, Misleading)...)
	for i, p := range pictures {
		name := fmt.Sprintf("%02d %s.png", i+1, p.Name())
		if err := writePNG(filepath.Join(dir, name), p); err != nil {
			return err
		}
	}
	return nil
}

func writePNG(path string, p *Picture) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := png.Encode(f, p); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
