package kernel

import "fmt"

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

// transposeBlock is the side of the squares that are transposed at a time, so
// that the lines touched fit into the first cache.
const transposeBlock = 32

// transposeStrided sets dst[j*dstStride+i] to src[i*srcStride+j] for i < rows and
// j < cols.
func transposeStrided(dst []float32, dstStride int, src []float32, srcStride, rows, cols int) {
	for j0 := 0; j0 < cols; j0 += transposeBlock {
		j1 := min(j0+transposeBlock, cols)
		for i := range rows {
			row := src[i*srcStride+j0 : i*srcStride+j1]
			to := dst[j0*dstStride+i:]
			for j, v := range row {
				to[j*dstStride] = v
			}
		}
	}
}

// transposeGathered sets dst[j*stride+i] to src[off[i]+j] for j < n.
func transposeGathered(dst []float32, stride int, src []float32, off []int, n int) {
	for i, o := range off {
		for j, v := range src[o : o+n] {
			dst[j*stride+i] = v
		}
	}
}
