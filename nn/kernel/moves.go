package kernel

// moveKernels move numbers about, or convert them. Those with a parameter n do its
// whole multiples of vector and leave the rest.
type moveKernels struct {
	// transpose sets dst[j*stride+i] to src[off[i]+j] for i < rows and j < n. There
	// are always side offsets, and rows is at most that; n is not 0.
	transpose func(dst []float32, stride int, src []float32, off []int, rows, n int)
	// shortRows sets dst[i*dstStride+j] to src[i*srcStride+j] for i < n and j < cols,
	// where cols is at most side; n is not 0.
	shortRows func(dst []float32, dstStride int, src []float32, srcStride, cols, n int)
	side      int

	evens         func(dst, src []float32, n int) // dst[i] = src[2*i]
	spread        func(dst, src []float32, n int) // dst[2*i] = src[i]
	halfToFloat   func(dst []float32, src []uint16, n int)
	floatToHalf   func(dst []uint16, src []float32, n int)
	bfloatToFloat func(dst []float32, src []uint16, n int)
	floatToBFloat func(dst []uint16, src []float32, n int)
	vector        int // numbers
}

// whole returns n rounded down to whole vectors.
func (m *moveKernels) whole(n int) int { return n - n%m.vector }

// portableMoves leaves everything to the loops that do the rest.
var portableMoves = moveKernels{
	transpose: func(dst []float32, stride int, src []float32, off []int, rows, n int) {
		for i, o := range off[:rows] {
			for j, v := range src[o : o+n] {
				dst[j*stride+i] = v
			}
		}
	},
	shortRows:     portableShortRows,
	side:          16,
	evens:         func(dst, src []float32, n int) {},
	spread:        func(dst, src []float32, n int) {},
	halfToFloat:   func(dst []float32, src []uint16, n int) {},
	floatToHalf:   func(dst []uint16, src []float32, n int) {},
	bfloatToFloat: func(dst []float32, src []uint16, n int) {},
	floatToBFloat: func(dst []uint16, src []float32, n int) {},
	vector:        maxInt,
}

func portableShortRows(dst []float32, dstStride int, src []float32, srcStride, cols, n int) {
	for i := range n {
		copy(dst[i*dstStride:][:cols], src[i*srcStride:])
	}
}

// gatherStrided sets dst[i] to src[i*step].
func gatherStrided(dst, src []float32, step int) {
	i := 0
	switch step {
	case 1:
		i = copy(dst, src)
	case 2:
		i = active.move.whole(min(len(dst), len(src)/2))
		active.move.evens(dst, src, i)
	}
	for ; i < len(dst); i++ {
		dst[i] = src[i*step]
	}
}

// scatterStrided sets dst[i*step] to src[i].
func scatterStrided(dst, src []float32, step int) {
	i := 0
	switch step {
	case 1:
		i = copy(dst, src)
	case 2:
		i = active.move.whole(min(len(src), len(dst)/2))
		active.move.spread(dst, src, i)
	}
	for ; i < len(src); i++ {
		dst[i*step] = src[i]
	}
}
