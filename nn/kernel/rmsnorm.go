package kernel

import (
	"fmt"
	"math"
)

// RMSNorm sets each row of dst to x/sqrt(mean(x²)+eps)*gamma for the row x of src
// (arXiv:1910.07467, equation 4). gamma has cols numbers, or is nil for 1; inv
// receives 1/sqrt(mean(x²)+eps) of each row unless it is nil.
func RMSNorm(t *Team, dst, src, gamma []float32, rows, cols int, eps float32, inv []float32) {
	checkRows("RMS norm", rows, cols, len(dst), len(src))
	if gamma != nil && len(gamma) < cols || inv != nil && len(inv) < rows {
		panic(fmt.Sprintf("kernel: RMS norm of %d rows of %d numbers with gamma and roots of %d and %d", rows, cols, len(gamma), len(inv)))
	}
	t.Ranges(rows, rowGrain/max(1, cols), func(lo, hi int) {
		for r := lo; r < hi; r++ {
			y, x := dst[r*cols:(r+1)*cols], src[r*cols:(r+1)*cols]
			by := float32(1 / math.Sqrt(float64(SumSquares(x)/float32(cols))+float64(eps)))
			Scale(y, x, by)
			if gamma != nil {
				Mul(y, y, gamma)
			}
			if inv != nil {
				inv[r] = by
			}
		}
	})
}
