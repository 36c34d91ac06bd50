package exec

import (
	"math"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/kernel"
)

var matmulLowerings = map[string]lowering{
	"MatMul": lowerMatMul,
	"Gemm":   lowerGemm,
}

// A product is a batch of matrix products with what is fused into it.
type product struct {
	a, b  operand
	batch []int // of the results
	alpha float32
	bias  ir.ValueID // one number per column, or None
	row   ir.ValueID // one number per row, or None
	tail
	to operand // where the result goes
}

// lowerMatMul lowers NumPy's matmul.
func lowerMatMul(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
	n := &p.g.Nodes[id]
	a, b, y := n.Input(0), n.Input(1), n.Output(0)
	if !p.isFloat(a, b, y) {
		return nil, 0
	}
	m := product{alpha: 1, bias: ir.None, row: ir.None, tail: tail{last: id, out: y, residual: ir.None}}
	shape := p.shape(y)
	if len(p.shape(a)) == 1 {
		m.a = p.vector(a, true)
	} else {
		m.a = p.operand(a)
	}
	if len(p.shape(b)) == 1 {
		m.b = p.vector(b, false)
	} else {
		m.b = p.operand(b)
	}
	m.batch = shape[:max(len(m.a.batch), len(m.b.batch))]
	if flat, ok := m.a.flat(); ok && m.b.isSingle() {
		m.a, m.b.batch, m.b.step, m.batch = flat, nil, nil, nil
	}
	p.takeScale(&m)
	p.takeBias(&m)
	if m.bias == ir.None {
		p.takeScale(&m)
	}
	p.takeSum(&m.tail)
	p.takeActivation(&m.tail)
	return p.multiply(m)
}

// lowerGemm lowers alpha*A*B + beta*C.
func lowerGemm(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
	n := &p.g.Nodes[id]
	a, b, c, y := n.Input(0), n.Input(1), n.Input(2), n.Output(0)
	if !p.isFloat(a, b, c, y) || c != ir.None && n.Attrs.Float("beta", 1) != 1 {
		return nil, 0
	}
	m := product{a: p.operand(a), b: p.operand(b), alpha: float32(n.Attrs.Float("alpha", 1)), bias: ir.None, row: ir.None}
	m.tail = tail{last: id, out: y, residual: ir.None}
	if n.Attrs.Bool("transA", false) {
		m.a = m.a.transposed()
	}
	if n.Attrs.Bool("transB", false) {
		m.b = m.b.transposed()
	}
	if math.Abs(float64(m.alpha)) < minAlpha || c != ir.None && !p.placeAddend(&m, c) {
		return nil, 0
	}
	if m.residual == ir.None {
		if c == ir.None {
			p.takeBias(&m)
		}
		p.takeSum(&m.tail)
	}
	p.takeActivation(&m.tail)
	return p.multiply(m)
}

// placeAddend finds where in the epilogue C of a Gemm goes.
func (p *planner) placeAddend(m *product, c ir.ValueID) bool {
	shape, out := p.shape(c), p.shape(m.out)
	for len(shape) < 2 {
		shape = append([]int{1}, shape...)
	}
	switch {
	case slices.Equal(shape, out):
		m.residual = c
	case shape[0] == 1 && shape[1] == out[1]:
		m.bias = c
	case shape[1] == 1 && shape[0] == out[0]:
		m.row = c
	default:
		return false
	}
	return true
}

// takeScale takes along a product or quotient with a constant number.
func (p *planner) takeScale(m *product) {
	id, ok := p.reader(m.out)
	if !ok || !p.is(id, "Mul") && !p.is(id, "Div") {
		return
	}
	n := &p.g.Nodes[id]
	x, ok := p.number(p.other(id, m.out))
	if p.is(id, "Div") {
		x, ok = 1/x, ok && n.Inputs[0] == m.out
	}
	if alpha := m.alpha * float32(x); ok && math.Abs(float64(alpha)) >= minAlpha && slices.Equal(p.shape(n.Outputs[0]), p.shape(m.out)) {
		m.alpha = alpha
		p.take(&m.tail, n.Outputs[0], id)
	}
}

