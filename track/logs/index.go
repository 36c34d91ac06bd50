package logs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/tomo-viz/tomo/track"
)

// A root is one path of a library, with its index.
type root struct {
	lib       *Library
	path      string // absolute
	scanner   scanner
	index     *track.Store // nil until there is something to keep in it
	temporary string       // the folder of an index that is not kept
	files     []found      // that the last scan found
	runs      map[runKey]*run
	moved     map[string]time.Time // when files were last seen to change, by rel
	stores    map[string]bool      // of Tomo's own that are open, by rel
}

func openRoot(l *Library, path string) (*root, error) {
	full, err := filepath.Abs(path)
	if err == nil {
		_, err = os.Stat(full)
	}
	if err != nil {
		return nil, err
	}
	return &root{
		lib: l, path: full, scanner: scanner{root: full, kinds: map[string]kind{}},
		runs: map[runKey]*run{}, moved: map[string]time.Time{}, stores: map[string]bool{},
	}, nil
}

// open opens the index.
func (r *root) open(ctx context.Context) error {
	if r.index != nil {
		return nil
	}
	s, err := r.openKept(ctx)
	if err != nil && ctx.Err() == nil {
		s, err = r.openTemporary(ctx, err)
	}
	if err != nil {
		return err
	}
	r.index = s
	r.lib.keep(s)
	return nil
}

// openKept opens the index that is kept between starts. One that cannot be read
// is made again: all of it can be.
func (r *root) openKept(ctx context.Context) (*track.Store, error) {
	path := r.indexPath()
	s, err := track.OpenIndex(ctx, path)
	if err == nil || errors.Is(err, track.ErrInUse) || ctx.Err() != nil {
		return s, err
	}
	for _, ending := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(path + ending); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
	}
	return track.OpenIndex(ctx, path)
}

// indexPath is where the index of a path is kept.
func (r *root) indexPath() string {
	folder := r.lib.options.Folder
	if folder == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			cache = os.TempDir()
		}
		folder = filepath.Join(cache, "tomo", "logs")
	}
	sum := sha256.Sum256([]byte(r.path))
	return filepath.Join(folder, hex.EncodeToString(sum[:12])+".db")
}

// openTemporary opens an index that is not kept, where that of the path cannot
// be: another program has it open, or the folder is full or not to be written.
func (r *root) openTemporary(ctx context.Context, why error) (*track.Store, error) {
	if !errors.Is(why, track.ErrInUse) {
		r.lib.warn(fmt.Errorf("the index of %s cannot be kept: %w", r.path, why))
	}
	dir, err := os.MkdirTemp("", "tomo-logs-")
	if err != nil {
		return nil, errors.Join(why, err)
	}
	r.temporary = dir
	return track.OpenIndex(ctx, filepath.Join(dir, "index.db"))
}

func (r *root) close() error {
	if r.temporary == "" {
		return nil
	}
	return os.RemoveAll(r.temporary)
}

// run returns the run of a key, as far as it was read.
func (r *root) run(ctx context.Context, key runKey, format *Format) (*run, error) {
	before := r.runs[key]
	if before != nil && !before.lost {
		return before, nil
	}
	known := &run{root: r, format: format, name: key.name, id: r.idOf(format, key.name)}
	if before != nil {
		known.again = before.again
	}
	if err := known.load(ctx, r.index); err != nil {
		return nil, err
	}
	r.runs[key] = known
	return known, nil
}

// idOf is the same for a run whenever it is read, and no other's.
func (r *root) idOf(format *Format, name string) string {
	sum := sha256.Sum256([]byte(r.path + "\x00" + format.Name + "\x00" + name))
	return hex.EncodeToString(sum[:16])
}

// titleOf is what a run is called: its path below the root.
func (r *root) titleOf(name string) string {
	if name == "." {
		name = filepath.Base(r.path)
	}
	return cleanName(name)
}

// project is what the runs of a root are listed under: the name of its folder.
func (r *root) project() string { return cleanName(filepath.Base(r.path)) }

// full is the path of a file that is known by its path below the root.
func (r *root) full(rel string) string {
	if r.scanner.single {
		return r.path
	}
	return filepath.Join(r.path, filepath.FromSlash(rel))
}
