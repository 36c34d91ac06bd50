package kernel

// single is group for one filter: each weight's gradient is the product of two
// planes, the filter's results and a shifted image.
func (w *weightGrad) single(t *Team, g, n int, dw, x, dy []float32) {
	size := w.source.size()
	padded := borrow(w.spec.groupChannels() * size)
	defer padded.giveBack()
	row := w.weights(dw, g).Data
	if !w.add {
		clear(row)
	}
	for image := 0; image < n && !t.stopped(); image++ {
		w.pad(t, padded.f, x, g, image, 1)
		results := dy[(image*w.spec.Filters+g)*w.positions:][:w.positions]
		if t.Threads() == 1 {
			w.dotColumns(row, results, padded.f, 0, len(w.off))
			continue
		}
		t.Ranges(len(w.off), unitGrain/w.positions, func(lo, hi int) { w.dotColumns(row, results, padded.f, lo, hi) })
	}
}

// dotColumns adds to the gradients of weights [lo, hi).
func (w *weightGrad) dotColumns(row, results, padded []float32, lo, hi int) {
	for i := lo; i < hi; i++ {
		row[i] += w.dotPlanes(results, padded[w.off[i]:])
	}
}

// dotPlanes multiplies the results with as many positions of a padded image.
func (w *weightGrad) dotPlanes(results, padded []float32) float32 {
	cols, pitch := w.out[2], w.source.extent[2]
	rows := max(1, 2048/cols) // as many as float32 adds up well
	sum := 0.0
	for z := range w.out[0] {
		for y := 0; y < w.out[1]; y += rows {
			a := results[(z*w.out[1]+y)*cols:]
			b := padded[(z*w.source.extent[1]+y)*pitch:]
			sum += float64(active.rows.dot(a, b, cols, pitch, min(rows, w.out[1]-y), cols))
		}
	}
	return float32(sum)
}
