package op

// The cells, one step forward and one back. In the comments a subscript names
// the gate; the weights of a gate are a block of rows of w and r.

// A backflow is the gradient on its way back through the steps of a direction.
type backflow struct {
	dh, dc []float64 // of the states behind the step, replaced by those before it
	// dpre is the gradient of the gates' arguments, drec that of what the state
	// adds to them, [batch·G·H]; they differ in GRU.
	dpre, drec [][]float64
	dr, dp     []float64
}

// addRecurrent adds h·rᵀ and the bias of the state to the arguments of gates
// [lo, hi).
func (d *direction) addRecurrent(to, h []float64, lo, hi int) {
	rows := d.cell.gates * d.hidden
	from, n := lo*d.hidden, (hi-lo)*d.hidden
	for k := range d.batch {
		for j := range n {
			to[k*rows+from+j] += d.b[rows+from+j]
		}
	}
	mulAdd(dense(to, d.batch, rows).columns(from, from+n), dense(h, d.batch, d.hidden), d.rT.columns(from, from+n))
}

// backRecurrent adds to dh what the arguments of gates [lo, hi) send back to
// the state h they were computed from, and to dr.
func (d *direction) backRecurrent(dh, dr, drec, h []float64, lo, hi int) {
	rows := d.cell.gates * d.hidden
	from, n := lo*d.hidden, (hi-lo)*d.hidden
	grad := dense(drec, d.batch, rows).columns(from, from+n)
	mulAdd(dense(dh, d.batch, d.hidden), grad, dense(d.r[from*d.hidden:], n, d.hidden))
	mulAdd(dense(dr[from*d.hidden:], n, d.hidden), grad.transposed(), dense(h, d.batch, d.hidden))
}

// rnnForward: h = f(x·wᵀ + h·rᵀ + b).
func rnnForward(d *direction, s int) {
	d.addRecurrent(d.pre[s], d.h[s], 0, 1)
	d.each(s, func(at, gate, _ int) {
		d.act[s][gate] = d.fire(d.f[0], &d.pre[s][gate])
		d.h[s+1][at] = d.act[s][gate]
	})
}

func rnnBackward(d *direction, s int, b *backflow) {
	d.each(s, func(at, gate, _ int) {
		b.dpre[s][gate] = b.dh[at] * d.slope(d.f[0], d.pre[s][gate])
		b.dh[at] = 0
	})
	copy(b.drec[s], b.dpre[s])
	d.backRecurrent(b.dh, b.dr, b.drec[s], d.h[s], 0, 1)
}

// lstmForward (ONNX, LSTM):
//
//	i, f = f(... + p·c)   g = g(...)   c' = f·c + i·g
//	o = f(... + p·c')     h' = o·h(c')
func lstmForward(d *direction, s int) {
	H := d.hidden
	d.addRecurrent(d.pre[s], d.h[s], 0, 4)
	d.each(s, func(at, gate, unit int) {
		pre, act := d.pre[s][gate:], d.act[s][gate:]
		old := d.c[s][at]
		pre[0] += d.p[unit] * old
		pre[2*H] += d.p[2*H+unit] * old
		act[0] = d.fire(d.f[0], &pre[0])
		act[2*H] = d.fire(d.f[0], &pre[2*H])
		if d.inputForget {
			act[2*H] = 1 - act[0]
		}
		act[3*H] = d.fire(d.f[1], &pre[3*H])
		c := act[2*H]*old + act[0]*act[3*H]
		pre[H] += d.p[H+unit] * c
		act[H] = d.fire(d.f[0], &pre[H])
		d.c[s+1][at] = c
		d.mid[s][at] = d.fire(d.f[2], &c)
		d.h[s+1][at] = act[H] * d.mid[s][at]
	})
}

