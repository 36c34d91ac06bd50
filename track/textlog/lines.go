package textlog

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// MaxLine bounds a line, in bytes: longer ones are reported and passed over,
// without taking memory.
const MaxLine = 16 << 20

// errLong is what next says of a line that is longer.
var errLong = fmt.Errorf("has more than %d bytes", MaxLine)

// lines reads one line after the other from what may still grow.
type lines struct {
	src    io.ReaderAt
	buf    []byte
	from   int   // of what is not taken yet in buf
	looked int   // how much of that has no line end
	offset int64 // of it in the file
	number int64 // lines taken
	length int   // of the last one, with its end
	// ended says that a last line without an end is a whole one.
	ended bool
	// cut says that the last line was taken without an end, which may come;
	// guessed that only ended told that it is a whole one.
	cut, guessed bool
}

// ErrWentOn says that the file goes on within a last line that was taken for a
// whole one, so that what was made of it is wrong.
var ErrWentOn = errors.New("the last line was taken too early")

// least is how much is read at a time.
const least = 256 << 10

// next returns the next line without its end, valid until the call after. It
// returns io.EOF at the end of the file and within a line that has no end yet.
func (l *lines) next() ([]byte, error) {
	for {
		rest := l.buf[l.from:]
		if n := bytes.IndexByte(rest[l.looked:], '\n'); n >= 0 {
			n += l.looked
			isEmpty := len(bytes.TrimSuffix(rest[:n], []byte("\r"))) == 0
			if l.guessed && !isEmpty {
				return nil, ErrWentOn
			}
			l.take(n + 1)
			wasCut := l.cut
			l.cut, l.guessed = false, false
			if wasCut && isEmpty {
				l.number-- // the end of the line before
				continue
			}
			if n > MaxLine {
				return nil, errLong
			}
			return bytes.TrimSuffix(rest[:n], []byte("\r")), nil
		}
		l.looked = len(rest)
		if l.looked > MaxLine {
			return nil, l.pass()
		}
		err := l.fill()
		if errors.Is(err, io.EOF) && l.ended && len(rest) > 0 {
			if l.guessed {
				return nil, ErrWentOn
			}
			l.takeRest()
			l.guessed = true
			return bytes.TrimSuffix(rest, []byte("\r")), nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// rest is what there is of a line that has no end yet, after next has returned
// io.EOF.
func (l *lines) rest() []byte { return l.buf[l.from:] }

// takeRest takes it.
func (l *lines) takeRest() {
	l.take(len(l.rest()))
	l.cut = true
}

func (l *lines) take(n int) {
	l.from += n
	l.offset += int64(n)
	l.looked = 0
	l.length = n
	l.number++
}

// pass passes over a line that is too long. Without its end, nothing is taken.
func (l *lines) pass() error {
	kept := *l
	kept.buf = nil
	skipped := int64(len(l.buf) - l.from)
	l.buf, l.from = l.buf[:0], 0
	for {
		l.offset += skipped
		if err := l.fill(); err != nil {
			*l = kept // to be looked through again when there is more
			l.buf, l.from, l.looked = nil, 0, 0
			return err
		}
		if n := bytes.IndexByte(l.buf, '\n'); n >= 0 {
			l.take(n + 1)
			return errLong
		}
		skipped = int64(len(l.buf))
		l.buf = l.buf[:0]
	}
}

// fill reads on.
func (l *lines) fill() error {
	if l.from > 0 {
		l.buf = l.buf[:copy(l.buf, l.buf[l.from:])]
		l.from = 0
	}
	if len(l.buf) == cap(l.buf) {
		grown := make([]byte, len(l.buf), max(least, 2*cap(l.buf)))
		copy(grown, l.buf)
		l.buf = grown
	}
	n, err := l.src.ReadAt(l.buf[len(l.buf):cap(l.buf)], l.offset+int64(len(l.buf)))
	l.buf = l.buf[:len(l.buf)+n]
	if n > 0 {
		return nil
	}
	if err == nil {
		return io.ErrNoProgress
	}
	return err
}
