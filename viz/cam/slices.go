package cam

import (
	"fmt"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/viz"
)

// Slices are those of a volume that are shown.
type Slices string

// Choices lists them.
func (Slices) Choices() []viz.Choice {
	return []viz.Choice{
		{Name: "hottest", Help: "three through the hottest place, one in each direction"},
		{Name: "all", Help: "every one in the first direction"},
	}
}

// sliced cuts a panel over a volume, whose slices lie on one another, into
// panels of slices: three through the hottest place of the first map, one along
// each direction, and with all of them every slice along the first.
func sliced(panel figure.HeatPanel, in model.Grid, all bool) []figure.HeatPanel {
	rows := in.H / in.D
	hottest := 0
	for i, v := range panel.Maps[0].Values {
		if v > panel.Maps[0].Values[hottest] {
			hottest = i
		}
	}
	cuts := []slice{
		{"depth", hottest / (in.W * rows), in.D}, {"height", hottest / in.W % rows, rows}, {"width", hottest % in.W, in.W},
	}
	if all {
		cuts = nil
		for z := range in.D {
			cuts = append(cuts, slice{"depth", z, in.D})
		}
	}
	var out []figure.HeatPanel
	for _, c := range cuts {
		part := panel
		part.Name = fmt.Sprintf("%s, slice %d of %d in %s", panel.Name, c.at+1, c.of, c.along)
		if all {
			part.Volume = fmt.Sprintf("%s, along the %s", panel.Name, c.along)
		}
		w, h, places := c.places(in)
		part.Image = figure.Picture{W: w, H: h, Pix: make([]byte, 0, 3*len(places))}
		for _, i := range places {
			part.Image.Pix = append(part.Image.Pix, panel.Image.Pix[3*i:3*i+3]...)
		}
		part.Maps = nil
		for _, m := range panel.Maps {
			values := make(figure.Floats, len(places))
			for j, i := range places {
				values[j] = m.Values[i]
			}
			m.W, m.H, m.Values = w, h, values
			part.Maps = append(part.Maps, m)
		}
		out = append(out, part)
	}
	return out
}

// A slice is one of so many along a direction of a volume.
type slice struct {
	along  string
	at, of int
}

// places lists those of the slice, row by row.
func (s slice) places(in model.Grid) (w, h int, out []int) {
	rows := in.H / in.D
	at := func(z, y, x int) int { return (z*rows+y)*in.W + x }
	switch s.along {
	case "depth":
		w, h = in.W, rows
	case "height":
		w, h = in.W, in.D
	default:
		w, h = rows, in.D
	}
	for v := range h {
		for u := range w {
			switch s.along {
			case "depth":
				out = append(out, at(s.at, v, u))
			case "height":
				out = append(out, at(v, s.at, u))
			default:
				out = append(out, at(v, u, s.at))
			}
		}
	}
	return w, h, out
}
