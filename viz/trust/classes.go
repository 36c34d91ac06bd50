package trust

import (
	"context"
	"math"
)

// otherClass is the rank correlation with the map for the class that is most
// likely beside the explained one; NaN where there is no other.
func otherClass(ctx context.Context, c *Case) (Result, error) {
	for _, p := range c.Model.Rank(c.Logits.F32()) {
		if p.Class == c.Target.Class {
			continue
		}
		f, err := c.Method.Explain(ctx, c.Model, c.Input, p.Class)
		if err != nil {
			return Result{}, err
		}
		other := caseOf(c.Answer, p.Class, c.Method, f, nil, c.Options)
		return Result{Value: RankCorrelation(c.Heat, other.Heat)}, nil
	}
	return Result{Value: math.NaN()}, nil
}
