package server

import (
	"context"
	"fmt"

	"github.com/tomo-viz/tomo/internal/fault"
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

// allRuns lists those that are logged to the server, and those in logs.
func (s *Server) allRuns(ctx context.Context) ([]viz.Run, error) {
	var out []viz.Run
	if store := s.options.Runs; store != nil {
		runs, err := store.Runs(ctx, "")
		if err != nil {
			return nil, err
		}
		for _, r := range runs {
			out = append(out, viz.Run{Store: store, Run: r})
		}
	}
	if s.options.Logs == nil {
		return out, nil
	}
	runs, err := s.options.Logs.Runs(ctx)
	for _, r := range runs {
		out = append(out, viz.Run(r))
	}
	return out, err
}

func (s *Server) findRun(ctx context.Context, id string) (viz.Run, error) {
	if err := s.runs.refresh(ctx); err != nil {
		return viz.Run{}, err
	}
	card, err := s.runs.card(id)
	if err != nil {
		return viz.Run{}, err
	}
	return viz.Run{Store: card.store, Run: card.run}, nil
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
