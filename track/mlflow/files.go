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
	"strings"
	"sync"
	"sync/atomic"
)

// artifacts are files in one folder, which nothing leaves: os.Root sees to that,
// whatever links or names there are.
type artifacts struct {
	root   *os.Root // nil where none are kept
	most   int64    // bytes of one
	all    int64    // bytes of all
	used   atomic.Int64
	counts func() error // counts, once, what is there
}

// uploading is the folder in which files lie that are not complete yet.
const uploading = ".uploading"

func openArtifacts(opt Options) (*artifacts, error) {
	a := &artifacts{most: cmp.Or(opt.MaxArtifact, 4<<30), all: cmp.Or(opt.MaxArtifacts, 64<<30)}
	if opt.Artifacts == "" {
		return a, nil
	}
	if err := os.MkdirAll(opt.Artifacts, 0o755); err != nil {
		return nil, err
	}
	var err error
	if a.root, err = os.OpenRoot(opt.Artifacts); err != nil {
		return nil, err
	}
	a.counts = sync.OnceValue(a.count)
	if err := a.root.RemoveAll(uploading); err != nil { // what a crash has left
		return nil, errors.Join(err, a.root.Close())
	}
	return a, nil
}

// Close frees the folder.
func (a *artifacts) Close() error {
	if a.root == nil {
		return nil
	}
	return a.root.Close()
}

func (a *artifacts) count() error {
	return fs.WalkDir(a.root.FS(), ".", func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			a.used.Add(info.Size())
		}
		return err
	})
}

// clean returns the path of a file as the folder knows it, or refuses it. The
// empty path is the folder itself.
func (a *artifacts) clean(p string) (string, error) {
	if a.root == nil {
		return "", unsupported("this server keeps no artifacts")
	}
	if p == "" {
		return ".", nil
	}
	local := filepath.FromSlash(p)
	if !filepath.IsLocal(local) || path.Clean(p) != strings.TrimSuffix(p, "/") || strings.ContainsAny(p, "\\\x00") || strings.HasPrefix(p, uploading) {
		return "", invalid("%.200q is no path of an artifact", p)
	}
	return local, nil
}

// save writes a file, in place of one of that name, when all of it has come. It
// reports whether there was one.
func (a *artifacts) save(name string, from io.Reader) (replaced bool, err error) {
	if err := a.counts(); err != nil {
		return false, err
	}
	if err := a.root.MkdirAll(uploading, 0o755); err != nil {
		return false, err
	}
	part := filepath.Join(uploading, rand.Text())
	w := &bounded{artifacts: a}
	defer func() {
		if err != nil {
			a.used.Add(-w.written)
			_ = a.root.Remove(part) // if it is there
		}
	}()
	if w.file, err = a.root.Create(part); err != nil {
		return false, err
	}
	_, err = io.Copy(w, from)
	if err = errors.Join(err, w.file.Close()); err != nil {
		return false, err
	}
	if err = a.root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return false, err
	}
	old, gone := a.root.Lstat(name)
	if err = a.root.Rename(part, name); err != nil {
		return false, err
	}
	if gone == nil {
		a.used.Add(-old.Size())
	}
	return gone == nil, nil
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
	if err := a.counts(); err != nil {
		return err
	}
	var freed int64
	err := fs.WalkDir(a.root.FS(), filepath.ToSlash(name), func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			freed += info.Size()
		}
		return err
	})
	if err = errors.Join(err, a.root.RemoveAll(name)); err == nil {
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
	entries, err := fs.ReadDir(a.root.FS(), filepath.ToSlash(name))
	if err != nil {
		if info, stat := a.root.Stat(name); errors.Is(stat, fs.ErrNotExist) || stat == nil && !info.IsDir() {
			return out, nil
		}
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
