package logs

import (
	"errors"
	"io"
	"os"
)

// A handle is a file that is open.
type handle interface {
	io.ReaderAt
	io.Closer
}

func openFile(path string) (handle, error) { return os.Open(path) }

// A source is a file that remembers what the system could not read of it.
type source struct {
	io.ReaderAt
	err error
}

// ReadAt implements io.ReaderAt.
func (s *source) ReadAt(p []byte, at int64) (int, error) {
	n, err := s.ReaderAt.ReadAt(p, at)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}
