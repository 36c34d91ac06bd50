package mlruns

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// A Point is a line of a metric.
type Point struct {
	Time  int64 // microseconds since 1970
	Value float64
	Step  int64
}

// A Reader reads the points of a metric from a file that may grow.
type Reader struct {
	src    *bufio.Reader
	offset int64
}

// maxLine bounds a line: a time, a value, a step, and two short names.
const maxLine = 64 << 10

// NewReader reads from a source that begins at an offset in the file.
func NewReader(src io.Reader, offset int64) *Reader {
	return &Reader{bufio.NewReaderSize(src, maxLine), offset}
}

// Offset is where the next line begins, in bytes.
func (r *Reader) Offset() int64 { return r.offset }

// ErrLine is wrapped by what is said of a line that is no point. Reading goes on
// behind it.
var ErrLine = errors.New("no time, value and step")

// Next returns the next point, io.EOF where there is none yet: at the end, and in
// a line that has no end.
func (r *Reader) Next() (Point, error) {
	at := r.offset
	line, err := r.src.ReadSlice('\n')
	for ; errors.Is(err, bufio.ErrBufferFull); line, err = r.src.ReadSlice('\n') {
		r.offset += int64(len(line))
	}
	if err != nil {
		r.offset = at
		return Point{}, err
	}
	long := r.offset > at
	r.offset += int64(len(line))
	p, ok := parse(line)
	if !ok || long {
		return Point{}, fmt.Errorf("the line at byte %d, %.60q, has %w", at, bytes.TrimSpace(line), ErrLine)
	}
	return p, nil
}

// parse reads a line. Since MLflow 3 the name and the digest of a dataset may
// follow; before 1.0 there was no step.
func parse(line []byte) (p Point, ok bool) {
	fields := bytes.Fields(line)
	if len(fields) != 2 && len(fields) != 3 && len(fields) != 5 {
		return p, false
	}
	ms, err := strconv.ParseInt(string(fields[0]), 10, 64)
	if err != nil || ms < 0 || ms > 1e15 {
		return p, false
	}
	p.Time = ms * 1000
	p.Value, err = strconv.ParseFloat(string(fields[1]), 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return p, false
	}
	if len(fields) == 2 {
		return p, true
	}
	p.Step, err = strconv.ParseInt(string(fields[2]), 10, 64)
	return p, err == nil
}
