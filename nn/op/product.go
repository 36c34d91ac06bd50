package op

// A matrix is a view of a slice as rows and columns.
type matrix[T number] struct {
	data             []T
	rows, cols       int
	rowStep, colStep int // between neighbours along a column, along a row
}

// dense is the view of rows that lie one behind the other.
func dense[T number](data []T, rows, cols int) matrix[T] {
	return matrix[T]{data, rows, cols, cols, 1}
}

// transposed is the same elements with rows and columns exchanged.
func (m matrix[T]) transposed() matrix[T] {
	return matrix[T]{m.data, m.cols, m.rows, m.colStep, m.rowStep}
}

// columns is the view of columns [lo, hi).
func (m matrix[T]) columns(lo, hi int) matrix[T] {
	m.cols = hi - lo
	if len(m.data) > 0 {
		m.data = m.data[lo*m.colStep:]
	}
	return m
}

// packed copies m into dense rows.
func (m matrix[T]) packed() matrix[T] {
	d := dense(make([]T, m.rows*m.cols), m.rows, m.cols)
	for i := range m.rows {
		row := d.data[i*m.cols:][:m.cols]
		for j := range row {
			row[j] = m.data[i*m.rowStep+j*m.colStep]
		}
	}
	return d
}

// mulAdd adds the product a·b to c, whose rows must be contiguous. Each
// element sums over the inner extent in order.
func mulAdd[T number](c, a, b matrix[T]) {
	if b.colStep != 1 {
		b = b.packed()
	}
	// A stripe of four rows of c stays in the first-level cache.
	const stripe = 512
	for lo := 0; lo < c.cols; lo += stripe {
		n := min(stripe, c.cols-lo)
		i := 0
		for ; i+4 <= c.rows; i += 4 {
			mulAdd4(c, a, b, i, lo, n)
		}
		for ; i < c.rows; i++ {
			mulAdd1(c, a, b, i, lo, n)
		}
	}
}

func mulAdd4[T number](c, a, b matrix[T], i, lo, n int) {
	c0 := c.data[i*c.rowStep+lo:][:n]
	c1 := c.data[(i+1)*c.rowStep+lo:][:n]
	c2 := c.data[(i+2)*c.rowStep+lo:][:n]
	c3 := c.data[(i+3)*c.rowStep+lo:][:n]
	for p := range a.cols {
		at := i*a.rowStep + p*a.colStep
		a0, a1, a2, a3 := a.data[at], a.data[at+a.rowStep], a.data[at+2*a.rowStep], a.data[at+3*a.rowStep]
		for j, v := range b.data[p*b.rowStep+lo:][:n] {
			c0[j] += a0 * v
			c1[j] += a1 * v
			c2[j] += a2 * v
			c3[j] += a3 * v
		}
	}
}

func mulAdd1[T number](c, a, b matrix[T], i, lo, n int) {
	row := c.data[i*c.rowStep+lo:][:n]
	for p := range a.cols {
		f := a.data[i*a.rowStep+p*a.colStep]
		for j, v := range b.data[p*b.rowStep+lo:][:n] {
			row[j] += f * v
		}
	}
}
