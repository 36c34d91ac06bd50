package activations

import (
	"context"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/viz"
)

// A view is one way to look at what layers put out.
type view struct {
	name, help string
	// layers are those that are read if the user names none.
	layers func(*model.Model) []model.Layer
	// most is how many pictures it can show; 0 means any number.
	most int
	// collect begins a figure.
	collect func(*survey) (collector, error)
}

// A collector is given every picture in turn, and makes of those so far a
// figure, or nil if there is none yet.
type collector interface {
	add(ctx context.Context, r *reading) error
	figure() figure.Figure
}

// A finisher is a collector that has more to do after the last picture.
type finisher interface {
	finish(ctx context.Context) error
}

// mostStrips is how many pictures have strips of their own in one figure.
const mostStrips = 16

var views = []view{
	{"layers", "layer by layer, the strongest channels of each, for every picture", steps, mostStrips, collectStrips},
	{"wall", "all channels of a layer, the strongest first, for every picture", lastMaps, mostStrips, collectWall},
	{"summary", "statistics of each layer over all pictures, with its dead and saturated units counted", steps, 0, collectCensus(summary)},
	{"stats", "statistics of each unit over all pictures, with dead and saturated ones marked", steps, 0, collectCensus(unitTable)},
	{"histograms", "how often each layer puts out which numbers, over all pictures", steps, 0, collectCensus(histograms)},
	{"units", "the pictures that excite units most, and the part of each that the unit sees", lastMaps, 0, collectUnits},
	{"pruning", "takes away the channels that contribute least, and shows the accuracy on pictures in folders named like their classes", lastMaps, 0, collectPruning},
	{"classes", "what each channel contributes to each class: activation × gradient, mean over the pictures", lastMaps, 0, collectLedger},
	{"matrix", "pictures, or subsets of them, against the units of a layer", lastMaps, 0, collectBoard},
	{"reach", "a picture's pixels coloured by what of them reaches a layer", lastMaps, mostStrips, collectReach},
}

// A View is the name of one of the views.
type View string

// Choices lists the views.
func (View) Choices() []viz.Choice { return viz.ChoicesOf(views, view.choice) }

func (v view) choice() viz.Choice { return viz.Choice{Name: v.name, Help: v.help} }

func (v View) entry() *view { return viz.Chosen(views, view.choice, string(v)) }
