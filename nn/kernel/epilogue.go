package kernel

import "fmt"

// Epilogue is what happens to a product P on its way to the destination C:
//
//	C = act(alpha*P + [C] + bias + residual)
//
// The zero value stores P alone.
type Epilogue struct {
	// Alpha multiplies the product. Zero means 1.
	Alpha float32
	// Accumulate adds to what the destination holds.
	Accumulate bool
	// RowBias has one number per row of C (in convolutions: per output channel).
	RowBias []float32
	// ColBias has one number per column of C. Convolutions have none.
	ColBias []float32
	// Residual is added before the activation. It is laid out as the destination
	// is, element by element, and lies elsewhere; to add to the destination
	// itself, use Accumulate.
	Residual []float32
	// Act comes last.
	Act Activation
}

// alpha returns the factor of the product.
func (e *Epilogue) alpha() float32 {
	if e.Alpha == 0 {
		return 1
	}
	return e.Alpha
}

// trivial says that nothing is left to do once the product is stored.
func (e *Epilogue) trivial() bool {
	return e.RowBias == nil && e.ColBias == nil && e.Residual == nil && e.Act.Kind == ActIdentity
}

// transposed returns the epilogue of the transposed product.
func (e Epilogue) transposed() Epilogue {
	e.RowBias, e.ColBias = e.ColBias, e.RowBias
	return e
}

// at is from, for a caller that needs a pointer.
func (e Epilogue) at(offset int) *Epilogue {
	e = e.from(offset)
	return &e
}

// from returns the epilogue of the part of the destination that begins at
// offset.
func (e Epilogue) from(offset int) Epilogue {
	if e.Residual != nil {
		e.Residual = e.Residual[offset:]
	}
	return e
}

// rows returns the epilogue of rows [lo, hi) of a destination.
func (e Epilogue) rows(lo, hi, stride int) Epilogue {
	if e.RowBias != nil {
		e.RowBias = e.RowBias[lo:hi]
	}
	return e.from(lo * stride)
}

// check panics if a slice is too short for rows x cols results whose last one
// lies before size.
func (e *Epilogue) check(rows, cols, size int) {
	if e.RowBias != nil && len(e.RowBias) < rows {
		panic(fmt.Sprintf("kernel: the row bias has %d numbers for %d rows", len(e.RowBias), rows))
	}
	if e.ColBias != nil && len(e.ColBias) < cols {
		panic(fmt.Sprintf("kernel: the column bias has %d numbers for %d columns", len(e.ColBias), cols))
	}
	if e.Residual != nil && len(e.Residual) < size {
		panic(fmt.Sprintf("kernel: the residual has %d numbers, the destination %d", len(e.Residual), size))
	}
}

// block is a rectangle of results on its way from src to dst: src has row stride
// srcStride, dst and the residual have dstStride. A row bias of one number serves
// all rows.
type block struct {
	dst, src, residual   []float32
	dstStride, srcStride int
	rows, cols           int
	rowBias, colBias     []float32
}

// rowBiasAt returns the bias of row r.
func (b *block) rowBiasAt(r int) float32 {
	switch len(b.rowBias) {
	case 0:
		return 0
	case 1:
		return b.rowBias[0]
	}
	return b.rowBias[r]
}

// store finishes a line of products of one row of C, which it may overwrite, and
// stores it to c from index at on.
func (e *Epilogue) store(c []float32, at, row int, line []float32) {
	if alpha := e.alpha(); alpha != 1 {
		Scale(line, line, alpha)
	}
	b := block{dst: c[at : at+len(line)], src: line, rows: 1, cols: len(line)}
	if e.RowBias != nil {
		b.rowBias = e.RowBias[row : row+1]
	}
	if e.Accumulate {
		Add(line, line, b.dst)
	}
	if e.Residual != nil {
		b.residual = e.Residual[at:]
	}
	e.finish(b)
}

// finish does what is left once the product lies in b.src: bias, residual,
// activation, and the store to b.dst.
func (e *Epilogue) finish(b block) {
	lo, hi, clamped := e.Act.bounds()
	for r := range b.rows {
		row := b.dst[r*b.dstStride:][:b.cols]
		b.finishRow(r, row, lo, hi)
		if !clamped {
			e.Act.Apply(row, row)
		}
	}
}

// finishRow finishes row r of a block but for activations other than clamps.
func (b *block) finishRow(r int, dst []float32, lo, hi float32) {
	v, src, bias := &active.vec, b.src[r*b.srcStride:][:b.cols], b.rowBiasAt(r)
	switch {
	case b.residual == nil && b.colBias == nil:
		v.finish(dst, src, bias, lo, hi)
	case b.colBias == nil:
		v.finishResidual(dst, src, b.residual[r*b.dstStride:][:b.cols], bias, lo, hi)
	case b.residual == nil:
		v.finishColumns(dst, src, b.colBias[:b.cols], bias, lo, hi)
	default:
		v.finishBoth(dst, src, b.residual[r*b.dstStride:][:b.cols], b.colBias[:b.cols], bias, lo, hi)
	}
}

// finishInPlace does it for rows [top, bottom) and columns [left, right) of a
// destination that already holds the product.
func (e *Epilogue) finishInPlace(c Mat, top, bottom, left, right int) {
	if e.trivial() {
		return
	}
	at := top*c.RowStride + left
	b := block{
		dst: c.Data[at:], src: c.Data[at:], dstStride: c.RowStride, srcStride: c.RowStride,
		rows: bottom - top, cols: right - left,
	}
	if e.Residual != nil {
		b.residual = e.Residual[at:]
	}
	if e.RowBias != nil {
		b.rowBias = e.RowBias[top:bottom]
	}
	if e.ColBias != nil {
		b.colBias = e.ColBias[left:right]
	}
	e.finish(b)
}
