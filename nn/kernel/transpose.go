package kernel

import (
	"fmt"
	"sync"
)

// Transpose sets dst, cols x rows, to the transpose of src, rows x cols, both row
// after row. They must not overlap.
func Transpose(dst, src []float32, rows, cols int) {
	size, ok := product(rows, cols)
	if rows < 0 || cols < 0 || !ok || len(src) < size || len(dst) < size {
		panic(fmt.Sprintf("kernel: transposing %dx%d from %d numbers to %d", rows, cols, len(src), len(dst)))
	}
	if size > 0 {
		transposeStrided(dst, rows, src, cols, rows, cols)
	}
}

// maxSide is the largest side of the squares that are transposed in registers.
const maxSide = 16

// transposeStrided sets dst[j*dstStride+i] to src[i*srcStride+j] for i < rows and
// j < cols.
func transposeStrided(dst []float32, dstStride int, src []float32, srcStride, rows, cols int) {
	off := borrowOffsets()
	defer off.giveBack()
	side := active.move.side
	for first := 0; first < rows && cols > 0; first += side {
		n := min(side, rows-first)
		for i := range side {
			off.of[i] = min(i, n-1) * srcStride
		}
		active.move.transpose(dst[first:], dstStride, src[first*srcStride:], off.of[:side], n, cols)
	}
}

// transposeGathered sets dst[j*stride+i] to src[off[i]+j] for j < n.
func transposeGathered(dst []float32, stride int, src []float32, off []int, n int) {
	side := active.move.side
	for len(off) >= side {
		active.move.transpose(dst, stride, src, off[:side], side, n)
		dst, off = dst[min(side, len(dst)):], off[side:]
	}
	if len(off) == 0 {
		return
	}
	rest := borrowOffsets()
	defer rest.giveBack()
	for i := copy(rest.of[:], off); i < side; i++ {
		rest.of[i] = off[0]
	}
	active.move.transpose(dst, stride, src, rest.of[:side], len(off), n)
}

// offsets is a borrowed table of them. It lives on the heap, as the kernels'
// arguments do, and is used again.
type offsets struct{ of [maxSide]int }

var offsetTables = sync.Pool{New: func() any { return new(offsets) }}

func borrowOffsets() *offsets { return offsetTables.Get().(*offsets) }

func (o *offsets) giveBack() { offsetTables.Put(o) }
