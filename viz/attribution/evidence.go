package attribution

import (
	"fmt"
	"slices"

	"github.com/tomo-viz/tomo/data"
	"github.com/tomo-viz/tomo/model"
)

// A Field is a map of evidence over the input, row by row: over a signal in one
// row, over a volume with its slices on one another in the H rows.
type Field struct {
	W, H   int
	D      int // slices; 0 is 1
	Values []float32
}

// OnGrid lays values, one for each place, over the input.
func OnGrid(g model.Grid, values []float32) Field {
	return Field{W: g.W, H: g.H, D: g.D, Values: values}
}

// Span returns what the ends of the colour scale stand for: none of the
// evidence and the most of it. It says why a map tells nothing, if it does not.
// The map is called by its title; where it is signed, negative values count.
func (f Field) Span(title string, signed bool) (low, high float32, warning string) {
	for _, v := range f.Values {
		if v != v || v-v != 0 {
			return 0, 1, fmt.Sprintf("The %s map holds numbers that are not finite. Look for where they first appear in the network; an input setting of the wrong size is a common cause.", title)
		}
	}
	low, high = slices.Min(f.Values), slices.Max(f.Values)
	if !signed {
		low = 0
	}
	if high <= low {
		return low, low + 1, fmt.Sprintf("The %s map is flat: nothing in this layer speaks for the class more in one place than in another. Try another layer or class.", title)
	}
	return low, high, ""
}

// Enlarge resamples a map whose sides are known to be sound to those of a
// picture, bilinearly.
func (f Field) Enlarge(w, h int) Field {
	return Field{W: w, H: h, Values: resize(f.Values, f.W, f.H, w, h)}
}

// EnlargeTo resamples a map to the places of an input, linearly in each
// direction.
func (f Field) EnlargeTo(g model.Grid) Field {
	slices := max(f.D, 1)
	if slices == 1 && g.D == 1 {
		return f.Enlarge(g.W, g.H)
	}
	from, to := f.H/slices, g.H/g.D
	var flat []float32
	for z := range slices {
		flat = append(flat, resize(f.Values[z*from*f.W:(z+1)*from*f.W], f.W, from, g.W, to)...)
	}
	return OnGrid(g, resize(flat, g.W*to, slices, g.W*to, g.D)) // a slice is a row
}

func resize(values []float32, w, h, toW, toH int) []float32 {
	out, err := data.ResizeFloat(values, w, h, toW, toH, data.PlainBilinear)
	if err != nil {
		panic(err)
	}
	return out
}

// Normalize returns values scaled to 0 to 1, the least 0 and the greatest 1, as
// maps are usually published.
func Normalize(values []float32) []float32 {
	low, high := slices.Min(values), slices.Max(values)
	out := make([]float32, len(values))
	for i, v := range values {
		out[i] = (v - low) / (high - low + 1e-8)
	}
	return out
}
