package cam

import (
	"context"
	"math"

	"github.com/tomo-viz/tomo/viz/attribution"
)

// randomCAM weighs the channels by chance, from -1 to 1: a map that is no better
// than this one tells nothing. Nothing is cut off: chance may give the strong
// channels weights of one sign.
func randomCAM(_ context.Context, p *probe) (attribution.Field, error) {
	s := p.stack()
	return s.field(s.sum(func(int) float64 { return 2*p.random.Float64() - 1 })), nil
}

// sobelEdges is the length of the Sobel gradient of the picture's mean over
// colours: what an edge detector shows that knows no network (Adebayo et al.,
// arXiv 1810.03292, section 4).
func sobelEdges(_ context.Context, p *probe) (attribution.Field, error) {
	in := p.Grid(p.Main)
	picture, rows := p.Input.F32(), in.H/in.D // a volume's edges are those of its slices
	grey := func(z, u, v int) float64 {       // the border repeats
		y, x := z*rows+min(max(v, 0), rows-1), min(max(u, 0), in.W-1)
		sum := 0.0
		for c := range in.Channels {
			sum += float64(picture[in.At(c, y, x)])
		}
		return sum / float64(in.Channels)
	}
	out := make([]float32, 0, in.Places())
	for row := range in.H {
		z, v := row/rows, row%rows
		grey := func(u, v int) float64 { return grey(z, u, v) }
		for u := range in.W {
			gx := grey(u+1, v-1) + 2*grey(u+1, v) + grey(u+1, v+1) - grey(u-1, v-1) - 2*grey(u-1, v) - grey(u-1, v+1)
			gy := grey(u-1, v+1) + 2*grey(u, v+1) + grey(u+1, v+1) - grey(u-1, v-1) - 2*grey(u, v-1) - grey(u+1, v-1)
			out = append(out, float32(math.Hypot(gx, gy)))
		}
	}
	return attribution.OnGrid(in, out), nil
}
