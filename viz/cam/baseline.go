package cam

import (
	"context"
	"math"
)

// randomCAM weighs the channels by chance, from -1 to 1: a map that is no better
// than this one tells nothing. Nothing is cut off: chance may give the strong
// channels weights of one sign.
func randomCAM(_ context.Context, p *probe) (field, error) {
	s := p.stack()
	return field{s.w, s.h, s.sum(func(int) float64 { return 2*p.random.Float64() - 1 })}, nil
}

// sobelEdges is the length of the Sobel gradient of the picture's mean over
// colours: what an edge detector shows that knows no network (Adebayo et al.,
// arXiv 1810.03292, section 4).
func sobelEdges(_ context.Context, p *probe) (field, error) {
	channels, h, w, dx, dy, dc := p.planes()
	x := p.Input.F32()
	grey := func(u, v int) float64 { // the border repeats
		at, sum := min(max(v, 0), h-1)*dy+min(max(u, 0), w-1)*dx, 0.0
		for c := range channels {
			sum += float64(x[at+c*dc])
		}
		return sum / float64(channels)
	}
	out := make([]float32, 0, w*h)
	for v := range h {
		for u := range w {
			gx := grey(u+1, v-1) + 2*grey(u+1, v) + grey(u+1, v+1) - grey(u-1, v-1) - 2*grey(u-1, v) - grey(u-1, v+1)
			gy := grey(u-1, v+1) + 2*grey(u, v+1) + grey(u+1, v+1) - grey(u-1, v-1) - 2*grey(u, v-1) - grey(u+1, v-1)
			out = append(out, float32(math.Hypot(gx, gy)))
		}
	}
	return field{w, h, out}, nil
}
