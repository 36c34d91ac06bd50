package trust

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/tomo-viz/tomo/viz/attribution"
)

// road removes shares of the picture, most relevant first and least relevant
// first, by noisy linear imputation, and is half the mean difference of the
// scores; 0 for a map of chance, more for a faithful one. arXiv 2202.00449,
// section 4; the combination is that of the pytorch-grad-cam project. The curve
// is the score with the most relevant removed, by share.
func road(ctx context.Context, c *Case) (Result, error) {
	shares := c.Options.Shares
	scores, err := c.Scores(ctx, c.Target, attribution.Variations{
		Value: c.Main, N: 2 * len(shares),
		Fill: func(i int, row []float32) {
			copy(row, c.Input.F32())
			c.impute(row, c.removed(shares[i/2], i%2 == 0), i)
		},
		Progress: func(done, total int) { c.Options.Progress("ROAD", done, total) },
	})
	if err != nil {
		return Result{}, err
	}
	whole := c.Score(c.Target)
	r := Result{X: []float64{0}, Y: []float64{whole}, Least: []float64{whole}}
	for i, share := range shares {
		most, least := scores[2*i], scores[2*i+1]
		r.X, r.Y, r.Least = append(r.X, share), append(r.Y, most), append(r.Least, least)
		r.Value += (least - most) / 2 / float64(len(shares))
	}
	return r, nil
}

// removed lists the share of pixels that lies at or above the quantile 1-share
// of the heat, or of what is 1 less the heat.
func (c *Case) removed(share float64, mostRelevant bool) []int {
	n := len(c.Order)
	k := n - int(math.Ceil((1-share)*float64(n-1)-1e-9))
	k = max(0, min(k, n))
	if mostRelevant {
		return c.Order[:k]
	}
	return c.Order[n-k:]
}

// impute replaces pixels of a picture by the weighted mean of their neighbours,
// all of them at once, and adds noise.
func (c *Case) impute(picture []float32, pixels []int, stream int) {
	p := c.Planes()
	s := newImputation(p.W, p.H, pixels)
	random := rand.New(rand.NewPCG(uint64(c.Options.Seed), uint64(stream)))
	plane := make([]float64, p.W*p.H)
	for ch := range p.Channels {
		for i := range plane {
			plane[i] = float64(picture[p.At(ch, i/p.W, i%p.W)])
		}
		s.solve(plane)
		for _, i := range pixels {
			v := plane[i]
			if c.Options.ImputationNoise > 0 {
				v += c.Options.ImputationNoise * random.NormFloat64()
			}
			picture[p.At(ch, i/p.W, i%p.W)] = float32(v)
		}
	}
}
