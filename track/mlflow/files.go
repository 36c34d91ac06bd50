package mlflow

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
)

// artifacts are files in one folder, which nothing leaves: os.Root sees to that,
// whatever links or names there are.
type artifacts struct {
	dir  string // empty where none are kept
	most int64  // bytes of one
	all  int64  // bytes of all
	used atomic.Int64

	mu   sync.Mutex
	root *os.Root // nil until the folder is there

	moving sync.Mutex // held by who puts a file where it belongs, or deletes
}

// uploading is the folder in which files lie that are not complete yet.
const uploading = ".uploading"

func newArtifacts(opt Options) *artifacts {
	return &artifacts{dir: opt.Artifacts, most: cmp.Or(opt.MaxArtifact, 4<<30), all: cmp.Or(opt.MaxArtifacts, 64<<30)}
}

// folder opens the folder, where it is there or must be. The first time it
// counts what is in it, and removes what a crash has left.
func (a *artifacts) folder(must bool) (*os.Root, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.root != nil {
		return a.root, nil
	}
	if must {
		if err := os.MkdirAll(a.dir, 0o755); err != nil {
			return nil, err
		}
	}
	root, err := os.OpenRoot(a.dir)
	if err != nil {
		return nil, err
	}
	size, err := bytesBelow(root, ".")
	if err = errors.Join(err, root.RemoveAll(uploading)); err != nil {
		return nil, errors.Join(err, root.Close())
	}
	a.used.Store(size)
	a.root = root
	return root, nil
}

// Close frees the folder.
func (a *artifacts) Close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.root == nil {
		return nil
	}
	return a.root.Close()
}

// bytesBelow is the size of all files of a folder, or of one.
func bytesBelow(root *os.Root, name string) (size int64, err error) {
	err = fs.WalkDir(root.FS(), filepath.ToSlash(name), func(p string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() || strings.HasPrefix(p, uploading) {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			size += info.Size()
		}
		return err
	})
	return size, err
}

// Bounds of the path of an artifact, as file systems have them.
const (
	maxPath     = 4 << 10 // bytes
	maxPathName = 255     // bytes of a file's or a folder's name
)

// clean returns the path of a file as the folder knows it, or refuses it. The
// empty path is the folder itself.
func (a *artifacts) clean(p string) (string, error) {
	if a.dir == "" {
		return "", unsupported("this server keeps no artifacts")
	}
	if p == "" {
		return ".", nil
	}
	local := filepath.FromSlash(p)
	if !filepath.IsLocal(local) || path.Clean(p) != strings.TrimSuffix(p, "/") || strings.ContainsAny(p, "\\\x00") || strings.HasPrefix(p, uploading) {
		return "", invalid("%.200q is no path of an artifact", p)
	}
	if len(p) > maxPath || slices.ContainsFunc(strings.Split(p, "/"), func(name string) bool { return len(name) > maxPathName }) {
		return "", invalid("the path %.200q... is longer than the %d bytes, or has a name of more than the %d, that are taken", p, maxPath, maxPathName)
	}
	return local, nil
}

// fits refuses a file where there is a folder, or below another file.
func fits(root *os.Root, name string) error {
	if info, err := root.Lstat(name); err == nil && info.IsDir() {
		return invalid("%q is a folder, and cannot be a file", filepath.ToSlash(name))
	}
	for dir := filepath.Dir(name); dir != "."; dir = filepath.Dir(dir) {
		if info, err := root.Stat(dir); err == nil && !info.IsDir() {
			return invalid("%q is a file, and cannot hold others", filepath.ToSlash(dir))
		}
	}
	return nil
}

// missing reports whether a file is not there, be it that what should be its
// folder is none.
func missing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// remove deletes a file or a folder.
func (a *artifacts) remove(name string) error {
	root, err := a.folder(false)
	if err != nil {
		return err
	}
	a.moving.Lock()
	defer a.moving.Unlock()
	freed, err := bytesBelow(root, name)
	if err = errors.Join(err, root.RemoveAll(name)); err == nil {
		a.used.Add(-freed)
	}
	return err
}
