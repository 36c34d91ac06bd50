package figure

import "fmt"

// Lines are curves in one plot or several side by side: a loss over training,
// a score while a picture is taken away. Curves of one name look alike in all
// plots and stand in the legend once.
type Lines struct {
	About `json:"about"`
	Plots []Plot `json:"plots"`
}

// A Plot is curves over the same axes.
type Plot struct {
	Title  string  `json:"title,omitempty"`
	X      Axis    `json:"x"`
	Y      Axis    `json:"y"`
	Curves []Curve `json:"curves"`
	Notes  []Note  `json:"notes,omitempty"`
}

// An Axis names what it measures. On a logarithmic one, values that are not
// above 0 are not drawn.
type Axis struct {
	Title string `json:"title,omitempty"`
	Unit  string `json:"unit,omitempty"`
	Log   bool   `json:"log,omitempty"`
	// Range fixes the ends; nil means those of the data.
	Range *[2]float64 `json:"range,omitempty"`
}

// A Curve joins points in their order; it is interrupted where X or Y is no
// finite number.
type Curve struct {
	Name string  `json:"name"`
	X    Doubles `json:"x"`
	Y    Doubles `json:"y"`
	// Low and High bound a band around the curve, such as a standard deviation
	// over runs; empty, or as many as Y.
	Low  Doubles `json:"low,omitempty"`
	High Doubles `json:"high,omitempty"`
	// Hue is the place in the palette, from 1 on; 0 means the next that
	// no other curve has, the same for curves of one name.
	// Curves that belong together, such as training and validation of one run,
	// share one.
	Hue    int  `json:"hue,omitempty"`
	Dashed bool `json:"dashed,omitempty"`
	// Faint draws what is only there to compare with: chance, the values
	// before smoothing.
	Faint bool `json:"faint,omitempty"`
	// Marked draws a dot at every point.
	Marked bool `json:"marked,omitempty"`
}

// A Note points at a place. Where X or Y is NaN, it is a line through the whole
// plot: up and down at X, or across at Y.
type Note struct {
	X    float64 `json:"x"`
	Y    float64 `json:"y"`
	Text string  `json:"text"`
}

// Hues is how many colours the palette of curves has; further ones begin again,
// dashed.
const Hues = 8

// A Look is how a curve is told from others.
type Look struct {
	Hue    int // 1 to Hues
	Dashed bool
}

// Looks returns that of each curve of each plot.
func (l *Lines) Looks() [][]Look {
	taken, byName, next := map[int]bool{}, map[string]int{}, 1
	for _, p := range l.Plots {
		for _, c := range p.Curves {
			taken[c.Hue] = true
		}
	}
	out := make([][]Look, len(l.Plots))
	for i, p := range l.Plots {
		for _, c := range p.Curves {
			hue := c.Hue
			if hue <= 0 {
				if hue = byName[c.Name]; hue == 0 {
					for taken[next] {
						next++
					}
					hue, byName[c.Name], next = next, next, next+1
				}
			}
			again := (hue - 1) / Hues
			out[i] = append(out[i], Look{(hue-1)%Hues + 1, c.Dashed != (again%2 == 1)})
		}
	}
	return out
}

// Kind implements Figure.
func (*Lines) Kind() string { return "lines" }

// Arrays returns the points of each curve and the bounds of its band, named
// plot/curve/x and so on; plots are named by their number if there are several.
func (l *Lines) Arrays() []Array {
	var out []Array
	for i, p := range l.Plots {
		prefix := ""
		if len(l.Plots) > 1 {
			prefix = fmt.Sprintf("%d %s/", i+1, p.Title)
		}
		for _, c := range p.Curves {
			for _, part := range []struct {
				name   string
				values Doubles
			}{{"x", c.X}, {"y", c.Y}, {"low", c.Low}, {"high", c.High}} {
				if len(part.values) > 0 {
					out = append(out, Array{prefix + c.Name + "/" + part.name, []int{len(part.values)}, []float64(part.values)})
				}
			}
		}
	}
	return out
}
