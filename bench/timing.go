package main

import (
	"math"
	"slices"
)

// A timing is what an engine takes for a task, in seconds.
type timing struct {
	Median float64 `json:"median"`
	Min    float64 `json:"min"`
	// Spread is the distance of the quartiles over the median.
	Spread float64 `json:"spread"`
	Rounds int     `json:"rounds"`
	// About says which of several ways the engine took.
	About string `json:"about,omitempty"`
	// Apart is how far what it computes is from Tomo's.
	Apart float64 `json:"apart"`
	// Missing says why there is no figure.
	Missing string `json:"missing,omitempty"`
}

func newTiming(seconds []float64) timing {
	s := slices.Sorted(slices.Values(seconds))
	median := quantile(s, 0.5)
	return timing{Median: median, Min: s[0], Spread: (quantile(s, 0.75) - quantile(s, 0.25)) / median, Rounds: len(s)}
}

// quantile interpolates between the elements of a sorted list.
func quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	i := int(math.Floor(at))
	j := min(i+1, len(sorted)-1)
	return sorted[i] + (at-float64(i))*(sorted[j]-sorted[i])
}
