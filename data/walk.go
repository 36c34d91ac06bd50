package data

import (
	"context"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// A walk collects picture files below paths.
type walk struct {
	take     func(path string) bool // whether a file found in a folder is wanted
	files    []string
	folders  []string // all that were entered
	roots    []string // the folders that the paths begin at
	named    []string // the files that were named outright
	problems []error  // folders that cannot be read
	entered  map[string]bool
	listed   map[string]bool
}

// add collects what a path names: a file, whatever it holds; a folder, with all
// below it; or, where there is neither, a pattern of them.
func (w *walk) add(ctx context.Context, path string) error {
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		w.roots = append(w.roots, path)
		return w.enter(ctx, path)
	case err == nil:
		w.roots = append(w.roots, filepath.Dir(path))
		w.named = append(w.named, filepath.Clean(path))
		w.list(path)
		return nil
	}
	matches, globErr := filepath.Glob(path)
	if globErr != nil || len(matches) == 0 {
		return in(path, openProblem(err))
	}
	for _, match := range matches {
		if err := w.add(ctx, match); err != nil {
			return err
		}
	}
	return nil
}

func (w *walk) list(path string) {
	if path = filepath.Clean(path); !w.listed[path] {
		w.listed[path] = true
		w.files = append(w.files, path)
	}
}

// enter collects a folder. Links to folders are followed; a folder that was
// entered already, by whatever name, is not entered again, which ends loops.
func (w *walk) enter(ctx context.Context, dir string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	real, err := filepath.EvalSymlinks(dir)
	if err == nil {
		real, err = filepath.Abs(real)
	}
	if err != nil {
		w.problems = append(w.problems, in(dir, openProblem(err)))
		return nil
	}
	if w.entered[real] {
		return nil
	}
	w.entered[real] = true
	w.folders = append(w.folders, filepath.Clean(dir))
	entries, err := os.ReadDir(dir)
	if err != nil {
		w.problems = append(w.problems, in(dir, openProblem(err)))
	}
	for _, e := range entries {
		if err := w.visit(ctx, filepath.Join(dir, e.Name()), e); err != nil {
			return err
		}
	}
	return nil
}

// visit takes an entry of a folder: a file that is wanted, a folder, or a link
// to one. What is neither (a pipe, a device) is left alone, for reading it may
// never end.
func (w *walk) visit(ctx context.Context, path string, e fs.DirEntry) error {
	if hidden(e.Name()) {
		return nil
	}
	kind := e.Type()
	if kind&fs.ModeSymlink != 0 {
		kind = 0 // a link to nothing counts as a file, and reading it tells
		if info, err := os.Stat(path); err == nil {
			kind = info.Mode().Type()
		}
	}
	switch {
	case kind.IsDir():
		return w.enter(ctx, path)
	case kind.IsRegular() && w.take(path):
		w.list(path)
	}
	return nil
}

// hidden reports whether an entry is not meant to be seen: dot files, and what
// macOS puts into archives.
func hidden(name string) bool {
	return strings.HasPrefix(name, ".") || name == "__MACOSX"
}

// byContent reports whether a file begins like a picture.
func byContent(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return byExtension(path) // so that reading it tells why it cannot be read
	}
	defer f.Close()
	head := make([]byte, headBytes)
	n, _ := io.ReadFull(f, head)
	return codecOf(head[:n]) != nil
}

// byExtension reports whether a file is named like a picture.
func byExtension(path string) bool {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".gif", ".bmp", ".dib", ".webp", ".tif", ".tiff":
		return true
	}
	return false
}
