package track

import (
	"errors"
	"io/fs"
	"os"
	"sync"
)

// claims are the files that this process has locked through SQLite. The locks are
// POSIX advisory ones, and closing any descriptor of a file drops all that the
// process has on it (https://www.sqlite.org/howtocorrupt.html, section 2.2): if
// one of these files were opened elsewhere in the program, only to look at its
// first bytes, another program could then write it at the same time, or take its
// write-ahead log away.
var claims = struct {
	sync.RWMutex
	files map[*claim]bool
}{files: map[*claim]bool{}}

// A claim is one such file.
type claim struct{ info fs.FileInfo }

// newClaim claims a file before SQLite opens it, and makes it where there is
// none: what it is called may change, what it is does not.
func newClaim(path string) (*claim, error) {
	claims.Lock() // who looks at the file has closed it
	defer claims.Unlock()
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		info, err = create(path)
	}
	if err != nil {
		return nil, err
	}
	c := &claim{info}
	claims.files[c] = true
	return c, nil
}

func create(path string) (fs.FileInfo, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.Stat()
}

// release gives the file up, once SQLite has closed it.
func (c *claim) release() {
	claims.Lock()
	defer claims.Unlock()
	delete(claims.files, c)
}

// Look calls look, which opens a file, reads a little and closes it, unless a
// store of this process has that file open, by whatever name: then it must not be
// opened, and Look returns false. No store is opened meanwhile.
func Look(info fs.FileInfo, look func()) bool {
	claims.RLock()
	defer claims.RUnlock()
	for c := range claims.files {
		if os.SameFile(c.info, info) {
			return false
		}
	}
	look()
	return true
}
