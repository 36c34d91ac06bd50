package trust

import (
	"cmp"
	"context"
	"slices"

	"github.com/tomo-viz/tomo/viz/attribution"
)

// hottestFirst orders pixels by their heat; those without a number come last.
func hottestFirst(values []float32) []int {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	// cmp orders NaN before all numbers.
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(values[b], values[a]) })
	return order
}

// A Baseline is what stands where pixels are gone.
type Baseline string

// The baselines.
const (
	Mean    Baseline = "mean"    // of each channel over the picture
	Zero    Baseline = "zero"    // the network's 0, often mid-grey
	Blurred Baseline = "blurred" // the picture without detail
)

// blurShare is the standard deviation of the blur in shorter sides: 5 pixels of
// 224, as in RISE.
const blurShare = 5.0 / 224

// baseline returns a picture that tells nothing, laid out as the input.
func (c *Case) baseline(b Baseline) []float32 {
	x, p := c.Input.F32(), c.Planes()
	out := make([]float32, len(x))
	switch b {
	case Mean:
		for ch := range p.Channels {
			sum := 0.0
			for y := range p.H {
				for u := range p.W {
					sum += float64(x[p.At(ch, y, u)])
				}
			}
			for y := range p.H {
				for u := range p.W {
					out[p.At(ch, y, u)] = float32(sum / float64(p.H*p.W))
				}
			}
		}
	case Blurred:
		copy(out, x)
		attribution.Blur(out, p, max(1, float64(min(p.W, p.H))*blurShare))
	}
	return out
}

// deletion takes pixels away, the hottest first, and follows the score: the
// area under the curve is small if the map is faithful. RISE, arXiv 1806.07421,
// section 4.3.
func deletion(ctx context.Context, c *Case) (Result, error) {
	return c.curve(ctx, "deletion", c.Input.F32(), c.baseline(c.Options.Deleted))
}

// insertion gives pixels back to a blurred picture, the hottest first: the area
// is large if the map is faithful. RISE, ibid.
func insertion(ctx context.Context, c *Case) (Result, error) {
	return c.curve(ctx, "insertion", c.baseline(c.Options.Inserted), c.Input.F32())
}

// curve follows the score while one picture turns into another, by equal steps
// of pixels in the map's order, and integrates it over the share of pixels.
func (c *Case) curve(ctx context.Context, name string, from, to []float32) (Result, error) {
	planes, n := c.Planes(), len(c.Order)
	step := max(1, (n+c.Options.Steps-1)/c.Options.Steps)
	var counts []int
	for k := 0; k < n; k += step {
		counts = append(counts, k)
	}
	counts = append(counts, n)
	scores, err := c.Scores(ctx, c.Target, attribution.Variations{
		Value: c.Main, N: len(counts),
		Fill: func(i int, row []float32) {
			copy(row, from)
			for _, pixel := range c.Order[:counts[i]] {
				for ch := range planes.Channels {
					at := planes.At(ch, pixel/planes.W, pixel%planes.W)
					row[at] = to[at]
				}
			}
		},
		Progress: func(done, total int) { c.Options.Progress(name, done, total) },
	})
	if err != nil {
		return Result{}, err
	}
	r := Result{Y: scores}
	for i, k := range counts {
		r.X = append(r.X, float64(k)/float64(n))
		if i > 0 {
			r.Value += (r.X[i] - r.X[i-1]) * (scores[i] + scores[i-1]) / 2
		}
	}
	return r, nil
}
