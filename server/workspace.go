package server

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/tomo-viz/tomo/data"
	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/model"
)

// A workspace is the models and pictures below the server's paths.
type workspace struct {
	paths []string

	mu       sync.Mutex
	scanned  bool
	models   []*modelFile
	images   []*imageFile
	uploads  []*imageFile
	problems []string
	opened   []*modelFile // the most recent last
}

// A modelFile is a model that was found; it is opened when first asked for,
// and again when the file has changed.
type modelFile struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Path string `json:"path"`
	Size int64  `json:"size"`

	mu    sync.Mutex
	stamp string
	model *model.Model
	err   error
}

// An imageFile is a picture that was found, or one that was dropped in and is
// kept in memory.
type imageFile struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Path  string `json:"path,omitempty"`
	Label string `json:"label,omitempty"`

	dropped *data.Image
}

// Bounds of what one workspace holds.
const (
	maxModels  = 2_000
	maxImages  = 100_000
	maxUploads = 100
	maxDropped = 512 << 20 // bytes of the pixels of all uploads
	maxOpened  = 4
	maxFiles   = 500_000 // looked at while models are searched for
)

func newWorkspace(paths []string) *workspace { return &workspace{paths: paths} }

// scan looks for files, once unless it is asked to look again.
func (w *workspace) scan(ctx context.Context, again bool) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.scanned && !again {
		return nil
	}
	w.problems = nil
	w.findModels(ctx)
	w.findImages(ctx)
	w.scanned = ctx.Err() == nil
	return ctx.Err()
}

func (w *workspace) findModels(ctx context.Context) {
	known := map[string]*modelFile{}
	for _, m := range w.models {
		known[m.ID] = m
	}
	w.models = nil
	seen := 0
	for _, root := range w.paths {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if seen++; seen > maxFiles || len(w.models) >= maxModels || ctx.Err() != nil {
				return filepath.SkipAll
			}
			if err != nil {
				if path == root {
					return err
				}
				return nil // a folder that may not be read is passed over
			}
			if path != root && strings.HasPrefix(d.Name(), ".") {
				if d.IsDir() {
					return filepath.SkipDir
				}
				return nil
			}
			if d.IsDir() || !isModel(path, path == root) {
				return nil
			}
			m := newModelFile(path)
			if old := known[m.ID]; old != nil {
				m = old
			}
			w.models = append(w.models, m)
			return nil
		})
		if err != nil {
			w.problems = append(w.problems, fmt.Sprintf("%s cannot be looked into: %v", root, err))
		}
	}
}

// isModel goes by the ending and, for a file that was named outright, by its
// content too.
func isModel(path string, named bool) bool {
	if strings.EqualFold(filepath.Ext(path), ".onnx") {
		return true
	}
	return named && model.Sniff(path)
}

func newModelFile(path string) *modelFile {
	m := &modelFile{ID: identify(path), Name: strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)), Path: path}
	if info, err := os.Stat(path); err == nil {
		m.Size = info.Size()
	}
	return m
}

// findImages looks below each path on its own, so that only the folders inside
// one path can be classes.
func (w *workspace) findImages(ctx context.Context) {
	w.images = nil
	for _, path := range w.paths {
		if isModel(path, true) {
			continue
		}
		folder, err := data.OpenFolder(ctx, []string{path}, data.FolderOptions{})
		if err != nil {
			if !w.holdsModel(path) {
				w.problems = append(w.problems, err.Error())
			}
			continue
		}
		w.addImages(folder)
	}
}

func (w *workspace) addImages(folder *data.Folder) {
	classes := folder.Classes()
	for i := range folder.Len() {
		if len(w.images) >= maxImages {
			return
		}
		path := folder.Path(i)
		img := &imageFile{ID: identify(path), Name: filepath.Base(path), Path: path}
		if label := folder.Label(i); label != data.NoLabel {
			img.Label = classes[label]
		}
		w.images = append(w.images, img)
	}
}

// holdsModel reports whether a model was found below the path.
func (w *workspace) holdsModel(path string) bool {
	for _, m := range w.models {
		if rel, err := filepath.Rel(path, m.Path); err == nil && !strings.HasPrefix(rel, "..") {
			return true
		}
	}
	return false
}

