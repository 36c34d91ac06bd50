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
	if len(ids) == 0 {
		return nil
	}
	cards, err := s.cardsOf(ctx, ids)
	for _, card := range cards {
		out.runs = append(out.runs, viz.Run{Store: card.store, Run: card.run})
		out.grown = append(out.grown, s.growth(card))
	}
	return err
}

// growth differs whenever a figure of the run may: by what the catalog knows of
// it and, for the rest, by the store's count of changes, which begins anew with
// each server.
func (s *Server) growth(c *runCard) string {
	text := c.stamp
	if n := c.store.Changed(c.run); n > 0 {
		text += fmt.Sprint(" ", n, " since ", s.started)
	}
	return text
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
