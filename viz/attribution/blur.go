package attribution

import "math"

// Blur convolves a prepared picture in place with a Gaussian of a standard
// deviation in pixels, along rows and then along columns. The border repeats.
func Blur(x []float32, p Planes, sigma float64) {
	half := gaussian(sigma)
	for c := range p.Channels {
		for v := range p.H {
			smooth(x, p.At(c, v, 0), p.DX, p.W, half)
		}
		for u := range p.W {
			smooth(x, p.At(c, 0, u), p.DY, p.H, half)
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
