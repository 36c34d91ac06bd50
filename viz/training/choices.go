package training

import (
	"github.com/tomo-viz/tomo/viz"
	"github.com/tomo-viz/tomo/viz/training/curve"
)

// Plots say which curves share a plot.
type Plots string

const (
	byThing Plots = "thing"
	byName  Plots = "name"
	byFirst Plots = "first"
	byLast  Plots = "last"
	byOne   Plots = "one"
)

// Choices lists them.
func (Plots) Choices() []viz.Choice {
	return []viz.Choice{
		{Name: string(byThing), Help: "those of one thing: training and validation loss in one plot"},
		{Name: string(byName), Help: "those of one name: a plot for each metric"},
		{Name: string(byFirst), Help: "those whose names have the same first part, before a slash"},
		{Name: string(byLast), Help: "those whose names have the same last part, behind a slash"},
		{Name: string(byOne), Help: "all in one plot"},
	}
}

// X is what lies along the plots.
type X string

const (
	xStep     X = "step"
	xRelative X = "relative"
	xWall     X = "wall"
)

// Choices lists them.
func (X) Choices() []viz.Choice {
	return []viz.Choice{
		{Name: string(xStep), Help: "the step of the training"},
		{Name: string(xRelative), Help: "the time since the first point of each run"},
		{Name: string(xWall), Help: "the time of day, from the first point of all runs on"},
	}
}

// A Band is what the band around a mean of runs shows.
type Band string

// Choices lists them.
func (Band) Choices() []viz.Choice { return viz.ChoicesOf(curve.Spreads, spreadChoice) }

func spreadChoice(s curve.NamedSpread) viz.Choice { return viz.Choice{Name: s.Name, Help: s.Help} }

func (b Band) entry() *curve.NamedSpread { return viz.Chosen(curve.Spreads, spreadChoice, string(b)) }
