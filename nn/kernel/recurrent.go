package kernel

import (
	"slices"
	"sync"
)

// RecurrentCell is what a recurrent layer does in a step.
type RecurrentCell uint8

// The cells. Weights and gates lie in the order named, as ONNX has them.
const (
	RNNTanh   RecurrentCell = iota // h' = tanh(...), one gate
	RNNRelu                        // h' = max(..., 0)
	LSTM                           // i, o, f, c (arXiv:1402.1128, section 2, without peepholes)
	GRU                            // z, r, h (arXiv:1406.1078, section 2.3)
	GRULinear                      // GRU whose reset gate comes behind the product with the state
)

// Gates returns how many times the hidden size the arguments of a step are.
func (c RecurrentCell) Gates() int {
	switch c {
	case LSTM:
		return 4
	case GRU, GRULinear:
		return 3
	}
	return 1
}

// Recurrent is a recurrent layer on sequences that are all Steps long. Inputs x
// are [Steps][Batch][Inputs], outputs y [Steps][directions][Batch][Hidden] and
// states [directions][Batch][Hidden]; with BatchFirst the batch comes before
// everything else.
type Recurrent struct {
	Cell                         RecurrentCell
	Steps, Batch, Inputs, Hidden int
	Reverse                      []bool // of each direction
	BatchFirst                   bool
}

// RecurrentWeights are those of one direction, in the order of the kernels.
type RecurrentWeights struct {
	w     []float32     // as given
	input Mat           // what x is multiplied with
	state []stateFactor // what the state is multiplied with: all gates, or those of GRU without and with the candidate
	// given are the parts of r that state has turned, and back the same for the way
	// back of a single sequence.
	given []Mat
	back  func() []*strips
	// bias is added to the gates, stateBias to the product with the state inside
	// GRULinear's candidate; nil for zeros.
	bias, stateBias []float32
}

// Weights prepares those of a direction: w [gates·Hidden][Inputs], r
// [gates·Hidden][Hidden] and b [2·gates·Hidden], the biases of the products with
// inputs and with states, or nil. It refers to w and r, which must not change.
func (l *Recurrent) Weights(w, r, b []float32) *RecurrentWeights {
	h, rows := l.Hidden, l.rows()
	p := &RecurrentWeights{w: w, input: RowMajor(w, rows, l.Inputs).T().PackRight()}
	parts := []int{0, rows}
	if l.Cell.Gates() == 3 {
		parts = []int{0, 2 * h, rows}
	}
	for i, lo := range parts[:len(parts)-1] {
		part := RowMajor(r[lo*h:], parts[i+1]-lo, h)
		p.state, p.given = append(p.state, l.stateFactor(part.T())), append(p.given, part)
	}
	p.back = sync.OnceValue(func() (back []*strips) {
		for _, part := range p.given {
			back = append(back, newStrips(part))
		}
		return back
	})
	if b != nil {
		p.bias = slices.Clone(b[:rows])
		both := rows
		if l.Cell == GRULinear {
			both, p.stateBias = 2*h, b[rows+2*h:]
		}
		Add(p.bias[:both], p.bias[:both], b[rows:])
	}
	return p
}

// stateFactor is a matrix that is multiplied from the left by the states: by one,
// or by those of a batch.
type stateFactor struct {
	one   *strips
	batch Mat
}

func (l *Recurrent) stateFactor(m Mat) stateFactor {
	if l.Batch == 1 {
		return stateFactor{one: newStrips(m)}
	}
	return stateFactor{batch: m.PackRight()}
}

// multiply sets dst, of the given distance of lines, to the states times f, or adds
// that. Odd steps go the other way through the matrix.
func (p *recurrentPass) multiply(t *Team, dst []float32, stride int, states []float32, f stateFactor, add bool, step int) {
	if f.one != nil {
		f.one.multiply(t, dst, states, add, step%2 == 1)
		return
	}
	c := Mat{Data: dst, Rows: p.Batch, Cols: f.batch.Cols, RowStride: stride, ColStride: 1}
	Gemm(t, c, RowMajor(states, p.Batch, p.Hidden), f.batch, Epilogue{Accumulate: add})
}

// rows is how many arguments a step of one sequence has.
func (l *Recurrent) rows() int { return l.Cell.Gates() * l.Hidden }

// RecurrentStates are the states of all directions; nil for zeros, or for those
// not asked for. C belongs to LSTM.
type RecurrentStates struct{ H, C []float32 }

// Forward computes y, which may be nil, and the last states from x and the first
// states. What it returns is for [Recurrent.Backward].
func (l *Recurrent) Forward(t *Team, weights []*RecurrentWeights, x, y []float32, first, last RecurrentStates) RecurrentTrace {
	trace := make(RecurrentTrace, len(l.Reverse))
	x = l.stepsFirst(t, x)
	l.eachDirection(t, func(t *Team, d int) {
		p := l.newPass(d, weights[d])
		p.enter(p.before(0), first)
		p.forward(t, x)
		p.leave(y, last)
		trace[d] = p.recurrentTrace
	})
	return trace
}

// eachDirection calls f for each direction, side by side, each on one thread, if
// there are enough for all.
func (l *Recurrent) eachDirection(t *Team, f func(t *Team, d int)) {
	if n := len(l.Reverse); n > 1 && n >= t.Threads() {
		alone := t.alone()
		t.Run(n, func(d int) { f(alone, d) })
		return
	}
	for d := range l.Reverse {
		f(t, d)
	}
}

