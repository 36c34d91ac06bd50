package kernel

import "fmt"

// Mat is a matrix seen in a slice: element (i, j) is
// Data[i*RowStride + j*ColStride]. Strides are not negative. An operand may have
// any strides, zero included; a destination has one stride of 1 and does not
// overlap itself.
type Mat struct {
	Data                 []float32
	Rows, Cols           int
	RowStride, ColStride int

	packed *packed // another copy of the elements, in the kernels' order
}

// RowMajor returns data as a rows x cols matrix whose rows follow one another.
func RowMajor(data []float32, rows, cols int) Mat {
	return Mat{Data: data, Rows: rows, Cols: cols, RowStride: cols, ColStride: 1}
}

// T returns the transposed matrix, over the same elements, without the packed
// copy.
func (m Mat) T() Mat {
	m.Rows, m.Cols = m.Cols, m.Rows
	m.RowStride, m.ColStride = m.ColStride, m.RowStride
	m.packed = nil
	return m
}

// PackLeft returns the matrix with a second copy of its elements in the order in
// which the kernels read a left operand. [Gemm] takes it in either place, but
// gains only on the left. Later changes of Data are not seen: pack again.
func (m Mat) PackLeft() Mat {
	m.check("the matrix to pack")
	m.packed = packLeft(nil, &active.tile, m, nil)
	return m
}

// PackRight is [Mat.PackLeft] for a right operand.
func (m Mat) PackRight() Mat {
	m.check("the matrix to pack")
	m.packed = packRight(nil, &active.tile, m, nil)
	return m
}

// from returns the matrix moved to begin at Data[offset], without its packed
// copy if that moves it.
func (m Mat) from(offset int) Mat {
	if offset != 0 {
		m.Data, m.packed = m.Data[offset:], nil
	}
	return m
}

// rows returns rows [lo, hi).
func (m Mat) rows(lo, hi int) Mat {
	if lo == 0 && hi == m.Rows {
		return m
	}
	m.Rows = hi - lo
	return m.from(lo * m.RowStride)
}

func (m Mat) empty() bool { return m.Rows == 0 || m.Cols == 0 }

// check panics if an element lies outside Data.
func (m Mat) check(what string) {
	if m.Rows < 0 || m.Cols < 0 || m.RowStride < 0 || m.ColStride < 0 {
		panic(fmt.Sprintf("kernel: %s has a negative size or stride: %dx%d, strides %d and %d",
			what, m.Rows, m.Cols, m.RowStride, m.ColStride))
	}
	if m.empty() {
		return
	}
	if last, ok := lastIndex(m.Rows, m.RowStride, m.Cols, m.ColStride); !ok || last >= len(m.Data) {
		panic(fmt.Sprintf("kernel: %s is %dx%d with strides %d and %d, which does not fit into %d numbers",
			what, m.Rows, m.Cols, m.RowStride, m.ColStride, len(m.Data)))
	}
}

// writable says that the matrix can be a destination: a single line, or lines of
// neighbours that do not overlap.
func (m Mat) writable() bool {
	switch {
	case m.Cols == 1:
		return m.RowStride > 0 || m.Rows == 1
	case m.Rows == 1:
		return m.ColStride > 0
	}
	return m.ColStride == 1 && m.RowStride >= m.Cols || m.RowStride == 1 && m.ColStride >= m.Rows
}

// lastIndex returns (rows-1)*rowStride + (cols-1)*colStride, and false if that
// is no int.
func lastIndex(rows, rowStride, cols, colStride int) (int, bool) {
	r, ok1 := product(rows-1, rowStride)
	c, ok2 := product(cols-1, colStride)
	return r + c, ok1 && ok2 && r+c >= 0
}

// product multiplies numbers; it returns false if one of them is negative or the
// result is no int.
func product(factors ...int) (int, bool) {
	p := 1
	for _, f := range factors {
		if f < 0 || f > 0 && p > maxInt/f {
			return 0, false
		}
		p *= f
	}
	return p, true
}

const maxInt = int(^uint(0) >> 1)
