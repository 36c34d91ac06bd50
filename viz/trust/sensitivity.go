package trust

import (
	"context"
	"math"
	"math/rand/v2"
)

// sensitivity is the greatest change of the map, ‖Φ(x+δ) - Φ(x)‖ / ‖Φ(x)‖, over
// pictures whose numbers are moved by up to a radius. arXiv 1901.09392,
// definition 3, the maximum taken over samples.
func sensitivity(ctx context.Context, c *Case) (Result, error) {
	radius := c.Options.Radius * deviation(c.Input.F32())
	random := rand.New(rand.NewPCG(uint64(c.Options.Seed), 0x5e45))
	most := 0.0
	for i := range c.Options.Perturbed {
		picture := make([]float32, c.Input.Len())
		for j, v := range c.Input.F32() {
			picture[j] = v + float32(radius*(2*random.Float64()-1))
		}
		change, err := c.change(ctx, picture)
		if err != nil {
			return Result{}, err
		}
		most = max(most, change)
		c.Options.Progress("sensitivity", i+1, c.Options.Perturbed)
	}
	return Result{Value: most}, nil
}

// change is how much the heat changes with the picture, as a share of itself.
func (c *Case) change(ctx context.Context, picture []float32) (float64, error) {
	again, err := c.again(ctx, picture)
	if err != nil {
		return 0, err
	}
	var changed, norm float64
	for i, v := range c.Heat {
		d := float64(again[i]) - float64(v)
		changed += d * d
		norm += float64(v) * float64(v)
	}
	if norm == 0 {
		norm = 1
	}
	return math.Sqrt(changed / norm), nil
}

func deviation(v []float32) float64 {
	var sum, squares float64
	for _, x := range v {
		sum += float64(x)
		squares += float64(x) * float64(x)
	}
	n := float64(len(v))
	return math.Sqrt(max(0, squares/n-sum/n*sum/n))
}
