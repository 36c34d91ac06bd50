package exec

import (
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/kernel"
)

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
	start      int     // where the first matrix begins
	scale      float32 // what the elements are multiplied by
}

// operand reads v as a batch of matrices, wherever it is.
func (p *planner) operand(v ir.ValueID) operand {
	m := p.place(v)
	return matrices(m, p.shape(v))
}

// matrices reads a value of the given shape that is at m.
func matrices(m moved, shape []int) operand {
	n := len(shape)
	return operand{
		value: m.from, batch: shape[:n-2], step: m.strides[:n-2], start: m.start, scale: m.scale,
		rows: shape[n-2], cols: shape[n-1], rowStride: m.strides[n-2], colStride: m.strides[n-1],
	}
}

// vector reads a vector as a row or as a column.
func (p *planner) vector(v ir.ValueID, asRow bool) operand {
	n := p.shape(v)[0]
	if asRow {
		return operand{value: v, rows: 1, cols: n, rowStride: n, colStride: 1, scale: 1}
	}
	return operand{value: v, rows: n, cols: 1, rowStride: 1, colStride: 1, scale: 1}
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
		if o.rows == 1 { // whose stride says nothing
			o.rowStride = o.step[i]
		} else if o.step[i] != o.rowStride*o.rows {
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
	return kernel.Mat{Data: data[min(o.start, len(data)):], Rows: o.rows, Cols: o.cols, RowStride: o.rowStride, ColStride: o.colStride}
}

// A packHow tells apart the packed forms of a matrix.
type packHow struct {
	side                                    string
	start, rows, cols, rowStride, colStride int
}

// factor returns what finds an operand in a run. A constant one is packed once.
func (p *planner) factor(o operand, side string) func(*run) kernel.Mat {
	c := p.constant(o.value)
	if c == nil || !o.isSingle() {
		return func(r *run) kernel.Mat { return o.mat(r.in(o.value)) }
	}
	m := packed(p.packs, packHow{side, o.start, o.rows, o.cols, o.rowStride, o.colStride}, func() *kernel.Mat {
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

// stepAt returns the stride along axis i of a batch of the given rank, 0 where
// the operand is repeated.
func (o operand) stepAt(i, rank int) int {
	own := i - (rank - len(o.batch))
	if own < 0 || o.batch[own] == 1 {
		return 0
	}
	return o.step[own]
}
