package trust

import (
	"context"

	"github.com/tomo-viz/tomo/viz/attribution"
)

// What several metrics of one case need, made once.
type shared struct {
	seen     *float64 // the score when only the heat is seen
	coherent *float64
}

// heatOnly returns the picture multiplied by its heat, as it goes into the
// network.
func (c *Case) heatOnly() []float32 {
	p, x := c.Planes(), c.Input.F32()
	out := make([]float32, len(x))
	for i, h := range c.Heat {
		for ch := range p.Channels {
			at := p.At(ch, i/p.W, i%p.W)
			out[at] = h * x[at]
		}
	}
	return out
}

// seen is the score of the picture of which only the heat is seen.
func (c *Case) seen(ctx context.Context) (float64, error) {
	if c.shared.seen == nil {
		picture := c.heatOnly()
		scores, err := c.Scores(ctx, c.Target, attribution.Variations{
			Value: c.Main, N: 1, Fill: func(_ int, row []float32) { copy(row, picture) },
		})
		if err != nil {
			return 0, err
		}
		c.shared.seen = &scores[0]
	}
	return *c.shared.seen, nil
}

// averageDrop is max(0, Y - O) / Y for the score Y and that of the heat alone,
// O. Grad-CAM++, arXiv 1710.11063, section 4.1, as a share and not in percent.
func averageDrop(ctx context.Context, c *Case) (Result, error) {
	o, err := c.seen(ctx)
	y := c.Score(c.Target)
	if y <= 0 {
		return Result{}, err
	}
	return Result{Value: max(0, y-o) / y}, err
}

// increase is 1 if the score of the heat alone exceeds that of the picture.
// Grad-CAM++, ibid.
func increase(ctx context.Context, c *Case) (Result, error) {
	o, err := c.seen(ctx)
	if o > c.Score(c.Target) {
		return Result{Value: 1}, err
	}
	return Result{}, err
}