// RecurrentTrace is what each direction computed in each step.
type RecurrentTrace []recurrentTrace

// recurrentTrace is the part of one direction: the gates behind their
// activations [Steps][Batch][rows], the states [Steps+1][Batch][Hidden] with the
// first one where the direction begins, and what GRU keeps of each step for its
// candidate.
type recurrentTrace struct{ gates, hidden, cells, mid []float32 }

// recurrentPass goes over the sequences in one direction.
type recurrentPass struct {
	*Recurrent
	*RecurrentWeights
	recurrentTrace
	direction int
	reverse   bool
}

func (l *Recurrent) newPass(d int, w *RecurrentWeights) *recurrentPass {
	p := &recurrentPass{Recurrent: l, RecurrentWeights: w, direction: d, reverse: l.Reverse[d]}
	n := l.Batch * l.Hidden
	p.gates, p.hidden = make([]float32, l.Steps*l.Batch*l.rows()), make([]float32, (l.Steps+1)*n)
	switch l.Cell {
	case LSTM:
		p.cells = make([]float32, (l.Steps+1)*n)
	case GRU, GRULinear:
		p.mid = make([]float32, l.Steps*n)
	}
	return p
}

// place is the step of the sequences that comes as number s of the pass, and
// before and after are the places of the states around it.
func (p *recurrentPass) place(s int) int {
	if p.reverse {
		return p.Steps - 1 - s
	}
	return s
}

func (p *recurrentPass) before(s int) int {
	if p.reverse {
		return p.Steps - s
	}
	return s
}

func (p *recurrentPass) after(s int) int { return p.before(s + 1) }

// at returns what belongs to step or place i in an array of states.
func (p *recurrentPass) at(states []float32, i int) []float32 {
	if states == nil {
		return nil
	}
	n := p.Batch * p.Hidden
	return states[i*n : (i+1)*n]
}

// forward computes all gates and states.
func (p *recurrentPass) forward(t *Team, x []float32) {
	rows, lines := p.rows(), p.Steps*p.Batch
	Gemm(t, RowMajor(p.gates, lines, rows), RowMajor(x, lines, p.Inputs), p.input, Epilogue{ColBias: p.bias})
	for s := 0; s < p.Steps && !t.stopped(); s++ {
		i, from, to := p.place(s), p.before(s), p.after(s)
		p.step(t, recurrentStep{
			number: s, gates: p.gates[i*p.Batch*rows:][:p.Batch*rows], mid: p.at(p.mid, i),
			h: p.at(p.hidden, from), c: p.at(p.cells, from), newH: p.at(p.hidden, to), newC: p.at(p.cells, to),
		})
	}
}

// enter copies the first states to their place.
func (p *recurrentPass) enter(i int, first RecurrentStates) {
	p.copyStates(p.at(p.hidden, i), first.H, false)
	p.copyStates(p.at(p.cells, i), first.C, false)
}

// leave copies the last states, and those behind each step to y.
func (p *recurrentPass) leave(y []float32, last RecurrentStates) {
	end := p.after(p.Steps - 1)
	p.copyStates(p.at(p.hidden, end), last.H, true)
	p.copyStates(p.at(p.cells, end), last.C, true)
	if y == nil {
		return
	}
	for s := range p.Steps {
		from := p.at(p.hidden, p.after(s))
		for b := range p.Batch {
			copy(p.lineOfY(y, p.place(s), b), from[b*p.Hidden:(b+1)*p.Hidden])
		}
	}
}

// copyStates copies one direction's own states from the states of all, or back.
func (p *recurrentPass) copyStates(own, all []float32, back bool) {
	if own == nil || all == nil {
		return
	}
	for b := range p.Batch {
		a, o := p.lineOfState(all, b), own[b*p.Hidden:(b+1)*p.Hidden]
		if back {
			a, o = o, a
		}
		copy(o, a)
	}
}

func (p *recurrentPass) lineOfState(all []float32, b int) []float32 {
	at := p.direction*p.Batch + b
	if p.BatchFirst {
		at = b*len(p.Reverse) + p.direction
	}
	return all[at*p.Hidden : (at+1)*p.Hidden]
}

func (p *recurrentPass) lineOfY(y []float32, step, b int) []float32 {
	at := (step*len(p.Reverse)+p.direction)*p.Batch + b
	if p.BatchFirst {
		at = (b*p.Steps+step)*len(p.Reverse) + p.direction
	}
	return y[at*p.Hidden : (at+1)*p.Hidden]
}

// stepsFirst returns x with the steps before the batch.
func (l *Recurrent) stepsFirst(t *Team, x []float32) []float32 {
	if !l.BatchFirst || l.Batch == 1 || l.Steps == 1 {
		return x
	}
	turned := make([]float32, l.Steps*l.Batch*l.Inputs)
	l.exchange(t, turned, x, l.Batch, l.Steps)
	return turned
}

// exchange swaps the first two axes of [a][b][Inputs].
func (l *Recurrent) exchange(t *Team, dst, src []float32, a, b int) {
	n := l.Inputs
	t.Ranges(a, packGrain/max(1, b*n), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			for j := range b {
				copy(dst[(j*a+i)*n:(j*a+i+1)*n], src[(i*b+j)*n:])
			}
		}
	})
}
