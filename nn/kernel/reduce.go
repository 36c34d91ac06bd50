package kernel

// Sum returns the sum, 0 of an empty slice. It is added up in many partial sums,
// so that its error grows slowly with the length.
func Sum(src []float32) float32 { return active.vec.sum(src) }

// SumSquares returns the sum of the squares.
func SumSquares(src []float32) float32 { return active.vec.sumSquares(src) }

// SumSquaredDiff returns the sum of the squared differences from center.
func SumSquaredDiff(src []float32, center float32) float32 {
	return active.vec.sumSquaredDiff(src, center)
}

// Dot returns the sum of a[i]*b[i] over a.
func Dot(a, b []float32) float32 { return active.vec.dot(a, b[:len(a)]) }

// MaxOf returns the largest number, NaN if there is one, and -Inf of an empty
// slice.
func MaxOf(src []float32) float32 { return active.vec.maxOf(src) }

// MinOf returns the smallest number, NaN if there is one, and +Inf of an empty
// slice.
func MinOf(src []float32) float32 { return active.vec.minOf(src) }
