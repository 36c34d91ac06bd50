package trust

import (
	"context"
	"math"
)

// pointing is 1 if the hottest pixel lies on the mask. Excitation Backprop,
// arXiv 1608.00507, section 4.2, without its tolerance of 15 pixels.
func pointing(_ context.Context, c *Case) (Result, error) {
	switch {
	case c.Mask == nil:
		return Result{Value: math.NaN()}, nil
	case c.Mask[c.Order[0]]:
		return Result{Value: 1}, nil
	}
	return Result{}, nil
}

// mass is the share of the heat on the mask, the energy-based pointing game of
// Score-CAM, arXiv 1910.01279, section 4.3.
func mass(_ context.Context, c *Case) (Result, error) {
	if c.Mask == nil {
		return Result{Value: math.NaN()}, nil
	}
	return Result{Value: ShareOf(c.Heat, c.Mask)}, nil
}

// ShareOf is the share of the heat that lies in an area; 0 if there is none.
func ShareOf(heat []float32, area []bool) float64 {
	inside, total := 0.0, 0.0
	for i, v := range heat {
		total += float64(v)
		if area[i] {
			inside += float64(v)
		}
	}
	if total == 0 {
		return 0
	}
	return inside / total
}

// overlap is the intersection over union of the mask and as many of the hottest
// pixels, which needs no threshold.
func overlap(_ context.Context, c *Case) (Result, error) {
	if c.Mask == nil {
		return Result{Value: math.NaN()}, nil
	}
	size := 0
	for _, in := range c.Mask {
		if in {
			size++
		}
	}
	both := 0
	for _, pixel := range c.Order[:size] {
		if c.Mask[pixel] {
			both++
		}
	}
	if size == 0 {
		return Result{Value: math.NaN()}, nil
	}
	return Result{Value: float64(both) / float64(2*size-both)}, nil
}
