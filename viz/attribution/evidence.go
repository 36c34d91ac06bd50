package attribution

import (
	"fmt"
	"slices"

	"github.com/tomo-viz/tomo/data"
)

// A Field is a map of evidence over a picture, row by row.
type Field struct {
	W, H   int
	Values []float32
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
	large, err := data.ResizeFloat(f.Values, f.W, f.H, w, h, data.PlainBilinear)
	if err != nil {
		panic(err)
	}
	return Field{w, h, large}
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
