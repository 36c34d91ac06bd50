package server

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/tomo-viz/tomo/data"
	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/exec"
)

// A workspace is the models and pictures below the server's paths, and the
// pictures that were dropped in.
type workspace struct {
	paths    []string
	executor exec.Executor // runs the models
	opened   shelf[*model.Model]
	decoded  shelf[*data.Image]

	mu       sync.Mutex
	scanned  bool
	models   []*modelFile
	images   []*imageFile
	uploads  []*imageFile // the oldest first
	problems []string
	bare     []string              // problems of paths without a model or a picture; they may hold logs
	byID     map[string]*imageFile // of images
	// labelFolders are where labels are looked for beside the pictures, and
	// labelStamp changes when what they hold does.
	labelFolders []string
	labelStamp   string
}

// A modelFile is a model that was found.
type modelFile struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Path string `json:"path"`
	Size int64  `json:"size"`
}

// An imageFile is a picture that was found, or one that was dropped in, which
// has no path and is kept in memory.
type imageFile struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Path  string `json:"path,omitempty"`
	Label string `json:"label,omitempty"`
	// Mask tells that there is a picture of what should matter beside it; Array
	// that it is an array, and no picture.
	Mask  bool `json:"mask,omitempty"`
	Array bool `json:"array,omitempty"`

	dropped  []byte   // the file as it came
	maskPath string   // of the mask beside it
	isMask   bool     // it was dropped in as the mask of another
	classes  []string // of the folder in which it was found, in their order
}

func newWorkspace(paths []string, e exec.Executor) *workspace {
	return &workspace{paths: paths, executor: e, opened: newOpened(), decoded: newDecoded()}
}

// scan looks for files, once unless it is asked to look again.
func (w *workspace) scan(ctx context.Context, again bool) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.scanned && !again {
		return nil
	}
	w.scanned = false
	w.find(ctx)
	w.scanned = ctx.Err() == nil
	return ctx.Err()
}

// identify names a file for requests: the same file has the same name each
// time, and a request can name no file that was not found.
func identify(path string) string {
	if full, err := filepath.Abs(path); err == nil {
		path = full
	}
	return shortSum([]byte(path))
}

func shortSum(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:6])
}

func newModelFile(path string) *modelFile {
	m := &modelFile{ID: identify(path), Name: strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)), Path: path}
	if info, err := os.Stat(path); err == nil {
		m.Size = info.Size()
	}
	return m
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
	if img := w.byID[id]; img != nil {
		return img, nil
	}
	for _, img := range w.uploads {
		if img.ID == id {
			return img, nil
		}
	}
	return nil, notFound{fmt.Sprintf("there is no picture %q here; a picture that was dropped in is gone when Tomo ends", id)}
}

// Bounds of the pictures that are dropped in; the oldest give way.
const (
	maxUploads     = 100
	maxUploadBytes = 256 << 20 // together
)

// upload keeps a picture, an array or a mask that was dropped in.
func (w *workspace) upload(name string, raw []byte, isMask bool) (*imageFile, error) {
	file := &imageFile{ID: "u" + shortSum(raw), Name: name, dropped: raw, Array: isArray(name, raw), isMask: isMask}
	if isMask {
		file.ID = "m" + shortSum(raw)
	}
	if _, err := file.read(); err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, old := range w.uploads {
		if old.ID == file.ID {
			return old, nil
		}
	}
	w.uploads = append(w.uploads, file)
	total := 0
	for _, f := range w.uploads {
		total += len(f.dropped)
	}
	for len(w.uploads) > maxUploads || total > maxUploadBytes {
		total -= len(w.uploads[0].dropped)
		w.uploads = w.uploads[1:]
	}
	return file, nil
}

// read decodes the picture; of an array it draws one.
func (f *imageFile) read() (*data.Image, error) {
	if f.dropped == nil {
		img, err := data.OpenImage(f.Path)
		return img, fault.AsUser(err)
	}
	if f.Array {
		return f.preview()
	}
	img, err := data.ReadImage(bytes.NewReader(f.dropped))
	if err != nil {
		return nil, fault.Userf("%s: %w", f.Name, err)
	}
	return img, nil
}

// stamp changes when the picture does.
func (f *imageFile) stamp() string {
	if f.dropped != nil {
		return f.ID // made from its content
	}
	stamp := f.Path + " " + stampOf(f.Path)
	if f.maskPath != "" {
		stamp += " " + f.maskPath + " " + stampOf(f.maskPath)
	}
	return stamp
}

// stampOf changes when the file does.
func stampOf(path string) string {
	info, err := os.Stat(path)
	if err != nil {
		return "absent"
	}
	return fmt.Sprint(info.Size(), info.ModTime().UnixNano())
}