// identify names a file for requests: the same file has the same name each
// time, and a request can name no file that was not found.
func identify(path string) string {
	if full, err := filepath.Abs(path); err == nil {
		path = full
	}
	sum := sha256.Sum256([]byte(path))
	return hex.EncodeToString(sum[:6])
}

func (w *workspace) modelByID(id string) (*modelFile, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, m := range w.models {
		if m.ID == id {
			return m, nil
		}
	}
	return nil, notFound{fmt.Sprintf("there is no model %q here; it may have been moved", id)}
}

func (w *workspace) imageByID(id string) (*imageFile, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, list := range [][]*imageFile{w.uploads, w.images} {
		for _, img := range list {
			if img.ID == id {
				return img, nil
			}
		}
	}
	return nil, notFound{fmt.Sprintf("there is no picture %q here; a picture that was dropped in is gone when Tomo ends", id)}
}

// upload keeps a picture that was dropped in; the oldest gives way.
func (w *workspace) upload(name string, body io.Reader) (*imageFile, error) {
	raw, err := io.ReadAll(body)
	if err != nil {
		return nil, fault.Userf("the picture did not arrive whole: %w", err)
	}
	img, err := data.ReadImage(strings.NewReader(string(raw)))
	if err != nil {
		return nil, fault.Userf("%s: %w", name, err)
	}
	sum := sha256.Sum256(raw)
	file := &imageFile{ID: "u" + hex.EncodeToString(sum[:6]), Name: name, dropped: img}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, old := range w.uploads {
		if old.ID == file.ID {
			return old, nil
		}
	}
	w.uploads = append(w.uploads, file)
	for len(w.uploads) > 1 && (len(w.uploads) > maxUploads || w.droppedBytes() > maxDropped) {
		w.uploads = w.uploads[1:]
	}
	return file, nil
}

func (w *workspace) droppedBytes() int {
	n := 0
	for _, f := range w.uploads {
		n += len(f.dropped.Pix)
	}
	return n
}

// read decodes the picture.
func (f *imageFile) read() (*data.Image, error) {
	if f.dropped != nil {
		return f.dropped, nil
	}
	img, err := data.OpenImage(f.Path)
	return img, fault.AsUser(err)
}

// stampOf changes when the file does.
func stampOf(path string) string {
	info, err := os.Stat(path)
	if err != nil {
		return "absent"
	}
	return fmt.Sprint(info.Size(), info.ModTime().UnixNano())
}

// open returns the model, with the labels that lie beside the pictures.
func (f *modelFile) open(w *workspace, settings map[string]string) (*model.Model, error) {
	if len(settings) > 0 {
		m, err := model.Open(f.Path, model.Options{Input: settings})
		if err == nil {
			w.lookForLabels(m)
		}
		return m, err
	}
	defer w.touch(f)
	f.mu.Lock()
	defer f.mu.Unlock()
	if stamp := stampOf(f.Path); stamp != f.stamp {
		f.stamp = stamp
		if f.model, f.err = model.Open(f.Path, model.Options{}); f.err == nil {
			w.lookForLabels(f.model)
		}
	}
	return f.model, f.err
}

// touch notes that a model was used, and lets go of the one that was used
// longest ago if too many are open; it is opened again when asked for.
func (w *workspace) touch(f *modelFile) {
	w.mu.Lock()
	w.opened = append(slices.DeleteFunc(w.opened, func(o *modelFile) bool { return o == f }), f)
	var last *modelFile
	if len(w.opened) > maxOpened {
		last = w.opened[0]
		w.opened = w.opened[1:]
	}
	w.mu.Unlock()
	if last != nil {
		last.mu.Lock()
		last.stamp, last.model, last.err = "", nil, nil
		last.mu.Unlock()
	}
}

func (w *workspace) lookForLabels(m *model.Model) {
	for _, p := range w.paths {
		if info, err := os.Stat(p); err == nil && !info.IsDir() {
			p = filepath.Dir(p)
		}
		m.LookForLabels(p)
	}
}
