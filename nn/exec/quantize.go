package exec

import (
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// lowerQuantize lowers a QuantizeLinear with the DequantizeLinear behind it, as
// models carry them whose integers are simulated: float32 values are rounded to
// one of 256 steps, and no integers are made.
func lowerQuantize(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
	n := &p.g.Nodes[id]
	x, q := n.Inputs[0], n.Outputs[0]
	next, ok := p.reader(q)
	if !ok || !p.is(next, "DequantizeLinear") || p.g.Nodes[next].Inputs[0] != q || n.Attrs.Int("block_size", 0) != 0 {
		return nil, 0
	}
	d := &p.g.Nodes[next]
	y := d.Outputs[0]
	in, ok1 := p.grid(n, q)
	out, ok2 := p.grid(d, q)
	if !ok1 || !ok2 || !p.isFloat(x, y) {
		return nil, 0
	}
	p.fused[next] = true
	s := elementwise([]ir.ValueID{x}, y, func(dst []float32, src [][]float32) {
		in.snap(dst, src[0], out)
	})
	return s, next
}

// A grid is what 8-bit integers q stand for: (q - zero)*scale.
type grid struct{ scale, zero, lo, hi float32 }

// grid reads scale and zero point of a node that quantizes to q or back, if
// they are one constant each.
func (p *planner) grid(n *ir.Node, q ir.ValueID) (grid, bool) {
	scale, ok := p.number(n.Inputs[1])
	g := grid{scale: float32(scale)}
	switch p.types[q].DType {
	case tensor.Uint8:
		g.lo, g.hi = 0, 255
	case tensor.Int8:
		g.lo, g.hi = -128, 127
	default:
		return g, false
	}
	if v := n.Input(2); v != ir.None {
		c := p.g.Values[v].Const
		if c == nil || c.Len() != 1 {
			return g, false
		}
		zero, err := c.Ints()
		if err != nil {
			return g, false
		}
		g.zero = float32(zero[0])
	}
	return g, ok
}

// snap rounds numbers to the grid and reads them from another one. Adding and
// subtracting 1.5*2^23 rounds a small float32 to the nearest integer, ties to
// even. NaN becomes the lowest step, as the reference has it.
func (g grid) snap(dst, src []float32, out grid) {
	const round = 3 << 22
	lo, hi := g.lo-g.zero, g.hi-g.zero
	shift := g.zero - out.zero
	for i, v := range src {
		q := v / g.scale
		if !(q > lo) {
			q = lo
		}
		if q > hi {
			q = hi
		}
		q = float32(q+round) - round
		dst[i] = (q + shift) * out.scale
	}
}
