package kernel

// Sum returns the sum, 0 of an empty slice. Its rounding error does not grow with
// the length.
func Sum(src []float32) float32 {
	return total(len(src), func(lo, hi int) float32 { return active.vec.sum(src[lo:hi]) })
}

// SumSquares returns the sum of the squares, as precise as [Sum].
func SumSquares(src []float32) float32 {
	return total(len(src), func(lo, hi int) float32 { return active.vec.sumSquares(src[lo:hi]) })
}

// SumSquaredDiff returns the sum of the squared differences from center, as
// precise as [Sum].
func SumSquaredDiff(src []float32, center float32) float32 {
	return total(len(src), func(lo, hi int) float32 { return active.vec.sumSquaredDiff(src[lo:hi], center) })
}

// Dot returns the sum of a[i]*b[i] over a, as precise as [Sum].
func Dot(a, b []float32) float32 {
	b = b[:len(a)]
	return total(len(a), func(lo, hi int) float32 { return active.vec.dot(a[lo:hi], b[lo:hi]) })
}

// total adds up in float64 the sums of parts that are short enough for float32.
func total(n int, sum func(lo, hi int) float32) float32 {
	const part = 2048
	if n <= part {
		return sum(0, n)
	}
	s := 0.0
	for lo := 0; lo < n; lo += part {
		s += float64(sum(lo, min(lo+part, n)))
	}
	return float32(s)
}

// MaxOf returns the largest number, NaN if there is one, and -Inf of an empty
// slice.
func MaxOf(src []float32) float32 { return active.vec.maxOf(src) }

// MinOf returns the smallest number, NaN if there is one, and +Inf of an empty
// slice.
func MinOf(src []float32) float32 { return active.vec.minOf(src) }
