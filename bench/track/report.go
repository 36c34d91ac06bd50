package main

import (
	"fmt"
	"slices"
)

// A comparison is the seconds of calls, of Tomo and of MLflow, in rounds.
type comparison struct {
	calls  [2][]float64
	ratios []float64 // of the medians of each round
}

func (c *comparison) add(round [2][]float64) {
	for i, calls := range round {
		c.calls[i] = append(c.calls[i], calls...)
	}
	c.ratios = append(c.ratios, quantile(round[1], 0.5)/quantile(round[0], 0.5))
}

// String tells the medians with the quartiles of all calls, and the median of
// the ratios with their range over the rounds.
func (c comparison) String() string {
	told := func(calls []float64) string {
		return fmt.Sprintf("%.2f (%.2f–%.2f)", quantile(calls, 0.5)*1e3, quantile(calls, 0.25)*1e3, quantile(calls, 0.75)*1e3)
	}
	return fmt.Sprintf("%s | %s | %.1f (%.1f–%.1f)", told(c.calls[0]), told(c.calls[1]), quantile(c.ratios, 0.5), slices.Min(c.ratios), slices.Max(c.ratios))
}

func quantile(v []float64, q float64) float64 {
	sorted := slices.Sorted(slices.Values(v))
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}
