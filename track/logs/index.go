package logs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/tomo-viz/tomo/track"
)

// A root is one path of a library, with its index.
type root struct {
	lib       *Library
	path      string // absolute
	scanner   scanner
	index     *track.Store
	temporary string // the folder of an index that is not kept
	runs      map[runKey]*run
	stores    map[string]bool // of Tomo's own that are open, by rel
}

func openRoot(ctx context.Context, l *Library, path string) (*root, error) {
	full, err := filepath.Abs(path)
	if err == nil {
		_, err = os.Stat(full)
	}
	if err != nil {
		return nil, err
	}
	return &root{
		lib: l, path: full, scanner: scanner{root: full, kinds: map[string]kind{}},
		runs: map[runKey]*run{}, stores: map[string]bool{},
	}, nil
}

// open opens the index, when there is something to keep in it.
func (r *root) open(ctx context.Context) error {
	if r.index != nil {
		return nil
	}
	s, err := track.Open(ctx, r.indexPath())
	if err != nil && ctx.Err() == nil {
		s, err = r.openTemporary(ctx, err)
	}
	if err != nil {
		return err
	}
	r.index = s
	r.lib.keep(s)
	return r.load(ctx)
}

// load finds out how far each run was read.
func (r *root) load(ctx context.Context) error {
	stored, err := r.index.Runs(ctx, "")
	if err != nil {
		return err
	}
	for _, s := range stored {
		tags, err := r.index.Tags(ctx, s)
		if err != nil {
			return err
		}
		known := &run{root: r, stored: s}
		if json.Unmarshal([]byte(tags[stateTag]), &known.state) == nil && known.state.Format != "" {
			known.format = formatOf(known.state.Format)
			r.runs[runKey{known.state.Format, known.state.Name}] = known
		}
	}
	return nil
}

// indexPath is where the index of a path is kept between starts.
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
	return track.Open(ctx, filepath.Join(dir, "index.db"))
}

func (r *root) close() error {
	if r.temporary == "" {
		return nil
	}
	return os.RemoveAll(r.temporary)
}

// idOf is the same for a run whenever it is read, and no other's.
func (r *root) idOf(format *Format, name string) string {
	sum := sha256.Sum256([]byte(r.path + "\x00" + format.Name + "\x00" + name))
	return hex.EncodeToString(sum[:16])
}

// titleOf is what a run is called: its path below the root.
func (r *root) titleOf(name string) string {
	if name == "." {
		return filepath.Base(r.path)
	}
	return name
}

// project is what the runs of a root are listed under: the name of its folder.
func (r *root) project() string { return cleanName(filepath.Base(r.path)) }
