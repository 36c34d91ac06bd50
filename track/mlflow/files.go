package mlflow

import (
	"cmp"
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
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

// save writes a file, in place of one of that name, when all of it has come. It
// reports whether there was one. When it returns, the file is on the disk.
func (a *artifacts) save(name string, from io.Reader) (replaced bool, err error) {
	root, err := a.folder(true)
	if err != nil {
		return false, err
	}
	if err := errors.Join(fits(root, name), root.MkdirAll(uploading, 0o755)); err != nil {
		return false, err
	}
	part := filepath.Join(uploading, rand.Text())
	w := &bounded{artifacts: a}
	defer func() {
		if err != nil {
			a.used.Add(-w.written)
			_ = root.Remove(part) // if it is there
		}
	}()
	if w.file, err = root.Create(part); err != nil {
		return false, err
	}
	_, err = io.Copy(w, from)
	if err == nil {
		err = w.file.Sync()
	}
	if err = errors.Join(err, w.file.Close()); err != nil {
		return false, err
	}
	if replaced, err = a.move(root, part, name); err != nil {
		return false, err
	}
	w.written = 0 // it counts, even if the folders cannot be synced
	return replaced, syncFolders(root, filepath.Dir(name))
}

// move puts a file that is complete where it belongs.
func (a *artifacts) move(root *os.Root, part, name string) (replaced bool, err error) {
	a.moving.Lock()
	defer a.moving.Unlock()
	if err := fits(root, name); err != nil { // by now
		return false, err
	}
	if err := root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return false, err
	}
	old, gone := root.Lstat(name)
	if err := root.Rename(part, name); err != nil {
		return false, err
	}
	if replaced = gone == nil; replaced && old.Mode().IsRegular() {
		a.used.Add(-old.Size())
	}
	return replaced, nil
}

// syncFolders brings a folder and those that it lies in to the disk, which may
// be new.
func syncFolders(root *os.Root, dir string) error {
	if runtime.GOOS == "windows" {
		return nil // where folders cannot be synced, and need not be
	}
	for ; ; dir = filepath.Dir(dir) {
		f, err := root.Open(dir)
		if err != nil {
			return err
		}
		if err := errors.Join(f.Sync(), f.Close()); err != nil || dir == "." {
			return err
		}
	}
}

// bounded writes a file while there is room for it.
type bounded struct {
	*artifacts
	file    *os.File
	written int64
}

func (b *bounded) Write(p []byte) (int, error) {
	n := int64(len(p))
	if b.written+n > b.most {
		return 0, fail("RESOURCE_EXHAUSTED", "an artifact of more than %d bytes; no longer ones are taken", b.most)
	}
	b.written += n
	if b.used.Add(n) > b.all {
		return 0, fail("RESOURCE_EXHAUSTED", "the artifacts would have more than %d bytes together; delete some first", b.all)
	}
	return b.file.Write(p)
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

// maxListed bounds the entries of a folder that are listed.
const maxListed = 100_000

// list returns what a folder holds, with names that begin with prefix; nothing
// for what is no folder.
func (a *artifacts) list(name, prefix string) ([]fileInfo, error) {
	out := []fileInfo{}
	root, err := a.folder(false)
	if err == nil {
		var info fs.FileInfo
		info, err = root.Stat(name)
		if err == nil && !info.IsDir() {
			return out, nil
		}
	}
	if missing(err) {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	entries, err := fs.ReadDir(root.FS(), filepath.ToSlash(name))
	if err != nil {
		return nil, err
	}
	if len(entries) > maxListed {
		return nil, invalid("the folder %q holds %d entries, of which at most %d can be listed", name, len(entries), maxListed)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || e.Name() == uploading {
			continue // deleted meanwhile
		}
		f := fileInfo{Path: path.Join(prefix, e.Name()), IsDir: e.IsDir()}
		if !f.IsDir {
			f.Size = info.Size()
		}
		out = append(out, f)
	}
	return out, nil
}
