package server

import (
	"bytes"
	"container/list"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"time"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/render"
)

// figures keeps finished figures under their keys, on disk with the most
// recent ones in memory too. A file is written beside its place and then moved,
// so that it is whole or absent whenever the program dies; one that cannot be
// read counts as absent, and its figure is made again.
type figures struct {
	dir string

	mu     sync.Mutex
	recent map[string]*list.Element // of entry
	order  *list.List               // most recent first
}

type entry struct {
	key string
	fig figure.Figure
}

// Bounds of what is kept.
const (
	maxRecent    = 64
	maxKeptBytes = 1 << 30
)

// openFigures keeps figures in dir, or in the user's cache folder.
func openFigures(dir string) (*figures, error) {
	if dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			cache = os.TempDir()
		}
		dir = filepath.Join(cache, "tomo", "figures")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fault.Userf("figures cannot be kept in %s: %w; name another folder with --cache", dir, err)
	}
	f := &figures{dir: dir, recent: map[string]*list.Element{}, order: list.New()}
	f.prune()
	return f, nil
}

var keyForm = regexp.MustCompile(`^[0-9a-f]{32}$`)

func (f *figures) path(key string) string { return filepath.Join(f.dir, key+".json") }

// has reports whether the figure can be read.
func (f *figures) has(key string) bool {
	fig, err := f.get(key)
	return err == nil && fig != nil
}

// get returns a kept figure.
func (f *figures) get(key string) (figure.Figure, error) {
	if !keyForm.MatchString(key) {
		return nil, notFound{"this is no key of a figure"}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if e := f.recent[key]; e != nil {
		f.order.MoveToFront(e)
		return e.Value.(entry).fig, nil
	}
	raw, err := os.ReadFile(f.path(key))
	if err == nil {
		var fig figure.Figure
		if fig, err = render.ReadJSON(bytes.NewReader(raw)); err == nil {
			now := time.Now()
			_ = os.Chtimes(f.path(key), now, now) // used lately
			f.remember(key, fig)
			return fig, nil
		}
		_ = os.Remove(f.path(key))
	}
	return nil, notFound{"this figure is not kept any more; run the technique again"}
}

// put keeps a figure, in memory at least.
func (f *figures) put(key string, fig figure.Figure) error {
	f.mu.Lock()
	f.remember(key, fig)
	f.mu.Unlock()
	raw, err := encode(fig)
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(f.dir, "new-*")
	if err != nil {
		return err
	}
	_, err = tmp.Write(raw)
	err = errors.Join(err, tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), f.path(key))
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
		return fmt.Errorf("%s: %w", f.dir, err)
	}
	return nil
}

func (f *figures) remember(key string, fig figure.Figure) {
	if e := f.recent[key]; e != nil {
		e.Value = entry{key, fig}
		f.order.MoveToFront(e)
		return
	}
	f.recent[key] = f.order.PushFront(entry{key, fig})
	for f.order.Len() > maxRecent {
		last := f.order.Back()
		delete(f.recent, last.Value.(entry).key)
		f.order.Remove(last)
	}
}

// prune removes the figures that were used longest ago while there is more
// than maxKeptBytes, and what an earlier run left half written.
func (f *figures) prune() {
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		return
	}
	var files []fs.FileInfo
	total := int64(0)
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || e.IsDir() {
			continue
		}
		if matched, _ := filepath.Match("new-*", e.Name()); matched && time.Since(info.ModTime()) > time.Hour {
			_ = os.Remove(filepath.Join(f.dir, e.Name()))
			continue
		}
		files = append(files, info)
		total += info.Size()
	}
	slices.SortFunc(files, func(a, b fs.FileInfo) int { return a.ModTime().Compare(b.ModTime()) })
	for _, info := range files {
		if total <= maxKeptBytes {
			return
		}
		total -= info.Size()
		_ = os.Remove(filepath.Join(f.dir, info.Name()))
	}
}

// encode is the JSON form that the web app draws.
func encode(fig figure.Figure) (json.RawMessage, error) {
	var b bytes.Buffer
	err := render.Write(&b, fig, "json", render.Options{})
	return b.Bytes(), err
}
