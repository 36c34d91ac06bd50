package ort

import (
	"math"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// maxSteps bounds the steps of a recurrence that is written out one by one.
const maxSteps = 1024

// A memory is a LinearRecurrence in the writing: its inputs by step, and the
// state of each step as it has faded and as it is written. nn/op says what they
// are.
type memory struct {
	*lowering
	wide                                           func(ir.ValueID) ir.ValueID
	batch, heads, group, steps, keySize, valueSize int
	scale                                          ir.ValueID
	q, k, v, beta, fades                           []ir.ValueID // fades are exp(decay)
	faded, written, held, w                        []ir.ValueID
}

// parts cuts [batch, heads, sequence, size] into its steps, in float32.
func (m *memory) parts(v ir.ValueID, shape ...int) []ir.ValueID {
	if v == ir.None {
		return nil
	}
	list := make([]ir.ValueID, m.steps)
	for t := range list {
		list[t] = m.reshape(m.wide(m.slice(v, 2, t, t+1)), shape...)
	}
	return list
}

func (l *lowering) newMemory(n *ir.Node) (*memory, error) {
	q, k, v := l.shape(n.Inputs[0]), l.shape(n.Inputs[1]), l.shape(n.Inputs[2])
	wide := *l
	if l.isHalf() {
		wide.dtype = tensor.Float32
	}
	m := &memory{lowering: &wide, wide: l.widened, batch: k[0], heads: k[1], group: q[1] / k[1], steps: k[2], keySize: k[3], valueSize: v[3]}
	if m.steps < 1 || m.steps > maxSteps {
		return nil, &UnsupportedError{n.Name, n.Op, "it has no steps, or too many"}
	}
	scale := n.Attrs.Float("scale", 0)
	if scale == 0 {
		scale = 1 / math.Sqrt(float64(m.keySize))
	}
	m.scale = m.number(scale)
	b, h := m.batch, m.heads
	m.q, m.k, m.v = m.parts(n.Inputs[0], b, h, m.group, m.keySize), m.parts(n.Inputs[1], b, h, 1, m.keySize), m.parts(n.Inputs[2], b, h, 1, m.valueSize)
	if decay := n.Input(4); decay != ir.None {
		m.fades = m.parts(l.exp(l.widened(decay)), b, h, -1, 1)
	}
	m.beta = m.parts(n.Input(5), b, -1, 1, 1)
	state := m.zeros(b, h, m.keySize, m.valueSize)
	if past := n.Input(3); past != ir.None {
		state = l.Op("CastLike", nil, past, m.number(0))
	}
	m.run(state)
	return m, nil
}

func (m *memory) turned(v ir.ValueID) ir.ValueID { return m.transpose(v, 0, 1, 3, 2) }

func (m *memory) run(state ir.ValueID) {
	for t := range m.steps {
		if m.fades != nil {
			state = m.mul(state, m.fades[t])
		}
		m.faded = append(m.faded, state)
		w, held := m.v[t], ir.ValueID(ir.None)
		if m.beta != nil {
			held = m.Op("MatMul", nil, m.k[t], state)
			w = m.mul(m.beta[t], m.sub(w, held))
		}
		state = m.add(state, m.Op("MatMul", nil, m.turned(m.k[t]), w))
		m.held, m.w, m.written = append(m.held, held), append(m.w, w), append(m.written, state)
	}
}

func lowerLinearRecurrence(l *lowering, n *ir.Node) ([]ir.ValueID, error) {
	m, err := l.newMemory(n)
	if err != nil {
		return nil, err
	}
	y := make([]ir.ValueID, m.steps)
	for t := range y {
		line := m.mul(m.scale, m.Op("MatMul", nil, m.q[t], m.written[t]))
		y[t] = m.reshape(line, m.batch, m.heads*m.group, 1, m.valueSize)
	}
	state := m.written[m.steps-1]
	like := n.Inputs[0] // the state is of the type of the past one, if there is one
	if past := n.Input(3); past != ir.None {
		like = past
	}
	return []ir.ValueID{l.narrowed(l.concat(2, y...), n.Inputs[0]), l.Op("CastLike", nil, state, like)}, nil
}

// lowerLinearRecurrenceGrad walks back through the steps.
func lowerLinearRecurrenceGrad(l *lowering, n *ir.Node) ([]ir.ValueID, error) {
	m, err := l.newMemory(n)
	if err != nil {
		return nil, err
	}
	dy, d := m.parts(n.Input(6), m.batch, m.heads, m.group, m.valueSize), l.widened(n.Input(7))
	if d == ir.None {
		d = m.zeros(m.batch, m.heads, m.keySize, m.valueSize)
	}
	grads := make([][]ir.ValueID, 6)
	put := func(i, t int, v ir.ValueID, heads, size int) {
		if grads[i] == nil {
			grads[i] = make([]ir.ValueID, m.steps)
		}
		grads[i][t] = l.reshape(v, m.batch, heads, 1, size)
	}
	product := func(a, b ir.ValueID) ir.ValueID { return l.Op("MatMul", nil, a, b) }
	for t := m.steps - 1; t >= 0; t-- {
		dq := m.zeros(m.batch, m.heads, m.group, m.keySize)
		if dy != nil {
			line := l.mul(m.scale, dy[t])
			dq = product(line, m.turned(m.written[t]))
			d = l.add(d, product(m.turned(m.q[t]), line))
		}
		put(0, t, dq, m.heads*m.group, m.keySize)
		dk, dw := product(m.w[t], m.turned(d)), product(m.k[t], d)
		if m.beta != nil {
			rates := l.sum(l.mul(dw, l.sub(m.v[t], m.held[t])), 3)
			heads := l.shape(n.Input(5))[1]
			if heads == 1 {
				rates = l.sum(rates, 1)
			}
			put(5, t, rates, heads, 1)
			dw = l.mul(m.beta[t], dw)
			dHeld := l.Op("Neg", nil, dw)
			d = l.add(d, product(m.turned(m.k[t]), dHeld))
			dk = l.add(dk, product(dHeld, m.turned(m.faded[t])))
		}
		put(1, t, dk, m.heads, m.keySize)
		put(2, t, dw, m.heads, m.valueSize)
		if m.fades != nil {
			size := l.shape(n.Input(4))[3]
			decay := l.sum(l.mul(d, m.faded[t]), 3)
			if size == 1 {
				decay = l.sum(decay, 2)
			}
			put(4, t, decay, m.heads, size)
			d = l.mul(d, m.fades[t])
		}
	}
	out := []ir.ValueID{ir.None, ir.None, ir.None, ir.None, ir.None, ir.None}
	for i, steps := range grads {
		if steps != nil {
			out[i] = l.narrowed(l.concat(2, steps...), n.Inputs[0])
		}
	}
	if past := n.Input(3); past != ir.None {
		out[3] = l.Op("CastLike", nil, d, past)
	}
	return out, nil
}
