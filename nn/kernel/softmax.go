package kernel

import (
	"fmt"
	"math"
)

// Softmax sets each of the rows of cols numbers in dst to exp(x)/sum(exp(x)) of
// the row in src, both row after row. The largest number is subtracted first, so
// that nothing overflows.
func Softmax(t *Team, dst, src []float32, rows, cols int) {
	checkRows("softmax", rows, cols, len(dst), len(src))
	t.Ranges(rows, rowGrain/max(1, cols), func(lo, hi int) {
		for r := lo; r < hi; r++ {
			y, x := dst[r*cols:(r+1)*cols], src[r*cols:(r+1)*cols]
			sum := active.vec.expSum(y, x, MaxOf(x))
			Scale(y, y, 1/sum)
		}
	})
}

// LogSoftmax sets each row of dst to the logarithm of the softmax of the row in
// src, without its underflow.
func LogSoftmax(t *Team, dst, src []float32, rows, cols int) {
	checkRows("log-softmax", rows, cols, len(dst), len(src))
	t.Ranges(rows, rowGrain/max(1, cols), func(lo, hi int) {
		s := borrow(cols)
		defer s.giveBack()
		for r := lo; r < hi; r++ {
			y, x := dst[r*cols:(r+1)*cols], src[r*cols:(r+1)*cols]
			top := MaxOf(x)
			sum := active.vec.expSum(s.f, x, top)
			AddScalar(y, x, -top)
			AddScalar(y, y, -float32(math.Log(float64(sum))))
		}
	})
}

// rowGrain is how many numbers are worth a task where each takes some ten
// instructions.
const rowGrain = 1 << 13

func checkRows(what string, rows, cols int, lengths ...int) {
	size, ok := product(rows, cols)
	for _, n := range lengths {
		if rows < 0 || cols < 0 || !ok || n < size {
			panic(fmt.Sprintf("kernel: %s of %d rows of %d numbers, but a slice has %d", what, rows, cols, n))
		}
	}
}
