package trust

import (
	"context"
	"math"

	"github.com/tomo-viz/tomo/nn/tensor"
)

// complexity is the mean of the heat. arXiv 2104.10252, section 3.2.
func complexity(_ context.Context, c *Case) (Result, error) {
	sum := 0.0
	for _, v := range c.Heat {
		sum += math.Abs(float64(v))
	}
	return Result{Value: sum / float64(len(c.Heat))}, nil
}

// coherency is Pearson's correlation of the heat with that of the picture of
// which only the heat is seen, moved to 0 to 1. arXiv 2104.10252, section 3.2.
func coherency(ctx context.Context, c *Case) (Result, error) {
	if c.shared.coherent == nil {
		again, err := c.again(ctx, c.heatOnly())
		if err != nil {
			return Result{}, err
		}
		v := (pearson(c.Heat, again) + 1) / 2
		c.shared.coherent = &v
	}
	return Result{Value: *c.shared.coherent}, nil
}

// again returns the method's heat for a changed picture.
func (c *Case) again(ctx context.Context, picture []float32) ([]float32, error) {
	x := tensor.New(tensor.Float32, c.Input.Shape()...)
	copy(x.F32(), picture)
	f, err := c.Method.Explain(ctx, c.Model, x, c.Target.Class)
	if err != nil {
		return nil, err
	}
	return caseOf(c.Answer, c.Target.Class, c.Method, f, nil, c.Options).Heat, nil
}

// adcc is 3 / (1/coherency + 1/(1-complexity) + 1/(1-drop)). arXiv 2104.10252,
// eq. 6.
func adcc(ctx context.Context, c *Case) (Result, error) {
	total := 0.0
	for _, part := range []struct {
		of   func(context.Context, *Case) (Result, error)
		less bool
	}{{coherency, false}, {complexity, true}, {averageDrop, true}} {
		r, err := part.of(ctx, c)
		if err != nil {
			return Result{}, err
		}
		if part.less {
			r.Value = 1 - r.Value
		}
		if !(r.Value > 0) { // a harmonic mean with 0 is 0
			return Result{}, nil
		}
		total += 1 / r.Value
	}
	return Result{Value: 3 / total}, nil
}

// pearson is the correlation of two lists of one length, 0 where one of them is
// flat.
func pearson(a, b []float32) float64 {
	n, meanA, meanB := float64(len(a)), 0.0, 0.0
	for i := range a {
		meanA += float64(a[i]) / n
		meanB += float64(b[i]) / n
	}
	var ab, aa, bb float64
	for i := range a {
		x, y := float64(a[i])-meanA, float64(b[i])-meanB
		ab += x * y
		aa += x * x
		bb += y * y
	}
	if !(aa > 0 && bb > 0) {
		return 0
	}
	return ab / math.Sqrt(aa*bb)
}
