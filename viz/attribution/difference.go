package attribution

import (
	"math"
	"slices"

	"github.com/tomo-viz/tomo/figure"
)

// Differences shows how each further map of one answer differs from the first.
func Differences(maps []figure.Map) []figure.Map {
	var out []figure.Map
	for i := 1; i < len(maps); i++ {
		out = append(out, Difference(maps[i], maps[0]))
	}
	return out
}

// Difference shows where a map is stronger (positive) or weaker than another,
// each first scaled so that its strongest value is 1 and what it calls none of
// the evidence 0. A coarser map is enlarged to the finer one.
func Difference(m, from figure.Map) figure.Map {
	a, b := scaled(m), scaled(from)
	if a.W*a.H < b.W*b.H {
		a = a.Enlarge(b.W, b.H)
	} else if a.W != b.W || a.H != b.H {
		b = b.Enlarge(a.W, a.H)
	}
	out := figure.Map{
		Method: m.Method + " − " + from.Method, Layer: m.Layer, Class: m.Class, Label: m.Label,
		W: a.W, H: a.H, Values: make([]float32, a.W*a.H), Colormap: "coolwarm", Lanes: m.Lanes || from.Lanes,
	}
	if m.Layer != from.Layer {
		out.Layer += " − " + from.Layer
	}
	for i := range out.Values {
		out.Values[i] = a.Values[i] - b.Values[i]
		out.High = max(out.High, out.Values[i], -out.Values[i])
	}
	if !(out.High > 0) {
		out.High = 1
	}
	out.Low = -out.High
	return out
}

// scaled divides a map by its strongest value, after what stands for none is
// subtracted: the low end of a scale, or 0 where the scale has both signs.
func scaled(m figure.Map) Field {
	none, most := m.Low, m.High-m.Low
	if m.Low < 0 && m.High > 0 {
		none, most = 0, float32(math.Max(float64(-m.Low), float64(m.High)))
	}
	f := Field{W: m.W, H: m.H, Values: slices.Clone([]float32(m.Values))}
	for i, v := range f.Values {
		f.Values[i] = (v - none) / most
	}
	return f
}