func lstmBackward(d *direction, s int, b *backflow) {
	H := d.hidden
	d.each(s, func(at, gate, unit int) {
		pre, act, grad := d.pre[s][gate:], d.act[s][gate:], b.dpre[s][gate:]
		old, c, dh := d.c[s][at], d.c[s+1][at], b.dh[at]
		grad[H] = dh * d.mid[s][at] * d.slope(d.f[0], pre[H])
		dc := b.dc[at] + dh*act[H]*d.slope(d.f[2], c) + grad[H]*d.p[H+unit]
		grad[3*H] = dc * act[0] * d.slope(d.f[1], pre[3*H])
		if d.inputForget {
			grad[0] = dc * (act[3*H] - old) * d.slope(d.f[0], pre[0])
		} else {
			grad[0] = dc * act[3*H] * d.slope(d.f[0], pre[0])
			grad[2*H] = dc * old * d.slope(d.f[0], pre[2*H])
		}
		b.dp[unit] += grad[0] * old
		b.dp[H+unit] += grad[H] * c
		b.dp[2*H+unit] += grad[2*H] * old
		b.dc[at] = dc*act[2*H] + grad[0]*d.p[unit] + grad[2*H]*d.p[2*H+unit]
		b.dh[at] = 0
	})
	copy(b.drec[s], b.dpre[s])
	d.backRecurrent(b.dh, b.dr, b.drec[s], d.h[s], 0, 4)
}

// gruForward (ONNX, GRU): the gates z and r, then the candidate from r·h, or
// from r times what the state adds if linear_before_reset; h' = (1-z)·n + z·h.
func gruForward(d *direction, s int) {
	H := d.hidden
	d.addRecurrent(d.pre[s], d.h[s], 0, 2)
	kept := make([]float64, d.batch*H)
	d.each(s, func(at, gate, _ int) {
		pre, act := d.pre[s][gate:], d.act[s][gate:]
		act[0], act[H] = d.fire(d.f[0], &pre[0]), d.fire(d.f[0], &pre[H])
		kept[at] = act[H] * d.h[s][at]
	})
	if d.linearReset {
		added := make([]float64, len(d.pre[s]))
		d.addRecurrent(added, d.h[s], 2, 3)
		d.each(s, func(at, gate, _ int) {
			d.mid[s][at] = added[gate+2*H]
			d.pre[s][gate+2*H] += d.act[s][gate+H] * d.mid[s][at]
		})
	} else {
		d.addRecurrent(d.pre[s], kept, 2, 3)
		d.mid[s] = kept
	}
	d.each(s, func(at, gate, _ int) {
		pre, act := d.pre[s][gate:], d.act[s][gate:]
		act[2*H] = d.fire(d.f[1], &pre[2*H])
		d.h[s+1][at] = (1-act[0])*act[2*H] + act[0]*d.h[s][at]
	})
}

func gruBackward(d *direction, s int, b *backflow) {
	H := d.hidden
	reset := make([]float64, d.batch*H) // gradient of what r multiplies the candidate's part with
	d.each(s, func(at, gate, _ int) {
		pre, act, grad := d.pre[s][gate:], d.act[s][gate:], b.dpre[s][gate:]
		dh := b.dh[at]
		grad[0] = dh * (d.h[s][at] - act[2*H]) * d.slope(d.f[0], pre[0])
		grad[2*H] = dh * (1 - act[0]) * d.slope(d.f[1], pre[2*H])
		b.drec[s][gate+2*H] = grad[2*H]
		if d.linearReset {
			b.drec[s][gate+2*H] *= act[H]
		}
		b.dh[at] = dh * act[0]
	})
	if d.linearReset {
		d.backRecurrent(b.dh, b.dr, b.drec[s], d.h[s], 2, 3)
	} else {
		d.backRecurrent(reset, b.dr, b.drec[s], d.mid[s], 2, 3)
	}
	d.each(s, func(at, gate, _ int) {
		act, grad := d.act[s][gate:], b.dpre[s][gate:]
		dr := reset[at] * d.h[s][at]
		if d.linearReset {
			dr = grad[2*H] * d.mid[s][at]
		}
		b.dh[at] += reset[at] * act[H]
		grad[H] = dr * d.slope(d.f[0], d.pre[s][gate+H])
		b.drec[s][gate], b.drec[s][gate+H] = grad[0], grad[H]
	})
	d.backRecurrent(b.dh, b.dr, b.drec[s], d.h[s], 0, 2)
}
