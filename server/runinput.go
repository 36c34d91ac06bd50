package server

import (
	"context"
	"errors"
	"fmt"

	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/viz"
)

// maxRuns bounds the runs of one request.
const maxRuns = 5_000

// resolveRuns finds the runs of a request, and how far each has grown.
func (s *Server) resolveRuns(ctx context.Context, ids []string, out *resolved) error {
	if len(ids) > maxRuns {
		return fault.Userf("%d runs are too many for one view; take at most %d", len(ids), maxRuns)
	}
	for _, id := range ids {
		run, err := s.findRun(ctx, id)
		if err != nil {
			return err
		}
		grown, err := growth(ctx, run)
		if err != nil {
			return err
		}
		out.runs, out.grown = append(out.runs, run), append(out.grown, grown)
	}
	return nil
}

func (s *Server) findRun(ctx context.Context, id string) (viz.Run, error) {
	if s.options.Runs == nil {
		return viz.Run{}, notFound{"no runs are kept here"}
	}
	run, err := s.options.Runs.Run(ctx, id)
	if errors.Is(err, track.ErrNoRun) {
		err = notFound{fmt.Sprintf("there is no run %q here", id)}
	}
	return viz.Run{Store: s.options.Runs, Run: run}, err
}

// growth differs whenever a figure of the run may.
func growth(ctx context.Context, r viz.Run) (string, error) {
	curves, err := r.Store.Curves(ctx, r.Run)
	points := int64(0)
	for _, c := range curves {
		points += c.Points
	}
	return fmt.Sprint(r.Run.ID, " ", r.Run.State, " ", r.Run.Title, " ", len(curves), " ", points), err
}
