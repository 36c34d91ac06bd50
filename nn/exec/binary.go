package exec

import (
	"math"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/kernel"
)

// A binary is a function of two numbers, on slices: of two slices, and of a
// slice and a number on either side. The latter may be nil; the number is then
// repeated.
type binary struct {
	both        func(dst, a, b []float32)
	rightNumber func(dst, a []float32, b float32)
	leftNumber  func(dst []float32, a float32, b []float32)
}

var binaries = map[string]binary{
	"Add": {kernel.Add, kernel.AddScalar, func(dst []float32, a float32, b []float32) { kernel.AddScalar(dst, b, a) }},
	"Sum": {kernel.Add, kernel.AddScalar, func(dst []float32, a float32, b []float32) { kernel.AddScalar(dst, b, a) }},
	"Sub": {
		kernel.Sub,
		func(dst, a []float32, b float32) { kernel.AddScalar(dst, a, -b) },
		func(dst []float32, a float32, b []float32) { kernel.ScaleShift(dst, b, -1, a) },
	},
	"Mul": {kernel.Mul, kernel.Scale, func(dst []float32, a float32, b []float32) { kernel.Scale(dst, b, a) }},
	"Div": {both: kernel.Div},
	"Max": {both: kernel.Max},
	"Min": {both: kernel.Min},
	"Pow": {both: power, rightNumber: powerOf},
}

func power(dst, a, b []float32) {
	for i := range dst {
		dst[i] = float32(math.Pow(float64(a[i]), float64(b[i])))
	}
}

// powerOf takes the short ways to the exponents that networks use.
func powerOf(dst, a []float32, b float32) {
	switch b {
	case 1:
		copy(dst, a[:len(dst)])
	case 2:
		kernel.Mul(dst, a, a)
	case 3:
		for i := range dst {
			dst[i] = a[i] * a[i] * a[i]
		}
	case -1:
		kernel.Reciprocal(dst, a)
	case 0.5:
		kernel.Sqrt(dst, a)
	default:
		for i := range dst {
			dst[i] = float32(math.Pow(float64(a[i]), float64(b)))
		}
	}
}

var binaryLowerings = func() map[string]lowering {
	table := map[string]lowering{}
	for name, f := range binaries {
		table[name] = func(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
			for _, whole := range []lowering{lowerSpelledRMSNorm, lowerActivation} {
				if s, last := whole(p, id); s != nil {
					return s, last
				}
			}
			return lowerBinary(p, id, f)
		}
	}
	return table
}()

// lowerBinary lowers an elementwise function of two values that broadcast.
func lowerBinary(p *planner, id ir.NodeID, f binary) (*stage, ir.NodeID) {
	n := &p.g.Nodes[id]
	if len(n.Inputs) != 2 || hasAxis(n) || !p.isFloat(n.Inputs[0], n.Inputs[1], n.Outputs[0]) {
		return nil, 0
	}
	a, b, out := n.Inputs[0], n.Inputs[1], n.Outputs[0]
	shape := p.shape(out)
	w := newWalk(shape, broadcastStrides(p.shape(a), shape), broadcastStrides(p.shape(b), shape))
	s := &stage{
		reads: []ir.ValueID{a, b}, writes: []ir.ValueID{out}, over: []ir.ValueID{a, b}, elementwise: true,
		run: func(r *run) error {
			f.walk(r.team, r.out(out), r.in(a), r.in(b), &w)
			return nil
		},
	}
	return s, id
}

// walk computes every line, on several threads.
func (f *binary) walk(t *kernel.Team, dst, a, b []float32, w *walk) {
	if w.isEmpty() {
		return
	}
	n := w.inner()
	if w.rows() == 1 {
		t.Ranges(n, grain, func(lo, hi int) {
			f.line(dst[lo:hi], from(a, w.step(0), lo), from(b, w.step(1), lo), w.step(0), w.step(1))
		})
		return
	}
	t.Ranges(w.rows(), grain/n, func(lo, hi int) {
		for r := lo; r < hi; r++ {
			f.line(dst[r*n:(r+1)*n], a[w.offset(0, r):], b[w.offset(1, r):], w.step(0), w.step(1))
		}
	})
}

// from skips i elements of an operand that is not repeated.
func from(s []float32, step, i int) []float32 { return s[step*i:] }

// line computes one line. The steps are 0 or 1: operands lie in row-major order
// and only repeat.
func (f *binary) line(dst, a, b []float32, stepA, stepB int) {
	switch {
	case stepA == 1 && stepB == 1:
		f.both(dst, a[:len(dst)], b[:len(dst)])
	case stepA == 1 && f.rightNumber != nil:
		f.rightNumber(dst, a[:len(dst)], b[0])
	case stepB == 1 && f.leftNumber != nil:
		f.leftNumber(dst, a[0], b[:len(dst)])
	default:
		f.repeat(dst, a, b, stepA, stepB)
	}
}

// repeat computes a line with numbers written out, some at a time.
func (f *binary) repeat(dst, a, b []float32, stepA, stepB int) {
	x, y := make([]float32, min(256, len(dst))), make([]float32, min(256, len(dst)))
	fill(x, a[0])
	fill(y, b[0])
	for i := 0; i < len(dst); i += len(x) {
		part := dst[i:min(i+len(x), len(dst))]
		p, q := x, y
		if stepA == 1 {
			p = a[i:]
		}
		if stepB == 1 {
			q = b[i:]
		}
		f.both(part, p[:len(part)], q[:len(part)])
	}
}
