package mlflow

import (
	"crypto/rand"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
)

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
