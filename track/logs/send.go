package logs

import (
	"context"
	"encoding/json"
	"time"

	"github.com/tomo-viz/tomo/track"
)

// heldBytes is how much is kept in one piece.
const heldBytes = 24 << 20

// Done says that all that lies before a position in the file was handed over.
// An error means that nothing more can be kept, and that reading is to end.
func (s *Sink) Done(ctx context.Context, at int64) error {
	s.file.At = at
	if !s.full() {
		return nil
	}
	if err := s.leave(); err != nil {
		return err
	}
	return s.send(ctx)
}

// full reports whether enough was handed over for one piece.
func (s *Sink) full() bool { return s.held >= heldBytes }

// leave notes how far the file was read, which is kept with what was handed over.
func (s *Sink) leave() (err error) {
	state := &s.run.state
	if s.file.Check, err = check(s.source, s.file.At); err != nil {
		return err
	}
	if state.Files == nil {
		state.Files = map[string]fileState{}
	}
	state.Files[s.name] = s.file
	return nil
}

// send hands the state on, with what belongs to it. Of a run of which there is
// nothing to show, nothing is kept, but for what the reader knows, to go on.
func (s *Sink) send(ctx context.Context) (err error) {
	state := &s.run.state
	if state.Reader, err = s.reader.State(); err != nil {
		return err
	}
	if s.held == 0 && s.cut == nil && s.cuts == nil && !s.isSaid() && !s.counted && !state.Kept {
		return ctx.Err()
	}
	if s.end != nil {
		state.Ended = s.end.state != track.Running
	} else if s.held > 0 {
		state.Ended = false
	}
	s.grown = s.grown || s.held > 0 || s.anew || s.cut != nil || s.cuts != nil || s.isSaid()
	state.Kept = true
	state.First = earliest(state.First, s.first)
	state.Last = max(state.Last, s.last)
	p := &piece{run: s.run, about: s.about, anew: s.anew, cut: s.cut, cuts: s.cuts, batch: s.batch, first: state.First, held: s.held + len(state.Reader)}
	for _, c := range s.used {
		if len(c.points) > 0 {
			p.batch.Metrics = append(p.batch.Metrics, track.Metric{Name: c.name, Points: c.points})
		}
		c.points, c.usual = nil, len(c.points)
	}
	if p.state, err = json.Marshal(state); err != nil {
		return err
	}
	s.used, s.batch, s.about, s.anew, s.cut, s.cuts, s.held, s.counted = nil, track.Batch{}, about{}, false, nil, nil, 0, false
	return s.keeper.take(ctx, p)
}

// earliest is the smaller of two times, of which 0 is none.
func earliest(a, b int64) int64 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// close keeps the rest, and ends a run of which nobody writes a log any more.
func (s *Sink) close(ctx context.Context, files []found) error {
	state := &s.run.state
	if state.Kept && !state.Ended && isIdle(files) {
		state.Ended = true
		s.end = &ending{track.Finished, time.UnixMicro(state.Last)}
	}
	return s.send(ctx)
}
