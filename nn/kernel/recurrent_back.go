package kernel

// RecurrentGrads are gradients with respect to what a recurrent layer takes, in
// the layout of that; nil for those not asked for. W, R and B hold all
// directions.
type RecurrentGrads struct {
	X, W, R, B []float32
	First      RecurrentStates
}

// Backward goes back through the time of a trace, which x is the input of: from dy
// and last, the gradients of the outputs, nil for zeros, to those of the inputs.
func (l *Recurrent) Backward(t *Team, weights []*RecurrentWeights, trace RecurrentTrace, x, dy []float32, last RecurrentStates, to RecurrentGrads) {
	passes := make([]*recurrentBack, len(l.Reverse))
	l.eachDirection(t, func(t *Team, d int) {
		p := &recurrentPass{l, weights[d], trace[d], d, l.Reverse[d]}
		passes[d] = p.newBack(last)
		passes[d].run(t, dy)
		p.copyStates(passes[d].dh, to.First.H, true)
		p.copyStates(passes[d].dc, to.First.C, true)
	})
	x = l.stepsFirst(t, x)
	for _, b := range passes {
		b.weights(t, x, to)
	}
	l.backInput(t, passes, to.X)
}

// recurrentBack is the way back of a pass.
type recurrentBack struct {
	*recurrentPass
	dh, dc []float32 // of the states, on their way back
	// dgates are the gradients of the gates' arguments [Steps][Batch][rows], and
	// dmid that of what GRULinear's state adds to the candidate's.
	dgates, dmid []float32
	spare        []float32 // [Batch][Hidden]
}

func (p *recurrentPass) newBack(last RecurrentStates) *recurrentBack {
	n := p.Batch * p.Hidden
	b := &recurrentBack{recurrentPass: p, dh: make([]float32, n), dgates: make([]float32, len(p.gates)), spare: make([]float32, n)}
	switch p.Cell {
	case LSTM:
		b.dc = make([]float32, n)
	case GRULinear:
		b.dmid = make([]float32, p.Steps*n)
	}
	p.copyStates(b.dh, last.H, false)
	p.copyStates(b.dc, last.C, false)
	return b
}

func (b *recurrentBack) run(t *Team, dy []float32) {
	rows := b.rows()
	for s := b.Steps - 1; s >= 0 && !t.stopped(); s-- {
		i, from := b.place(s), b.before(s)
		if dy != nil {
			for k := range b.Batch {
				line := b.dh[k*b.Hidden : (k+1)*b.Hidden]
				Add(line, line, b.lineOfY(dy, i, k))
			}
		}
		own := recurrentStep{
			number: s, gates: b.gates[i*b.Batch*rows:][:b.Batch*rows], mid: b.at(b.mid, i),
			h: b.at(b.hidden, from), c: b.at(b.cells, from), newC: b.at(b.cells, b.after(s)),
		}
		b.step(t, own, b.dgates[i*b.Batch*rows:][:b.Batch*rows], b.at(b.dmid, i))
	}
}

// step replaces dh and dc by the gradients of the states before a step, and
// fills in those of its gates.
func (b *recurrentBack) step(t *Team, s recurrentStep, dgates, dmid []float32) {
	switch b.Cell {
	case LSTM:
		b.lstm(t, s, dgates)
	case GRU, GRULinear:
		b.gru(t, s, dgates, dmid)
	default:
		if b.Cell == RNNRelu {
			ReluGrad(dgates, b.dh, s.gates)
		} else {
			TanhGrad(dgates, b.dh, s.gates)
		}
		b.backState(t, s, dgates, b.rows(), 0, b.dh, false)
	}
}

// backState sets dh, or adds to it, what gradients with the given distance of
// lines send back through a part of r.
func (b *recurrentBack) backState(t *Team, s recurrentStep, grads []float32, stride, part int, dh []float32, add bool) {
	if b.Batch == 1 {
		b.back()[part].multiply(t, dh, grads, add, s.number%2 == 1)
		return
	}
	r := b.given[part]
	a := Mat{Data: grads, Rows: b.Batch, Cols: r.Rows, RowStride: stride, ColStride: 1}
	Gemm(t, RowMajor(dh, b.Batch, b.Hidden), a, r, Epilogue{Accumulate: add})
}

func (b *recurrentBack) lstm(t *Team, s recurrentStep, dgates []float32) {
	n := b.Hidden
	t.Ranges(b.Batch, rowGrain/(8*n), func(lo, hi int) {
		for k := lo; k < hi; k++ {
			line := func(v []float32) []float32 { return v[k*n : (k+1)*n] }
			g, d := s.gates[4*n*k:4*n*(k+1)], dgates[4*n*k:4*n*(k+1)]
			i, o, f, c := g[:n], g[n:2*n], g[2*n:3*n], g[3*n:]
			di, do, df, dg := d[:n], d[n:2*n], d[2*n:3*n], d[3*n:]
			dh, dc, top := line(b.dh), line(b.dc), line(b.spare)
			Tanh(top, line(s.newC))
			Mul(do, dh, top)
			SigmoidGrad(do, do, o)
			Mul(di, dh, o)
			TanhGrad(di, di, top)
			Add(dc, dc, di)
			Mul(di, dc, c)
			SigmoidGrad(di, di, i)
			Mul(df, dc, line(s.c))
			SigmoidGrad(df, df, f)
			Mul(dg, dc, i)
			TanhGrad(dg, dg, c)
			Mul(dc, dc, f)
		}
	})
	b.backState(t, s, dgates, 4*n, 0, b.dh, false)
}

func (b *recurrentBack) gru(t *Team, s recurrentStep, dgates, dmid []float32) {
	n := b.Hidden
	each := func(f func(g, d []float32, line func([]float32) []float32)) {
		t.Ranges(b.Batch, rowGrain/(6*n), func(lo, hi int) {
			for k := lo; k < hi; k++ {
				f(s.gates[3*n*k:3*n*(k+1)], dgates[3*n*k:3*n*(k+1)], func(v []float32) []float32 { return v[k*n : (k+1)*n] })
			}
		})
	}
	each(func(g, d []float32, line func([]float32) []float32) {
		z, r, c, dz, dr, dc, dh := g[:n], g[n:2*n], g[2*n:], d[:n], d[n:2*n], d[2*n:], line(b.dh)
		Sub(dz, line(s.h), c)
		Mul(dz, dh, dz)
		SigmoidGrad(dz, dz, z)
		Mul(dr, dh, z)
		Sub(dc, dh, dr) // dh·(1-z)
		copy(dh, dr)    // dh·z
		TanhGrad(dc, dc, c)
		if b.Cell == GRULinear {
			Mul(line(dmid), dc, r)
			Mul(dr, dc, line(s.mid))
			SigmoidGrad(dr, dr, r)
		}
	})
	if b.Cell == GRULinear {
		b.backState(t, s, dmid, n, 1, b.dh, true)
	} else {
		b.backState(t, s, dgates[2*n:], 3*n, 1, b.spare, false)
		each(func(g, d []float32, line func([]float32) []float32) {
			r, dr, reset, dh := g[n:2*n], d[n:2*n], line(b.spare), line(b.dh)
			Mul(dr, reset, line(s.h))
			SigmoidGrad(dr, dr, r)
			Mul(reset, reset, r)
			Add(dh, dh, reset)
		})
	}
	b.backState(t, s, dgates, 3*n, 0, b.dh, true)
}
