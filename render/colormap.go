package render

import (
	_ "embed"
	"encoding/hex"
	"fmt"
	"math"
	"strings"
	"sync"
)

// DefaultColormap is what heat is drawn in when a figure names no colour map:
// it is safe for colour-blind eyes, its brightest colour is the strongest
// place, on dark and on bright photographs, and its black low end is where the
// overlay is transparent anyway.
const DefaultColormap = "inferno"

// A Colormap turns a strength between 0 and 1 into a colour.
type Colormap struct {
	Name string `json:"name"`
	// Type is safe (colour-blind safe, brightness rises from end to end),
	// rainbow (shows detail, misleads on amounts) or diverging (two hues that
	// meet in the middle).
	Type   string        `json:"type"`
	About  string        `json:"about"` // its look and its source
	Colors [256][3]uint8 `json:"colors"`
}

// At returns the colour of strength t. Below 0 and above 1 it is that of the
// end; NaN has the colour of 0, since callers leave out what is no number.
func (c *Colormap) At(t float64) [3]uint8 {
	if !(t > 0) {
		return c.Colors[0]
	}
	return c.Colors[int(math.Min(t, 1)*255+0.5)]
}

// Colormaps lists the colour maps, the best for general use first.
func Colormaps() []*Colormap { return colormaps() }

// ColormapByName returns a colour map; an empty name means the default.
func ColormapByName(name string) (*Colormap, error) {
	if name == "" {
		name = DefaultColormap
	}
	names := make([]string, 0, 8)
	for _, c := range colormaps() {
		if c.Name == name {
			return c, nil
		}
		names = append(names, c.Name)
	}
	return nil, fmt.Errorf("there is no colour map %q; there are %s", name, strings.Join(names, ", "))
}

//go:embed colormaps.txt
var colormapText string

var colormaps = sync.OnceValue(func() []*Colormap {
	var list []*Colormap
	for _, block := range strings.Split(colormapText, "\n= ")[1:] {
		head, body, _ := strings.Cut(block, "\n")
		field := strings.SplitN(head, " | ", 3)
		list = append(list, &Colormap{field[0], field[1], field[2], hexColors(body)})
	}
	return list
})

func hexColors(text string) (out [256][3]uint8) {
	for i, word := range strings.Fields(text) {
		if _, err := hex.Decode(out[i][:], []byte(word)); err != nil {
			panic("render: colormaps.txt: " + err.Error())
		}
	}
	return out
}
