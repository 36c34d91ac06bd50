package attribution

import (
	"math"

	"github.com/tomo-viz/tomo/model"
)

// Blur convolves an input in place with a Gaussian of a standard deviation in
// places: along rows, then along columns, and in a volume through its slices.
// The border repeats.
func Blur(x []float32, g model.Grid, sigma float64) {
	half := gaussian(sigma)
	depth, rows, columns := g.Extents()
	for c := range g.Channels {
		for y := range g.H {
			smooth(x, g.At(c, y, 0), g.DX, columns, half)
		}
		for z := range depth {
			for u := range columns {
				smooth(x, g.At(c, z*rows, u), g.DY, rows, half)
			}
		}
		if depth > 1 {
			for i := range rows * columns {
				smooth(x, g.At(c, i/columns, i%columns), rows*g.DY, depth, half)
			}
		}
	}
}

// gaussian returns the right half of a kernel whose weights sum to one over both
// halves.
func gaussian(sigma float64) []float64 {
	half := make([]float64, 1+int(math.Ceil(3*sigma)))
	sum := 0.0
	for i := range half {
		half[i] = math.Exp(-float64(i*i) / (2 * sigma * sigma))
		sum += half[i]
		if i > 0 {
			sum += half[i]
		}
	}
	for i := range half {
		half[i] /= sum
	}
	return half
}

// smooth convolves n numbers from one place on, a step apart.
func smooth(x []float32, from, step, n int, half []float64) {
	line := make([]float64, n)
	for i := range line {
		line[i] = float64(x[from+i*step])
	}
	for i := range n {
		sum := half[0] * line[i]
		for k := 1; k < len(half); k++ {
			sum += half[k] * (line[max(i-k, 0)] + line[min(i+k, n-1)])
		}
		x[from+i*step] = float32(sum)
	}
}
