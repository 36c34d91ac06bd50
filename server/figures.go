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
	"strings"
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
	memory int64                    // that the recent ones take, as JSON
	disk   int64                    // that the files take, more or less
	room   int64                    // for files
}

type entry struct {
	key  string
	fig  figure.Figure
	size int64
}

// Bounds of what is kept, in memory and on disk.
const (
	maxRecent      = 64
	maxRecentBytes = 256 << 20
	maxKeptBytes   = 1 << 30
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
	f := &figures{dir: dir, recent: map[string]*list.Element{}, order: list.New(), room: maxKeptBytes}
	f.prune()
	return f, nil
}

// The names of the files: of a figure, without .json, and of one half written.
var (
	keyForm  = regexp.MustCompile(`^[0-9a-f]{32}$`)
	leftover = regexp.MustCompile(`^figure-[0-9]+\.new$`)
)

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
	if fig := f.remembered(key); fig != nil {
		return fig, nil
	}
	raw, err := os.ReadFile(f.path(key))
	if err == nil {
		var fig figure.Figure
		if fig, err = render.ReadJSON(bytes.NewReader(raw)); err == nil {
			now := time.Now()
			_ = os.Chtimes(f.path(key), now, now) // used lately
			f.remember(entry{key, fig, int64(len(raw))})
			return fig, nil
		}
		_ = os.Remove(f.path(key))
	}
	return nil, notFound{"this figure is not kept any more; run the technique again"}
}

// put keeps a figure, in memory at least.
func (f *figures) put(key string, fig figure.Figure) error {
	raw, err := encode(fig)
	f.remember(entry{key, fig, int64(len(raw))})
	if err != nil {
		return err
	}
	if f.grow(int64(len(raw))) {
		f.prune()
	}
	return f.write(key, raw)
}

// grow reports whether there is no room for so many bytes more.
func (f *figures) grow(n int64) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.disk += n
	return f.disk > f.room
}

func (f *figures) write(key string, raw []byte) error {
	tmp, err := os.CreateTemp(f.dir, "figure-*.new")
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

func (f *figures) remembered(key string) figure.Figure {
	f.mu.Lock()
	defer f.mu.Unlock()
	e := f.recent[key]
	if e == nil {
		return nil
	}
	f.order.MoveToFront(e)
	return e.Value.(entry).fig
}

// remember holds a figure in memory; those used longest ago give way.
func (f *figures) remember(e entry) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.forget(f.recent[e.key])
	f.recent[e.key] = f.order.PushFront(e)
	f.memory += e.size
	for f.order.Len() > 1 && (f.order.Len() > maxRecent || f.memory > maxRecentBytes) {
		f.forget(f.order.Back())
	}
}

func (f *figures) forget(at *list.Element) {
	if at == nil {
		return
	}
	e := f.order.Remove(at).(entry)
	delete(f.recent, e.key)
	f.memory -= e.size
}

// prune removes the figures that were used longest ago until a tenth of the
// room is free, if they fill it, and what an earlier run left half written.
// Whatever else is in the folder stays.
func (f *figures) prune() {
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		return
	}
	var files []fs.FileInfo
	total := int64(0)
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		key, isJSON := strings.CutSuffix(e.Name(), ".json")
		switch {
		case isJSON && keyForm.MatchString(key):
			files = append(files, info)
			total += info.Size()
		case leftover.MatchString(e.Name()) && time.Since(info.ModTime()) > time.Hour:
			_ = os.Remove(filepath.Join(f.dir, e.Name()))
		}
	}
	if total > f.room {
		total = f.removeOldest(files, total)
	}
	f.mu.Lock()
	f.disk = total
	f.mu.Unlock()
}

func (f *figures) removeOldest(files []fs.FileInfo, total int64) int64 {
	slices.SortFunc(files, func(a, b fs.FileInfo) int { return a.ModTime().Compare(b.ModTime()) })
	for _, info := range files {
		if total <= f.room/10*9 {
			break
		}
		total -= info.Size()
		_ = os.Remove(filepath.Join(f.dir, info.Name()))
	}
	return total
}

// encode is the JSON form that the web app draws.
func encode(fig figure.Figure) (json.RawMessage, error) {
	var b bytes.Buffer
	err := render.Write(&b, fig, "json", render.Options{})
	return b.Bytes(), err
}
