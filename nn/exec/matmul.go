package exec

import (
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/kernel"
)

var matmulLowerings = map[string]lowering{
	"MatMul": lowerMatMul,
	"Gemm":   lowerGemm,
}

// An operand is a factor of a matrix product as it lies in memory: the value
// that holds the elements, and the strides with which its matrices, behind the
// batch axes, are read.
type operand struct {
	value      ir.ValueID
	batch      []int // extents before the matrix
	step       []int // their strides
	rows, cols int
	rowStride  int
	colStride  int
}

// operand reads v as a batch of matrices. A transposition that the product can
// read through is not made; see lowerTranspose.
func (p *planner) operand(v ir.ValueID) operand {
	shape, strides := p.shape(v), stridesOf(p.shape(v))
	if m, ok := p.moved[v]; ok {
		v, strides = m.from, m.strides
	}
	n := len(shape)
	return operand{
		value: v, batch: shape[:n-2], step: strides[:n-2],
		rows: shape[n-2], cols: shape[n-1], rowStride: strides[n-2], colStride: strides[n-1],
	}
}

// vector reads a vector as a row or as a column.
func (p *planner) vector(v ir.ValueID, asRow bool) operand {
	n := p.shape(v)[0]
	if asRow {
		return operand{value: v, rows: 1, cols: n, rowStride: n, colStride: 1}
	}
	return operand{value: v, rows: n, cols: 1, rowStride: 1, colStride: 1}
}

func (o operand) transposed() operand {
	o.rows, o.cols, o.rowStride, o.colStride = o.cols, o.rows, o.colStride, o.rowStride
	return o
}

// flat returns the matrices of a batch as one, row after row, if they lie so.
func (o operand) flat() (operand, bool) {
	for i := len(o.batch) - 1; i >= 0; i-- {
		if o.batch[i] == 1 {
			continue
		}
		if o.step[i] != o.rowStride*o.rows {
			return o, false
		}
		o.rows *= o.batch[i]
	}
	o.batch, o.step = nil, nil
	return o, true
}

func (o operand) isSingle() bool { return elementsOf(o.batch) == 1 }

// mat returns the matrix over the elements in data.
func (o operand) mat(data []float32) kernel.Mat {
	return kernel.Mat{Data: data, Rows: o.rows, Cols: o.cols, RowStride: o.rowStride, ColStride: o.colStride}
}

// A product is a batch of matrix products with what is fused into it.
type product struct {
	a, b  operand
	batch []int // of the results
	alpha float32
	bias  ir.ValueID // one number per column, or None
	row   ir.ValueID // one number per row, or None
	tail
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
	if m.alpha == 0 || c != ir.None && !p.placeAddend(&m, c) {
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
	if alpha := m.alpha * float32(x); ok && alpha != 0 && slices.Equal(p.shape(n.Outputs[0]), p.shape(m.out)) {
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
	at := m.offsets()
	cols := m.b.cols
	return &stage{
		reads: m.reads(m.a.value, m.b.value, m.bias, m.row), writes: []ir.ValueID{m.out}, over: m.over(),
		run: func(r *run) error {
			out := r.out(m.out)
			e := m.epilogue(r)
			e.Alpha, e.ColBias, e.RowBias = m.alpha, r.maybe(m.bias), r.maybe(m.row)
			c := kernel.RowMajor(out, m.a.rows, cols)
			if at == nil {
				kernel.Gemm(r.team, c, a(r), b(r), e)
			} else {
				kernel.GemmBatch(r.team, c, a(r), b(r), e, at)
			}
			return nil
		},
	}, m.last
}

// A packHow tells apart the packed forms of a matrix.
type packHow struct {
	side                             string
	rows, cols, rowStride, colStride int
}

// factor returns what finds an operand in a run. A constant one is packed once.
func (p *planner) factor(o operand, side string) func(*run) kernel.Mat {
	c := p.constant(o.value)
	if c == nil || !o.isSingle() {
		return func(r *run) kernel.Mat { return o.mat(r.in(o.value)) }
	}
	m := packed(p.packs, packHow{side, o.rows, o.cols, o.rowStride, o.colStride}, func() *kernel.Mat {
		m := o.mat(c.F32())
		if side == "left" {
			m = m.PackLeft()
		} else {
			m = m.PackRight()
		}
		return &m
	}, c)
	return func(*run) kernel.Mat { return *m }
}

// offsets lists where the matrices of each product lie; nil if there is one.
func (m *product) offsets() []kernel.Offsets {
	if elementsOf(m.batch) == 1 {
		return nil
	}
	at := []kernel.Offsets{{}}
	size := m.a.rows * m.b.cols
	for i, n := range m.batch {
		next := make([]kernel.Offsets, 0, len(at)*n)
		inner := size * elementsOf(m.batch[i+1:])
		for _, o := range at {
			for k := range n {
				next = append(next, kernel.Offsets{C: o.C + k*inner, A: o.A + k*m.a.stepAt(i, len(m.batch)), B: o.B + k*m.b.stepAt(i, len(m.batch))})
			}
		}
		at = next
	}
	return at
}

// stepAt returns the stride along axis i of a batch of the given rank, 0 where
// the operand is repeated.
func (o operand) stepAt(i, rank int) int {
	own := i - (rank - len(o.batch))
	if own < 0 || o.batch[own] == 1 {
		return 0
	}
	return o.step[own]
}

// stridesOf returns how far apart neighbours along each axis lie in row-major
// order.
func stridesOf(shape []int) []int {
	strides := make([]int, len(shape))
	step := 1
	for i := len(shape) - 1; i >= 0; i-- {
		strides[i] = step
		step *= shape[i]
	}
	return strides
}