// takeBias takes along a sum with one number per column.
func (p *planner) takeBias(m *product) {
	id, ok := p.reader(m.out)
	if !ok || !p.is(id, "Add") {
		return
	}
	other, out := p.other(id, m.out), p.g.Nodes[id].Outputs[0]
	if !p.isFloat(other, out) || !slices.Equal(p.shape(out), p.shape(m.out)) {
		return
	}
	if shape := p.shape(other); len(shape) > 0 && shape[len(shape)-1] == m.b.cols && elementsOf(shape) == m.b.cols {
		m.bias = other
		p.take(&m.tail, out, id)
	}
}

// multiply makes the stage of a product.
func (p *planner) multiply(m product) (*stage, ir.NodeID) {
	a, b := p.factor(m.a, "left"), p.factor(m.b, "right")
	alpha := m.alpha * m.a.scale * m.b.scale
	p.settleResult(&m)
	at := m.offsets()
	return &stage{
		reads: m.reads(m.a.value, m.b.value, m.bias, m.row), writes: []ir.ValueID{m.out}, over: m.over(),
		run: func(r *run) error {
			out := r.out(m.out)
			e := m.epilogue(r)
			e.Alpha, e.ColBias, e.RowBias = alpha, r.maybe(m.bias), r.maybe(m.row)
			c := m.to.mat(out)
			if at == nil {
				kernel.Gemm(r.team, c, a(r), b(r), e)
			} else {
				kernel.GemmBatch(r.team, c, a(r), b(r), e, at)
			}
			return nil
		},
	}, m.last
}

// settleResult says where the result goes: row after row, or in the order of the
// transposition, be it one that joins heads, that is all that reads it.
func (p *planner) settleResult(m *product) {
	shape := append(slices.Clone(m.batch), m.a.rows, m.b.cols)
	m.to = matrices(moved{strides: stridesOf(shape)}, shape)
	id, ok := p.reader(m.out)
	if !ok || m.residual != ir.None {
		return
	}
	y, n := p.shape(m.out), &p.g.Nodes[id]
	t, perm := n.Outputs[0], n.Attrs.Ints("perm")
	switch {
	case p.is(id, "Transpose"):
	case joinsHeads(n) && len(y) == 4:
		perm = headsFirst
	default:
		return
	}
	if len(y) < 2 || !p.isFloat(t) || p.readByProducts(t, p.place(t)) {
		return
	}
	to := matrices(moved{strides: unpermuted(stridesOf(permuted(y, perm)), perm)}, y)
	if len(m.batch) == 0 {
		to, ok = to.flat()
	}
	if ok && slices.Equal(to.batch, m.batch) && to.rows == m.a.rows && to.isWritable() {
		m.to = to
		p.take(&m.tail, t, id)
	}
}

// isWritable reports whether kernels store matrices so: lines of neighbours that do
// not overlap.
func (o operand) isWritable() bool {
	return o.colStride == 1 && o.rowStride >= o.cols || o.rowStride == 1 && o.colStride >= o.rows
}

// offsets lists where the matrices of each product lie; nil if there is one.
func (m *product) offsets() []kernel.Offsets {
	if elementsOf(m.batch) == 1 {
		return nil
	}
	at := []kernel.Offsets{{}}
	for i, n := range m.batch {
		next := make([]kernel.Offsets, 0, len(at)*n)
		for _, o := range at {
			for k := range n {
				next = append(next, kernel.Offsets{C: o.C + k*m.to.step[i], A: o.A + k*m.a.stepAt(i, len(m.batch)), B: o.B + k*m.b.stepAt(i, len(m.batch))})
			}
		}
		at = next
	}
	return at
}
