package logs

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tomo-viz/tomo/track"
)

// A runKey tells a run from others of one root.
type runKey struct{ format, name string }

// compare orders runs by their names.
func (k runKey) compare(other runKey) int {
	return cmp.Or(strings.Compare(k.name, other.name), strings.Compare(k.format, other.format))
}

// A run is one whose files are known.
type run struct {
	root   *root
	format *Format
	name   string
	id     string
	stored *track.Run // nil until something of it is kept
	state  runState

	again   time.Time // before which nothing is read, since the system could not
	lost    bool      // that state is not that of the index
	refused bool      // by the index, so that nothing more can be kept
}

// A runState is how far a run was read. It is kept in the index together with
// what was read.
type runState struct {
	Reader      json.RawMessage      `json:",omitempty"`
	Files       map[string]fileState // by their paths below the root
	Kept        bool                 // whether the run is in the index
	First, Last int64                // of the times in it
	LeftOut     map[string]int64     `json:",omitempty"` // what the files hold and the index does not, by what it is
	Title       string               `json:",omitempty"` // what the files call the run
	Deleted     bool                 `json:",omitempty"` // whether they say that it is deleted
	Ended       bool                 // whether it was said what became of the run
	Configured  bool                 // whether the files say how the run was configured
	Inherited   string               `json:",omitempty"` // the run whose configuration it has
}

// A fileState is how far a file was read.
type fileState struct {
	At       int64  // what lies before was handed over
	Size     int64  // when it was read the last time
	Modified int64  // at that time, in nanoseconds since 1970
	Check    uint32 // of what lies at its beginning and before At
	Damage   string `json:",omitempty"` // why nothing is read behind At
}

// source is what the state is kept under.
func (r *run) source() string { return r.format.Name + ":" + r.name }

// load finds out how far the run was read.
func (r *run) load(ctx context.Context, index *track.Store) error {
	raw, err := index.SourceState(ctx, r.source())
	if err != nil || raw == nil {
		return err
	}
	stored, err := index.Run(ctx, r.id)
	if errors.Is(err, track.ErrNoRun) {
		return nil
	}
	if err != nil || json.Unmarshal(raw, &r.state) != nil {
		r.state = runState{}
		return err
	}
	r.stored = stored
	for rel, f := range r.state.Files {
		if f.Damage != "" {
			r.root.lib.warn(fmt.Errorf("%s: %s", r.root.full(rel), f.Damage))
		}
	}
	return nil
}

// changed lists the files that are not as they were when they were read.
func (r *run) changed(files []found) (list []found) {
	for _, f := range files {
		s := r.state.Files[f.rel]
		if s.Size != f.info.Size() || s.Modified != f.info.ModTime().UnixNano() {
			list = append(list, f)
		}
	}
	return list
}

// due reports whether there is anything to do: to read on, or to say that nobody
// writes the files any more.
func (r *run) due(files []found) bool {
	if r.refused || time.Now().Before(r.again) {
		return false
	}
	return len(r.changed(files)) > 0 || r.state.Kept && !r.state.Ended && isIdle(files)
}

// update reads on in the files that have changed, and reports whether there was
// anything new.
func (r *run) update(ctx context.Context, files []found, k *keeper) (grown bool, err error) {
	r.again = time.Time{}
	changed := r.changed(files)
	reader, again, err := r.open(files, changed)
	if err != nil {
		return false, err
	}
	sink := newSink(r, reader, k)
	if again {
		changed = files
		sink.restart()
	}
	err = r.readAll(ctx, changed, reader, sink)
	if errors.Is(err, errAgain) {
		if reader, err = r.format.Open(nil); err != nil {
			return sink.grown, err
		}
		sink = newSink(r, reader, k)
		sink.restart()
		if err = r.readAll(ctx, files, reader, sink); errors.Is(err, errAgain) {
			err = nil // the file grows just now; the next update comes back to it
		}
	}
	if err != nil || r.lost {
		return sink.grown, err
	}
	err = sink.close(ctx, files)
	return sink.grown, err
}

func (r *run) readAll(ctx context.Context, files []found, reader Reader, sink *Sink) error {
	for _, f := range files {
		if err := r.read(ctx, f, reader, sink); err != nil || r.lost {
			return err
		}
	}
	return nil
}

// open returns a reader that goes on where the last one ended, or one that
// begins again where that is not possible.
func (r *run) open(files, changed []found) (reader Reader, again bool, err error) {
	if len(r.state.Files) > 0 {
		again = r.gone(files) || r.replaced(changed)
		if !again {
			if reader, err = r.format.Open(r.state.Reader); err == nil {
				return reader, false, nil
			}
		}
		again = true
	}
	reader, err = r.format.Open(nil)
	return reader, again, err
}

// read reads on in one file. What is wrong with it is said and no error.
func (r *run) read(ctx context.Context, f found, reader Reader, sink *Sink) error {
	opened, err := r.root.lib.openFile(r.root.full(f.rel))
	if err != nil {
		r.root.lib.warnOnce(err)
		return nil
	}
	defer opened.Close()
	return r.readFrom(ctx, f, &source{ReaderAt: opened}, reader, sink)
}

// readFrom tells an error of the format, which stays with the file, from one of
// the system, after which the file is read on later.
func (r *run) readFrom(ctx context.Context, f found, src *source, reader Reader, sink *Sink) error {
	sink.begin(f, src)
	if sink.file.Damage == "" {
		err := readSafely(ctx, reader, &File{Path: f.rel, At: sink.file.At, ReaderAt: src}, sink)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case errors.Is(err, errAgain):
			return errors.Join(err, sink.leave())
		case src.err != nil:
			r.later(src.err)
			sink.file.Size = -1 // as no file has, so that it has changed
		case err != nil:
			sink.file.Damage = err.Error()
			r.root.lib.warn(fmt.Errorf("%s: %w", r.root.full(f.rel), err))
		}
	}
	if err := sink.leave(); err != nil {
		r.later(err)
		r.lost = true
	}
	return nil
}

// later says that the system could not read a file, and puts off the next try.
func (r *run) later(err error) {
	r.root.lib.warnOnce(err)
	r.again = time.Now().Add(failEvery)
}

// idleAfter is how long nobody writes a log of a training that has ended.
const idleAfter = 15 * time.Minute

func isIdle(files []found) bool {
	for _, f := range files {
		if time.Since(f.info.ModTime()) < idleAfter {
			return false
		}
	}
	return true
}
