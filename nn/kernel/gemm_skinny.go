package kernel

import "math"

// maxDotRows is how many rows of the left operand are multiplied as single dot
// products where the columns of the right operand lie contiguously. With more,
// packing pays.
const maxDotRows = 2

// gemmDots computes each result as a dot product of a row of a and a column of
// b, whose RowStride is 1.
func gemmDots(t *Team, c, a, b Mat, e Epilogue) {
	s := borrow(a.Rows * a.Cols)
	defer s.giveBack()
	rows := contiguousRows(a, s.f)
	t.Ranges(c.Cols, packGrain/max(1, a.Cols), func(lo, hi int) {
		for j := lo; j < hi; j++ {
			col := b.Data[min(j*b.ColStride, len(b.Data)):]
			for i := range c.Rows {
				p := &c.Data[i*c.RowStride+j*max(1, c.ColStride)]
				dot := e.alpha() * Dot(rows[i*a.Cols:(i+1)*a.Cols], col)
				if e.Accumulate {
					dot += *p
				}
				*p = dot
			}
		}
		e.finishInPlace(c, 0, c.Rows, lo, hi)
	})
}

// gemmRow computes a row of results as a weighted sum of the rows of b, whose
// ColStride is 1.
func gemmRow(t *Team, c, a, b Mat, e Epilogue) {
	s := borrow(a.Cols)
	defer s.giveBack()
	weights := contiguousRows(a, s.f)[:a.Cols]
	if e.alpha() != 1 {
		Scale(s.f, weights, e.alpha())
		weights = s.f
	}
	depth := active.tile.depth
	off := rowOffsets(min(depth, a.Cols), b.RowStride)
	t.Ranges(c.Cols, packGrain/max(1, a.Cols), func(lo, hi int) {
		inf := float32(math.Inf(1))
		for k := 0; k == 0 || k < a.Cols; k += depth {
			n := min(depth, a.Cols-k)
			src := b.Data[min(k*b.RowStride+lo, len(b.Data)):]
			active.rows.weight(c.Data[lo:], src, 0, 0, 1, hi-lo, weights[k:k+n], off[:n], 0, -inf, inf, e.Accumulate || k > 0)
		}
		e.finishInPlace(c, 0, 1, lo, hi)
	})
}

// rowOffsets returns where each of n rows begins.
func rowOffsets(n, stride int) []int {
	off := make([]int, n)
	for k := range off {
		off[k] = k * stride
	}
	return off
}

// contiguousRows returns the elements of m row after row, in m's own memory
// where they lie so, else in s.
func contiguousRows(m Mat, s []float32) []float32 {
	if m.ColStride == 1 && (m.RowStride == m.Cols || m.Rows == 1) {
		return m.Data
	}
	for i := range m.Rows {
		for j := range m.Cols {
			s[i*m.Cols+j] = m.Data[i*m.RowStride+j*m.ColStride]
		}
	}
	return s
}
