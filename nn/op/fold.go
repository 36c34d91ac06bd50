package op

import "math"

func total[T number](v []T) T {
	var s T
	for _, x := range v {
		s += x
	}
	return s
}

func multiply[T number](v []T) T {
	p := T(1)
	for _, x := range v {
		p *= x
	}
	return p
}

func squares[T number](v []T) T {
	var s T
	for _, x := range v {
		s += x * x
	}
	return s
}

func magnitude[T float | signed](v []T) T {
	var s T
	for _, x := range v {
		s += max(x, -x)
	}
	return s
}

func mean(v []float64) float64 { return total(v) / float64(len(v)) } // NaN of none

// meanInt truncates; the mean of no integers is 0.
func meanInt[T int64 | uint64](v []T) T { return total(v) / T(max(len(v), 1)) }

func greatest(v []float64) float64 {
	m := math.Inf(-1)
	for _, x := range v {
		m = max(m, x)
	}
	return m
}

func least(v []float64) float64 {
	m := math.Inf(1)
	for _, x := range v {
		m = min(m, x)
	}
	return m
}

func greatestInt(v []int64) int64 {
	if len(v) == 0 {
		return math.MinInt64
	}
	return extreme(v, larger)
}

func greatestUint(v []uint64) uint64 { return extreme(v, larger) }

func leastInt(v []int64) int64 {
	if len(v) == 0 {
		return math.MaxInt64
	}
	return extreme(v, smaller)
}

func leastUint(v []uint64) uint64 {
	if len(v) == 0 {
		return math.MaxUint64
	}
	return extreme(v, smaller)
}

func extreme[T number](v []T, choose func(a, b T) T) T {
	if len(v) == 0 {
		return 0
	}
	m := v[0]
	for _, x := range v[1:] {
		m = choose(m, x)
	}
	return m
}

// logSumExp takes the greatest element out before it exponentiates, so that
// nothing overflows.
func logSumExp(v []float64) float64 {
	m := greatest(v)
	if math.IsInf(m, 0) || math.IsNaN(m) {
		return m
	}
	var s float64
	for _, x := range v {
		s += math.Exp(x - m)
	}
	return m + math.Log(s)
}

// inFloats folds integers in float64 and truncates the result.
func inFloats(f func([]float64) float64) fold {
	return fold{
		f: f,
		i: func(v []int64) int64 { return int64(f(mapTo(v, func(x int64) float64 { return float64(x) }))) },
		u: func(v []uint64) uint64 { return uint64(f(mapTo(v, func(x uint64) float64 { return float64(x) }))) },
	}
}
