package arch

import (
	"context"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/model"
)

// A Drawing is a network's architecture, for techniques that write into its
// boxes.
type Drawing struct {
	Figure *figure.Graph
	// Boxes tells for each node of the model's graph which box of the figure stands
	// for it, −1 if none does.
	Boxes []int
}

// Draw draws a network as the technique does, with its defaults and at most so
// many boxes.
func Draw(ctx context.Context, m *model.Model, mostBoxes int) (*Drawing, error) {
	s, err := survey(m, false)
	if err != nil {
		return nil, err
	}
	tree := modulesOf(s)
	p := defaults
	p.MaxNodes = mostBoxes
	if err := choose(s, tree, p); err != nil {
		return nil, err
	}
	d, err := draw(ctx, s, tree, p)
	if err != nil {
		return nil, err
	}
	describe(&d.fig.About, m, s)
	return &Drawing{d.fig, d.box}, nil
}
