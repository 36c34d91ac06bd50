package server

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/tomo-viz/tomo/model"
)

// A shelf keeps the models that were used last, opened. Who asks for one that
// is being opened waits for it.
type shelf struct {
	mu    sync.Mutex
	books []*book // the latest first
}

// A book is a model opened with some settings.
type book struct {
	path, settings, stamp string
	read                  func() (*model.Model, error)
	bytes                 int64 // of its weights, once it is read
}

// Bounds of what stays open; the model used last does in any case.
const (
	maxOpened      = 4
	maxOpenedBytes = 2 << 30
)

// take returns the model of that path, settings and stamp, opened now if it is
// not on the shelf. One that cannot be opened is tried anew each time.
func (s *shelf) take(path, settings, stamp string, open func() (*model.Model, error)) (*model.Model, error) {
	b := s.find(path, settings, stamp, open)
	m, err := b.read()
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.books = slices.DeleteFunc(s.books, func(o *book) bool { return o == b })
		return nil, err
	}
	b.bytes = 4 * m.Params()
	s.trim()
	return m, nil
}

// find puts the book in front; one of a state of the file that is gone leaves.
func (s *shelf) find(path, settings, stamp string, open func() (*model.Model, error)) *book {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := &book{path: path, settings: settings, stamp: stamp, read: sync.OnceValues(open)}
	s.books = slices.DeleteFunc(s.books, func(b *book) bool {
		same := b.path == path && b.settings == settings
		if same && b.stamp == stamp {
			found = b
		}
		return same
	})
	s.books = slices.Insert(s.books, 0, found)
	return found
}

func (s *shelf) trim() {
	total := int64(0)
	for i, b := range s.books {
		total += b.bytes
		if i > 0 && (i >= maxOpened || total > maxOpenedBytes) {
			clear(s.books[i:])
			s.books = s.books[:i]
			return
		}
	}
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
	return w.shelf.take(f.Path, string(raw), w.stamp(f), func() (*model.Model, error) {
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
