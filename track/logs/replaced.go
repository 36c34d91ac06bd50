package logs

import (
	"bytes"
	"errors"
	"hash/crc32"
	"io"
	"os"
	"slices"
)

// replaced reports whether one of the files is not the one that was read: it is
// shorter, or what was read of it is not there. One that cannot be opened now
// says nothing.
func (r *run) replaced(changed []found) bool {
	for _, f := range changed {
		s := r.state.Files[f.rel]
		if s.At == 0 && s.Damage == "" {
			continue
		}
		if f.info.Size() < s.At {
			return true
		}
		src, err := r.root.lib.openFile(r.root.full(f.rel))
		if err != nil {
			continue
		}
		sum, err := check(src, s.At)
		src.Close()
		if err == nil && sum != s.Check {
			return true
		}
	}
	return false
}

// gone reports whether no file is left of those that were read: the others are
// those of another training in the same folder. While there is one, the rest may
// have been rotated away.
func (r *run) gone(files []found) bool {
	return !slices.ContainsFunc(files, func(f found) bool {
		_, read := r.state.Files[f.rel]
		return read
	})
}

// isAfter reports whether files that come behind one were read already: it was
// copied later than they, or is of several that grow at once.
func (s *Sink) isAfter(rel string) bool {
	for other, state := range s.run.state.Files {
		if state.At > 0 && s.run.format.order(other, rel) > 0 {
			return true
		}
	}
	return false
}

// isGone reports whether a file of the run is there no more.
func (s *Sink) isGone(rel string) bool {
	_, err := os.Stat(s.run.root.full(rel))
	return errors.Is(err, os.ErrNotExist)
}

// checkBytes is how much of a file's beginning, and of what lies before the
// position in it, tells it from another.
const checkBytes = 256

// check sums up what tells a file, read up to some position, from another.
func check(src io.ReaderAt, at int64) (uint32, error) {
	sum := crc32.NewIEEE()
	n := min(at, checkBytes)
	_, err := io.Copy(sum, io.MultiReader(
		bytes.NewReader([]byte{byte(n >> 8), byte(n)}),
		io.NewSectionReader(src, 0, n), io.NewSectionReader(src, at-n, n)))
	return sum.Sum32(), err
}
