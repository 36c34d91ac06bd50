package figure

import (
	"fmt"
	"strconv"
)

// A Heatmap lays maps of where a network looks over the images it was given.
// Each panel is one image with its predictions and one map for each choice of
// method, layer and class.
type Heatmap struct {
	About  `json:"about"`
	Panels []HeatPanel `json:"panels"`
	// Colormap names one of render's colour maps; Opacity is that of the map
	// where it is strongest, 0 to 1.
	Colormap string  `json:"colormap"`
	Opacity  float64 `json:"opacity"`
	// Contour draws a line around where a map is above this share of the way
	// from its Low to its High; 0 draws none.
	Contour float64 `json:"contour,omitempty"`
	// Attributions are the numbers behind maps that show part of them.
	Attributions []Attribution `json:"attributions,omitempty"`
}

// An Attribution gives the numbers of an input their shares in an answer: all of
// them, where a map adds up the channels, or is a slice of a volume.
type Attribution struct {
	Name   string `json:"name"` // as that of the map in Arrays
	Shape  []int  `json:"shape"`
	Values Floats `json:"values"`
}

// A HeatPanel is one input and its maps.
type HeatPanel struct {
	Name string `json:"name"` // of the image
	// Volume names what the panel is one of many slices of, to be leafed through;
	// the slices follow one another, in order.
	Volume string `json:"volume,omitempty"`
	// Image is the part of the picture that the network saw.
	Image       Picture      `json:"image"`
	Predictions []Prediction `json:"predictions,omitempty"` // best first
	// Truth is the prediction for the class that the image is labelled with, nil
	// if it is not known.
	Truth *Prediction `json:"truth,omitempty"`
	Maps  []Map       `json:"maps"`
}

// A Prediction is one class with the network's score for it.
type Prediction struct {
	Class int     `json:"class"`
	Label string  `json:"label"`
	Score float64 `json:"score"` // probability, 0 to 1
	Logit float64 `json:"logit"` // before softmax
}

// A Map is one field of numbers over an image. It covers the whole picture of
// its panel and is enlarged to it when drawn.
type Map struct {
	Method string `json:"method"`
	Layer  string `json:"layer"`
	Class  int    `json:"class"` // -1 where what is explained is none
	Label  string `json:"label"` // of the class
	W      int    `json:"w"`
	H      int    `json:"h"`
	// Values are W×H raw numbers, row by row; Low and High are what the ends
	// of the colour scale stand for.
	Values Floats  `json:"values"`
	Low    float32 `json:"low"`
	High   float32 `json:"high"`
	// Lanes says that the rows lie over the lanes of a drawing, such as the channels
	// of a signal, and are not to run into one another.
	Lanes bool `json:"lanes,omitempty"`
	// Colormap is this map's own, where the figure's does not suit it.
	Colormap string `json:"colormap,omitempty"`
	// Warning says why this map carries no information, if it does not.
	Warning string `json:"warning,omitempty"`
}

// Kind implements Figure.
func (*Heatmap) Kind() string { return "heatmap" }

// Arrays returns the raw maps, named image/method/layer/class, and the
// attributions, named attributions/image/method/layer/class.
func (h *Heatmap) Arrays() []Array {
	var out []Array
	for _, p := range h.Panels {
		for _, m := range p.Maps {
			out = append(out, Array{MapName(p.Name, m), []int{m.H, m.W}, []float32(m.Values)})
		}
	}
	for _, a := range h.Attributions {
		out = append(out, Array{"attributions/" + a.Name, a.Shape, []float32(a.Values)})
	}
	return out
}

// MapName is what the map of an image is called among arrays, with the label where
// what is explained is no class.
func MapName(image string, m Map) string {
	what := strconv.Itoa(m.Class)
	if m.Class < 0 {
		what = m.Label
	}
	return fmt.Sprintf("%s/%s/%s/%s", image, m.Method, m.Layer, what)
}
