package logs

import (
	"context"
	"time"

	"github.com/tomo-viz/tomo/track"
)

// An about is what a log says of the run itself that it has not said before.
type about struct {
	title   string     // empty where it is the one that it was
	deleted *time.Time // nil where that is as it was, zero where the run is in use again
	end     *ending
}

// An ending is what became of a run.
type ending struct {
	state track.State
	at    time.Time
}

// Title says what people call the run. Without one it is called by its path.
func (s *Sink) Title(title string) {
	if title == "" {
		return
	}
	if title = cleanName(title); title != s.run.state.Title {
		s.title, s.run.state.Title = title, title
	}
}

// Deleted says whether the run was deleted, and is not to be listed.
func (s *Sink) Deleted(deleted bool) {
	if deleted == s.run.state.Deleted {
		return
	}
	at := time.Time{}
	if deleted {
		at = time.UnixMicro(s.arrived)
	}
	s.deleted, s.run.state.Deleted = &at, deleted
}

// End says what became of the run. Of a run whose log does not say it, it is
// taken from the age of its files.
func (s *Sink) End(state track.State, at time.Time) { s.end = &ending{state, at} }

// Running says that the run goes on, also where it has ended before.
func (s *Sink) Running() {
	if s.run.state.Ended || s.end != nil {
		s.end = &ending{state: track.Running}
	}
}

// isSaid reports whether there is anything.
func (a *about) isSaid() bool { return a.title != "" || a.deleted != nil || a.end != nil }

// tell brings the run up to date with what its log says of it. One that has ended
// goes on when it grows.
func (k *keeper) tell(ctx context.Context, p *piece) error {
	goesOn := p.run.stored.State != track.Running && len(p.batch.Metrics)+len(p.batch.Records) > 0
	if !goesOn && !p.isSaid() {
		return nil
	}
	now, err := k.index.Run(ctx, p.run.id)
	if err != nil {
		return err
	}
	if goesOn {
		now.State, now.Ended = track.Running, time.Time{}
	}
	if p.title != "" {
		now.Title = p.title
	}
	if p.deleted != nil {
		now.Deleted = *p.deleted
	}
	if p.end != nil {
		now.State, now.Ended = p.end.state, p.end.at
	}
	if err := k.index.UpdateRun(ctx, now); err != nil {
		return err
	}
	p.run.stored = now
	return nil
}
