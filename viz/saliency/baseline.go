package saliency

import (
	"math"
	"math/rand/v2"

	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/viz"
	"github.com/tomo-viz/tomo/viz/attribution"
)

// A Baseline is the name of an input that stands for nothing to see.
type Baseline string

// Choices lists the baselines.
func (Baseline) Choices() []viz.Choice {
	return []viz.Choice{
		{Name: "zero", Help: "zeros as the network takes them, often the mean colour of its training pictures"},
		{Name: "black", Help: "a black picture"},
		{Name: "white", Help: "a white picture"},
		{Name: "mean", Help: "the picture's own mean colour, or the mean of each channel; of features, their mean over all rows"},
		{Name: "blurred", Help: "the input, blurred (Fong 2017)"},
		{Name: "random", Help: "a random colour for every pixel, or numbers between the least and the greatest of each channel, drawn anew for each sample where there are several; of features, another of the rows"},
	}
}

// of returns the baseline of an input, number by number.
func (b Baseline) of(m *model.Model, x []float32, planes model.Grid, random *rand.Rand) []float32 {
	out := make([]float32, len(x))
	each := func(of func(c, y, x int) float32) {
		for c := range planes.Channels {
			for v := range planes.H {
				for u := range planes.W {
					out[planes.At(c, v, u)] = of(c, v, u)
				}
			}
		}
	}
	level := func(v float64) { each(func(c, _, _ int) float32 { return m.Prep.Level(c, v) }) }
	switch b {
	case "black":
		level(0)
	case "white":
		level(255)
	case "mean":
		means := make([]float64, planes.Channels)
		each(func(c, v, u int) float32 { means[c] += float64(x[planes.At(c, v, u)]); return 0 })
		each(func(c, _, _ int) float32 { return float32(means[c] / float64(planes.Places())) })
	case "blurred":
		each(func(c, v, u int) float32 { return x[planes.At(c, v, u)] })
		attribution.Blur(out, planes, blurShare*float64(shortest(planes)))
	case "random":
		low, high := ranges(m, x, planes)
		each(func(c, _, _ int) float32 { return low[c] + (high[c]-low[c])*float32(random.Float64()) })
	}
	return out
}

// ranges are the least and the greatest number of each channel: those of black
// and white in a picture, and elsewhere those that the input holds.
func ranges(m *model.Model, x []float32, planes model.Grid) (low, high []float32) {
	low, high = make([]float32, planes.Channels), make([]float32, planes.Channels)
	for c := range low {
		if m.Prep != nil {
			low[c], high[c] = m.Prep.Level(c, 0), m.Prep.Level(c, 255)
			continue
		}
		low[c], high[c] = float32(math.Inf(1)), float32(math.Inf(-1))
		for i := range planes.Places() {
			v := x[planes.At(c, i/planes.W, i%planes.W)]
			low[c], high[c] = min(low[c], v), max(high[c], v)
		}
	}
	return low, high
}

// shortest is the least extent of an input along an axis that it has.
func shortest(planes model.Grid) int {
	least := planes.W
	depth, height, _ := planes.Extents()
	for _, n := range []int{height, depth} {
		if n > 1 {
			least = min(least, n)
		}
	}
	return least
}

// blurShare is the standard deviation of the blur in shorter sides: 10 pixels of
// 224, as in Fong and Vedaldi, arXiv 1704.03296, section 4.
const blurShare = 10.0 / 224
