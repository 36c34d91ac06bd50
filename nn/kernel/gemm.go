package kernel

import "fmt"

// maxPacked is how many numbers of a left operand are packed at a time.
const maxPacked = 4 << 20

// Gemm sets c to act(alpha*A*B + bias + residual), or with e.Accumulate adds c to
// that before the activation. A is m x k, B is k x n, c is m x n; k may be zero.
// The sizes and strides are checked; see [Mat] for those allowed.
func Gemm(t *Team, c, a, b Mat, e Epilogue) {
	checkProduct(c, a, b, &e)
	gemm(t, c, a, b, e)
}

// gemm is Gemm of operands known to be sound.
func gemm(t *Team, c, a, b Mat, e Epilogue) {
	if c.empty() {
		return
	}
	if c.ColStride != 1 && c.Cols > 1 || c.Cols == 1 && c.RowStride == 1 && c.Rows > 1 {
		c, a, b, e = c.T(), b.T(), a.T(), e.transposed()
	}
	rightPacked := b.packed.fits(&active.tile, true)
	switch {
	case c.Rows == 1 && b.ColStride == 1 && !rightPacked:
		gemmRow(t, c, a, b, e)
	case c.Rows <= maxDotRows && b.RowStride == 1 && !rightPacked:
		gemmDots(t, c, a, b, e)
	case a.packed.fits(&active.tile, false):
		gemmPacked(t, c, a.packed, b, e)
	default:
		gemmPacking(t, c, a, b, e)
	}
}

// gemmPacking packs the left operand, as many rows at a time as is reasonable, and
// multiplies.
func gemmPacking(t *Team, c, a, b Mat, e Epilogue) {
	step := min(c.Rows, max(1, maxPacked/max(1, a.Cols)))
	s := borrow(step * a.Cols)
	defer s.giveBack()
	for lo := 0; lo < c.Rows && !t.stopped(); lo += step {
		hi := min(lo+step, c.Rows)
		left := packLeft(t, &active.tile, a.rows(lo, hi), s.f)
		gemmPacked(t, c.rows(lo, hi), left, b, e.rows(lo, hi, c.RowStride))
	}
}

// gemmPacked cuts c into rectangles of whole tiles and computes them in
// parallel.
func gemmPacked(t *Team, c Mat, left *packed, b Mat, e Epilogue) {
	tile := left.tile
	p := &tiledProduct{c: c, left: left, right: newRightPanels(tile, b, left.panelCount()), e: e}
	g := newGrid(t.Threads(), left, c.Cols)
	t.Run(g.count(), func(i int) { p.compute(t, g.rect(i)) })
}

// checkProduct panics unless c, a and b fit together.
func checkProduct(c, a, b Mat, e *Epilogue) {
	if a.Cols != b.Rows || c.Rows != a.Rows || c.Cols != b.Cols {
		panic(fmt.Sprintf("kernel: a %dx%d matrix times a %dx%d one into a %dx%d one",
			a.Rows, a.Cols, b.Rows, b.Cols, c.Rows, c.Cols))
	}
	c.check("the destination")
	a.check("the left operand")
	b.check("the right operand")
	if c.empty() {
		return
	}
	if !c.writable() {
		panic(fmt.Sprintf("kernel: the destination's strides %d and %d: one of them must be 1 and the other at least the length of its line",
			c.RowStride, c.ColStride))
	}
	last, _ := lastIndex(c.Rows, c.RowStride, c.Cols, c.ColStride)
	e.check(c.Rows, c.Cols, last+1)
}
