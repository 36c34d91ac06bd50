package server

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"

	"github.com/tomo-viz/tomo/data"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/viz"
)

// maxOpened is how many models stay open.
const maxOpened = 4

// newOpened makes the shelf of models.
func newOpened() shelf[*model.Model] {
	return shelf[*model.Model]{most: maxOpened, mostBytes: 2 << 30, bytesOf: func(m *model.Model) int64 { return 4 * m.Params() }}
}

// newDecoded makes the shelf of pictures: while layers, classes and methods are
// tried, the same ones are looked at again and again.
func newDecoded() shelf[*data.Image] {
	return shelf[*data.Image]{most: 64, mostBytes: 256 << 20, bytesOf: func(m *data.Image) int64 { return int64(len(m.Pix)) }}
}

// source opens the picture of a file.
func (w *workspace) source(f *imageFile) viz.Source {
	return func(context.Context) (*data.Image, error) { return w.decoded.take(f.ID, f.stamp(), f.read) }
}

// maskOf opens the mask that was dropped in for a picture, or else the one that
// lies beside it; nil if there is neither.
func (w *workspace) maskOf(f, dropped *imageFile) viz.Source {
	switch {
	case dropped != nil:
		return w.source(dropped)
	case f.maskPath != "":
		return w.source(&imageFile{ID: identify(f.maskPath), Name: f.Name, Path: f.maskPath})
	}
	return nil
}

// open returns the model, with the labels that lie beside the pictures.
func (w *workspace) open(f *modelFile, settings map[string]string) (*model.Model, error) {
	w.mu.Lock()
	folders := w.labelFolders
	w.mu.Unlock()
	raw, err := json.Marshal(settings) // maps are written in the order of their keys
	if err != nil {
		return nil, err
	}
	if len(settings) == 0 {
		raw = nil
	}
	return w.opened.take(f.Path+" "+string(raw), w.stamp(f), func() (*model.Model, error) {
		m, err := model.Open(f.Path, model.Options{Input: settings, Executor: w.executor})
		if err != nil {
			return nil, err
		}
		for _, dir := range folders {
			m.LookForLabels(dir)
		}
		return m, nil
	})
}

// stamp changes when the model's file does, or a file that says how it is used.
func (w *workspace) stamp(f *modelFile) string {
	w.mu.Lock()
	labels := w.labelStamp
	w.mu.Unlock()
	dir := filepath.Dir(f.Path)
	return stampOf(f.Path) + stampOfNotes([]string{dir, filepath.Dir(dir)}) + labels
}

// stampOfNotes changes when a file of settings or labels in one of the folders
// does.
func stampOfNotes(dirs []string) string {
	var b strings.Builder
	for _, dir := range dirs {
		entries, err := os.ReadDir(dir)
		if err != nil {
			continue
		}
		for _, e := range entries {
			if model.IsNote(e.Name()) && !e.IsDir() {
				path := filepath.Join(dir, e.Name())
				b.WriteString("\n" + path + " " + stampOf(path))
			}
		}
	}
	return b.String()
}
