package kernel

// rowKernels work on rows that lie a stride apart. They serve where a tile would
// have one row: channels convolved separately, and a vector times a matrix.
type rowKernels struct {
	// weight sets dst[r*dstStride+j], for r < count and j < cols, to
	//
	//	clip(bias [+ dst[...]] + sum over k of w[k]*src[off[k]+r*srcStride+j], lo, hi)
	weight func(dst, src []float32, dstStride, srcStride, count, cols int, w []float32, off []int, bias, lo, hi float32, add bool)
	// dot returns the sum over r < count and j < cols of
	// a[r*aStride+j]*b[r*bStride+j].
	dot func(a, b []float32, aStride, bStride, count, cols int) float32
}

var portableRows = rowKernels{
	weight: func(dst, src []float32, dstStride, srcStride, count, cols int, w []float32, off []int, bias, lo, hi float32, add bool) {
		for r := range count {
			row := dst[r*dstStride:][:cols]
			for j := range row {
				if add {
					row[j] += bias
				} else {
					row[j] = bias
				}
			}
			for k, o := range off {
				portableVector.axpy(row, src[o+r*srcStride:][:cols], w[k])
			}
			portableVector.clip(row, row, lo, hi)
		}
	},
	dot: func(a, b []float32, aStride, bStride, count, cols int) float32 {
		var s float32
		for r := range count {
			s += portableDot(a[r*aStride:][:cols], b[r*bStride:][:cols])
		}
		return s
	},
}
