package kernel

// weights computes the gradients of one direction's weights and biases from those
// of all gates.
func (b *recurrentBack) weights(t *Team, x []float32, to RecurrentGrads) {
	rows, lines, d := b.rows(), b.Steps*b.Batch, b.direction
	gates := RowMajor(b.dgates, lines, rows)
	if to.W != nil {
		dw := to.W[d*rows*b.Inputs:]
		Gemm(t, RowMajor(dw, rows, b.Inputs), gates.T(), RowMajor(x, lines, b.Inputs), Epilogue{})
	}
	if to.R != nil {
		b.stateWeights(t, to.R[d*rows*b.Hidden:])
	}
	if to.B != nil {
		b.biases(to.B[2*d*rows : 2*(d+1)*rows])
	}
}

// stateWeights multiplies the gradients of the gates with the states before each
// step, or with what GRU's candidate was made of.
func (b *recurrentBack) stateWeights(t *Team, dr []float32) {
	n, rows, lines := b.Hidden, b.rows(), b.Steps*b.Batch
	before := b.hidden
	if b.reverse {
		before = before[b.Batch*n:]
	}
	plain := rows // gates whose arguments the state is added to
	if b.mid != nil {
		plain = 2 * n
	}
	part := func(dr, grads []float32, rows, stride int, states []float32) {
		a := Mat{Data: grads, Rows: lines, Cols: rows, RowStride: stride, ColStride: 1}
		Gemm(t, RowMajor(dr, rows, n), a.T(), RowMajor(states, lines, n), Epilogue{})
	}
	part(dr, b.dgates, plain, rows, before)
	switch b.Cell {
	case GRU:
		part(dr[2*n*n:], b.dgates[2*n:], n, rows, b.mid)
	case GRULinear:
		part(dr[2*n*n:], b.dmid, n, n, before)
	}
}

// biases adds up gradients over steps and sequences: those of the products with
// inputs, then with states.
func (b *recurrentBack) biases(db []float32) {
	n, rows := b.Hidden, b.rows()
	clear(db)
	for i := 0; i < len(b.dgates); i += rows {
		Add(db[:rows], db[:rows], b.dgates[i:i+rows])
	}
	copy(db[rows:], db[:rows])
	if b.dmid == nil {
		return
	}
	last := db[rows+2*n:]
	clear(last)
	for i := 0; i < len(b.dmid); i += n {
		Add(last, last, b.dmid[i:i+n])
	}
}

// backInput adds up over the directions what their gates send back to x.
func (l *Recurrent) backInput(t *Team, passes []*recurrentBack, dx []float32) {
	if dx == nil {
		return
	}
	sum, lines := dx, l.Steps*l.Batch
	if l.BatchFirst {
		sum = make([]float32, len(dx))
	}
	for d, b := range passes {
		grads, w := RowMajor(b.dgates, lines, l.rows()), RowMajor(b.w, l.rows(), l.Inputs)
		Gemm(t, RowMajor(sum, lines, l.Inputs), grads, w, Epilogue{Accumulate: d > 0})
	}
	if l.BatchFirst {
		l.exchange(t, dx, sum, l.Steps, l.Batch)
	}
}
