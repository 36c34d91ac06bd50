package gradients

import (
	"context"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/viz"
)

// A view is one way to look at a history.
type view struct {
	name, help string
	rows       bool // needs something to be known of single parameters
	draw       func(context.Context, *history) (figure.Figure, error)
}

var views = []view{
	{"verdict", "what is wrong, in words, with the numbers that say so", false, func(_ context.Context, h *history) (figure.Figure, error) { return h.report(), nil }},
	{"flow", "norms by depth, from the first layer to the last", false, func(_ context.Context, h *history) (figure.Figure, error) { return h.depthPlots(), nil }},
	{"heatmap", "parameters against batches, checkpoints or steps, coloured by the norm", true, func(_ context.Context, h *history) (figure.Figure, error) { return h.matrix(), nil }},
	{"table", "statistics of each parameter's gradient", true, func(_ context.Context, h *history) (figure.Figure, error) { return h.table(), nil }},
	{"histograms", "how often which sizes occur in each gradient", true, func(_ context.Context, h *history) (figure.Figure, error) { return h.distributions() }},
	{"graph", "the network's architecture, coloured by the norm", true, func(ctx context.Context, h *history) (figure.Figure, error) { return h.painted(ctx) }},
}

// A View is the name of one of the views.
type View string

// Choices lists the views.
func (View) Choices() []viz.Choice { return viz.ChoicesOf(views, view.choice) }

func (v view) choice() viz.Choice { return viz.Choice{Name: v.name, Help: v.help} }

func (v View) entry() *view { return viz.Chosen(views, view.choice, string(v)) }
