package server

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tomo-viz/tomo/data"
	"github.com/tomo-viz/tomo/model"
)

// Bounds of what one workspace holds.
const (
	maxModels       = 2_000
	maxImages       = 100_000
	maxFiles        = 500_000 // looked at while models are searched for
	maxLabelFolders = 50      // of pictures
	maxProblems     = 20
)

// find fills the workspace with what lies below its paths now.
func (w *workspace) find(ctx context.Context) {
	w.models, w.images, w.problems, w.bare, w.labelFolders = nil, nil, nil, nil, nil
	w.byID = map[string]*imageFile{}
	for _, path := range w.paths {
		if _, err := os.Stat(path); err != nil {
			w.problem(fmt.Errorf("%s cannot be looked into: %w", path, err))
			continue
		}
		found := w.findModels(ctx, path)
		w.findImages(ctx, path, found)
	}
	w.findLabels()
}

func (w *workspace) problem(err error) {
	if len(w.problems) < maxProblems {
		w.problems = append(w.problems, err.Error())
	}
}

// findModels looks for model files below root, which may be one itself, and
// reports whether there is any.
func (w *workspace) findModels(ctx context.Context, root string) (found bool) {
	if isFolder(root) {
		root += string(filepath.Separator) // so that a link to a folder is followed
	}
	seen := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		seen++
		switch {
		case seen > maxFiles || len(w.models) >= maxModels || ctx.Err() != nil:
			return filepath.SkipAll
		case err != nil && path == root:
			return err
		case err != nil: // a folder that may not be read is passed over
		case path != root && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return filepath.SkipDir
			}
		case !d.IsDir() && isModel(path, path == root):
			w.addModel(path)
			found = true
		}
		return nil
	})
	if err != nil {
		w.problem(fmt.Errorf("%s cannot be looked into: %w", root, err))
	}
	return found
}

// addModel adds a model once, however many of the paths lead to it.
func (w *workspace) addModel(path string) {
	m := newModelFile(path)
	if !slices.ContainsFunc(w.models, func(known *modelFile) bool { return known.ID == m.ID }) {
		w.models = append(w.models, m)
	}
}

// isModel goes by the ending and, for a file that was named outright, by its
// content too.
func isModel(path string, named bool) bool {
	return strings.EqualFold(filepath.Ext(path), ".onnx") || named && model.Sniff(path)
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// findImages looks below each path on its own, so that only the folders inside
// one path can be classes.
func (w *workspace) findImages(ctx context.Context, path string, holdsModel bool) {
	if !isFolder(path) && isModel(path, true) {
		return
	}
	folder, err := data.OpenFolder(ctx, []string{path}, data.FolderOptions{})
	if err != nil {
		if !holdsModel && ctx.Err() == nil && len(w.bare) < maxProblems {
			w.bare = append(w.bare, err.Error())
		}
		return
	}
	for _, err := range folder.Problems {
		w.problem(err)
	}
	classes := folder.Classes()
	for i := range folder.Len() {
		img := &imageFile{ID: identify(folder.Path(i)), Name: filepath.Base(folder.Path(i)), Path: folder.Path(i), classes: classes}
		img.maskPath = folder.Mask(i)
		img.Mask = img.maskPath != ""
		if label := folder.Label(i); label != data.NoLabel {
			img.Label = classes[label]
		}
		if len(w.images) < maxImages && w.byID[img.ID] == nil {
			w.images = append(w.images, img)
			w.byID[img.ID] = img
		}
	}
}

// findLabels settles where labels are looked for: the paths themselves, and
// the first folders that hold pictures.
func (w *workspace) findLabels() {
	known := map[string]bool{}
	add := func(dir string) {
		if !known[dir] {
			known[dir] = true
			w.labelFolders = append(w.labelFolders, dir)
		}
	}
	for _, path := range w.paths {
		if !isFolder(path) {
			path = filepath.Dir(path)
		}
		add(filepath.Clean(path))
	}
	bound := len(known) + maxLabelFolders
	for _, img := range w.images {
		if len(known) < bound {
			add(filepath.Dir(img.Path))
		}
	}
	w.labelStamp = stampOfNotes(w.labelFolders)
}
