package kernel

import (
	"fmt"
	"math"
)

// RowStats receives the mean and 1/sqrt(variance+eps) of each row, if its slices
// are not nil; the gradient of a layer norm needs them.
type RowStats struct{ Mean, InvStd []float32 }

// LayerNorm sets each row of dst to (x-mean)/sqrt(variance+eps)*gamma + beta,
// with the mean and variance of the row in src (arXiv:1607.06450, section 3).
// gamma and beta have cols numbers, or are nil for 1 and 0.
func LayerNorm(t *Team, dst, src, gamma, beta []float32, rows, cols int, eps float32, stats RowStats) {
	checkRows("layer norm", rows, cols, len(dst), len(src))
	if gamma != nil && len(gamma) < cols || beta != nil && len(beta) < cols ||
		stats.Mean != nil && len(stats.Mean) < rows || stats.InvStd != nil && len(stats.InvStd) < rows {
		panic(fmt.Sprintf("kernel: layer norm of %d rows of %d numbers with gamma, beta, mean and deviation of %d, %d, %d and %d",
			rows, cols, len(gamma), len(beta), len(stats.Mean), len(stats.InvStd)))
	}
	t.Ranges(rows, rowGrain/max(1, cols), func(lo, hi int) {
		for r := lo; r < hi; r++ {
			mean, inv := normRow(dst[r*cols:(r+1)*cols], src[r*cols:(r+1)*cols], gamma, beta, eps)
			if stats.Mean != nil {
				stats.Mean[r] = mean
			}
			if stats.InvStd != nil {
				stats.InvStd[r] = inv
			}
		}
	})
}

// normRow normalises one row in two passes, which keeps the variance exact where
// the mean is large.
func normRow(dst, src, gamma, beta []float32, eps float32) (mean, inv float32) {
	n := float32(len(src))
	mean = Sum(src) / n
	variance := SumSquaredDiff(src, mean) / n
	inv = float32(1 / math.Sqrt(float64(variance)+float64(eps)))
	if gamma != nil && beta != nil {
		active.vec.normalize(dst, src, gamma[:len(src)], beta[:len(src)], mean, inv)
		return mean, inv
	}
	ScaleShift(dst, src, 1, -mean)
	Scale(dst, dst, inv)
	if gamma != nil {
		Mul(dst, dst, gamma)
	}
	if beta != nil {
		Add(dst, dst, beta)
	}
	return mean, inv
}

// ChannelAffine sets each number of channel c to scale[c]*x + shift[c], for n
// images of the given channels of size numbers each. It is batch normalisation
// with its four parameters folded into two, and any per-channel bias or factor.
// A nil scale is 1, a nil shift 0.
func ChannelAffine(t *Team, dst, src, scale, shift []float32, n, channels, size int) {
	count, ok := product(n, channels)
	if !ok || scale != nil && len(scale) < channels || shift != nil && len(shift) < channels {
		panic(fmt.Sprintf("kernel: %d channels with %d factors and %d terms", channels, len(scale), len(shift)))
	}
	checkRows("channel affine", count, size, len(dst), len(src))
	t.Ranges(count, 2*rowGrain/max(1, size), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			a, b := float32(1), float32(0)
			if scale != nil {
				a = scale[i%channels]
			}
			if shift != nil {
				b = shift[i%channels]
			}
			ScaleShift(dst[i*size:(i+1)*size], src[i*size:(i+1)*size], a, b)
		}
	})
}
