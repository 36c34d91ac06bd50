package attribution

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

// Cut cuts a panel over a volume, whose slices lie on one another, into panels of
// slices. A panel over anything else stays one.
func (s Slices) Cut(panel figure.HeatPanel, in model.Grid) []figure.HeatPanel {
	depth, rows, columns := in.Extents()
	if depth == 1 {
		return []figure.HeatPanel{panel}
	}
	all := s == "all"
	at := hottest(panel.Maps[0])
	cuts := []slice{
		{"depth", at / (columns * rows), depth}, {"height", at / columns % rows, rows}, {"width", at % columns, columns},
	}
	if all {
		cuts = nil
		for z := range depth {
			cuts = append(cuts, slice{"depth", z, depth})
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

// hottest is the place where a map is greatest, or farthest from zero if its
// colours are centred there.
func hottest(m figure.Map) int {
	centred := m.Low < 0 && m.Low == -m.High
	heat := func(i int) float32 {
		if v := m.Values[i]; v < 0 && centred {
			return -v
		}
		return m.Values[i]
	}
	best := 0
	for i := range m.Values {
		if heat(i) > heat(best) {
			best = i
		}
	}
	return best
}

// A slice is one of so many along a direction of a volume.
type slice struct {
	along  string
	at, of int
}

// places lists those of the slice, row by row.
func (s slice) places(in model.Grid) (w, h int, out []int) {
	depth, rows, columns := in.Extents()
	at := func(z, y, x int) int { return (z*rows+y)*columns + x }
	switch s.along {
	case "depth":
		w, h = columns, rows
	case "height":
		w, h = columns, depth
	default:
		w, h = rows, depth
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
