package kernel

// recurrentStep is the memory of one step of a pass: [Batch] lines each of gates
// and states.
type recurrentStep struct {
	number                       int
	gates, mid, h, c, newH, newC []float32
}

// step computes the states behind a step from those before it. The gates hold
// what the inputs add to their arguments, and then their values.
func (p *recurrentPass) step(t *Team, s recurrentStep) {
	switch p.Cell {
	case LSTM:
		p.lstm(t, s)
	case GRU, GRULinear:
		p.gru(t, s)
	default:
		p.rnn(t, s)
	}
}

// addProduct adds h times part i of the state's factors to columns from lo on of
// the gates.
func (p *recurrentPass) addProduct(t *Team, s recurrentStep, h []float32, i, lo int) {
	p.multiply(t, s.gates[lo:], p.rows(), h, p.state[i], true, s.number)
}

// eachLine calls f with the parts of each sequence.
func (p *recurrentPass) eachLine(t *Team, s recurrentStep, f func(s recurrentStep)) {
	n, rows := p.Hidden, p.rows()
	part := func(v []float32, b, n int) []float32 {
		if v == nil {
			return nil
		}
		return v[b*n : (b+1)*n]
	}
	t.Ranges(p.Batch, rowGrain/(2*rows), func(lo, hi int) {
		for b := lo; b < hi; b++ {
			f(recurrentStep{
				gates: part(s.gates, b, rows), mid: part(s.mid, b, n),
				h: part(s.h, b, n), c: part(s.c, b, n), newH: part(s.newH, b, n), newC: part(s.newC, b, n),
			})
		}
	})
}

func (p *recurrentPass) rnn(t *Team, s recurrentStep) {
	p.addProduct(t, s, s.h, 0, 0)
	p.eachLine(t, s, func(s recurrentStep) {
		if p.Cell == RNNRelu {
			Relu(s.gates, s.gates)
		} else {
			Tanh(s.gates, s.gates)
		}
		copy(s.newH, s.gates)
	})
}

// lstm: c' = f·c + i·g and h' = o·tanh(c').
func (p *recurrentPass) lstm(t *Team, s recurrentStep) {
	n := p.Hidden
	p.addProduct(t, s, s.h, 0, 0)
	p.eachLine(t, s, func(s recurrentStep) {
		i, o, f, g := s.gates[:n], s.gates[n:2*n], s.gates[2*n:3*n], s.gates[3*n:]
		Sigmoid(s.gates[:3*n], s.gates[:3*n])
		Tanh(g, g)
		Mul(s.newC, f, s.c)
		Mul(s.newH, i, g)
		Add(s.newC, s.newC, s.newH)
		Tanh(s.newH, s.newC)
		Mul(s.newH, o, s.newH)
	})
}

// gru: h' = (1-z)·g + z·h, where the candidate g is made of r·h, or with
// GRULinear of r times what h adds.
func (p *recurrentPass) gru(t *Team, s recurrentStep) {
	n := p.Hidden
	p.addProduct(t, s, s.h, 0, 0)
	if p.Cell == GRULinear {
		p.multiply(t, s.mid, n, s.h, p.state[1], false, s.number)
	}
	p.eachLine(t, s, func(s recurrentStep) {
		r, g := s.gates[n:2*n], s.gates[2*n:]
		Sigmoid(s.gates[:2*n], s.gates[:2*n])
		if p.Cell == GRULinear {
			if p.stateBias != nil {
				Add(s.mid, s.mid, p.stateBias)
			}
			Mul(s.newH, r, s.mid)
			Add(g, g, s.newH)
		} else {
			Mul(s.mid, r, s.h)
		}
	})
	if p.Cell == GRU {
		p.addProduct(t, s, s.mid, 1, 2*n)
	}
	p.eachLine(t, s, func(s recurrentStep) {
		z, g := s.gates[:n], s.gates[2*n:]
		Tanh(g, g)
		Sub(s.newH, s.h, g)
		Mul(s.newH, z, s.newH)
		Add(s.newH, g, s.newH)
	})
}
