package logs

import (
	"bytes"
	"context"
	"fmt"
	"hash/crc32"
	"io"
	"os"

	"github.com/tomo-viz/tomo/track"
)

type runKey struct{ format, name string }

// A run is one whose files are known.
type run struct {
	root   *root
	format *Format
	stored *track.Run // nil until there is something to keep of it
	state  runState
}

// A runState is how far a run was read. It is kept in the index together with
// what was read.
type runState struct {
	Format, Name string
	Reader       []byte
	Files        map[string]fileState // by rel
}

// A fileState is how far a file was read.
type fileState struct {
	At       int64  // what lies before was handed over
	Size     int64  // when it was read the last time
	Modified int64  // at that time, in nanoseconds since 1970
	Check    uint32 // of what lies at its beginning and before At
	Damaged  bool   // behind At, which has been said
}

// update reads on in the files that have changed, and reports whether there was
// anything new.
func (r *run) update(ctx context.Context, files []found) (grown bool, err error) {
	changed := files[:0:0]
	for _, f := range files {
		s := r.state.Files[f.rel]
		if s.Size != f.info.Size() || s.Modified != f.info.ModTime().UnixNano() {
			changed = append(changed, f)
		}
	}
	if len(changed) == 0 {
		return false, nil
	}
	var reader Reader
	if r.state.Reader != nil {
		reader, err = r.format.Open(r.state.Reader)
	}
	if reader == nil || err != nil {
		if reader, err = r.format.Open(nil); err != nil {
			return false, err
		}
	}
	sink := newSink(r, reader)
	for _, f := range changed {
		if err := r.read(ctx, f, reader, sink); err != nil {
			return sink.grown, err
		}
	}
	return sink.grown, nil
}

// read reads on in one file. What is wrong with it is said and no error.
func (r *run) read(ctx context.Context, f found, reader Reader, sink *Sink) error {
	src, err := os.Open(r.root.full(f.rel))
	if err != nil {
		r.root.lib.warnOnce(err)
		return nil
	}
	defer src.Close()
	if err := sink.begin(f, src); err != nil {
		return err
	}
	if sink.file.Damaged {
		return sink.flush(ctx)
	}
	err = reader.Read(ctx, &File{Path: f.rel, At: sink.file.At, ReaderAt: src}, sink)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case sink.failed != nil:
		return sink.failed
	case err != nil:
		sink.file.Damaged = true
		r.root.lib.warn(fmt.Errorf("%s: %w", r.root.full(f.rel), err))
	}
	return sink.flush(ctx)
}

// checkBytes is how much of a file's beginning, and of what lies before the
// position in it, tells it from another.
const checkBytes = 256

// check sums up what tells a file, read to some position, from another.
func check(src io.ReaderAt, at int64) (uint32, error) {
	sum := crc32.NewIEEE()
	n := min(at, checkBytes)
	_, err := io.Copy(sum, io.MultiReader(io.NewSectionReader(src, 0, n), io.NewSectionReader(src, at-n, n), bytes.NewReader([]byte{byte(n)})))
	return sum.Sum32(), err
}
