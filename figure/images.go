package figure

import (
	"fmt"
	"math"
)

// Images is small pictures in strips, such as what the channels of a layer put
// out, or the pictures that excite a unit.
type Images struct {
	About  `json:"about"`
	Strips []Strip `json:"strips"`
	// Colormap names one of render's colour maps; Opacity is that of maps that
	// lie over a picture, where they are strongest, 0 to 1.
	Colormap string  `json:"colormap"`
	Opacity  float64 `json:"opacity"`
}

// A Strip is tiles that belong together, in an order that says something.
type Strip struct {
	Title string `json:"title"`
	Note  string `json:"note,omitempty"`
	Tiles []Tile `json:"tiles"`
}

// A Tile is a picture, a map of raw numbers, or a map over a picture.
type Tile struct {
	Name string `json:"name"`
	Note string `json:"note,omitempty"`
	// Value is the number that the tile is known by, such as the channel's mean;
	// NaN where there is none.
	Value   float64  `json:"value"`
	Picture *Picture `json:"picture,omitempty"`
	// Box outlines a part of the picture, in its pixels.
	Box *Box `json:"box,omitempty"`
	// Values are W×H raw numbers, row by row; Low and High are what the ends of
	// the colour scale stand for. W is 0 where there is no map.
	W      int     `json:"w"`
	H      int     `json:"h"`
	Values Floats  `json:"values,omitempty"`
	Low    float32 `json:"low"`
	High   float32 `json:"high"`
}

// Photo is a tile of a picture alone.
func Photo(name, note string, p Picture) Tile {
	return Tile{Name: name, Note: note, Value: math.NaN(), Picture: &p}
}

// Kind implements Figure.
func (*Images) Kind() string { return "images" }

// Arrays returns the raw maps, named strip/tile, and the pictures of tiles that
// have no map, [H, W, 3].
func (g *Images) Arrays() []Array {
	var out []Array
	for _, s := range g.Strips {
		for _, t := range s.Tiles {
			name := fmt.Sprintf("%s/%s", s.Title, t.Name)
			switch {
			case t.W > 0:
				out = append(out, Array{name, []int{t.H, t.W}, []float32(t.Values)})
			case t.Picture != nil:
				out = append(out, Array{name, []int{t.Picture.H, t.Picture.W, 3}, t.Picture.Pix})
			}
		}
	}
	return out
}
