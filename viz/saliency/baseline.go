package saliency

import (
	"math/rand/v2"

	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/viz"
	"github.com/tomo-viz/tomo/viz/attribution"
)

// A Baseline is the name of a picture that stands for nothing to see.
type Baseline string

// Choices lists the baselines.
func (Baseline) Choices() []viz.Choice {
	return []viz.Choice{
		{Name: "zero", Help: "zeros as the network takes them, often the mean colour of its training pictures"},
		{Name: "black", Help: "a black picture"},
		{Name: "white", Help: "a white picture"},
		{Name: "mean", Help: "the picture's own mean colour"},
		{Name: "blurred", Help: "the picture, blurred (Fong 2017)"},
		{Name: "random", Help: "a random colour for every pixel, drawn anew for each sample where there are several"},
	}
}

// picture returns the baseline of a prepared picture, number by number.
func (b Baseline) picture(m *model.Model, x []float32, planes attribution.Planes, random *rand.Rand) []float32 {
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
		each(func(c, _, _ int) float32 { return float32(means[c] / float64(planes.H*planes.W)) })
	case "blurred":
		each(func(c, v, u int) float32 { return x[planes.At(c, v, u)] })
		attribution.Blur(out, planes, blurShare*float64(min(planes.W, planes.H)))
	case "random":
		each(func(c, _, _ int) float32 { return m.Prep.Level(c, 255*random.Float64()) })
	}
	return out
}

// blurShare is the standard deviation of the blur in shorter sides: 10 pixels of
// 224, as in Fong and Vedaldi, arXiv 1704.03296, section 4.
const blurShare = 10.0 / 224
