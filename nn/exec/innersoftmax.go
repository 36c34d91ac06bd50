package exec

import (
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/kernel"
)

// lowerInnerSoftmax lowers a softmax over an axis that has others behind it: the
// numbers along these are computed side by side.
func lowerInnerSoftmax(p *planner, id ir.NodeID, logarithm bool) (*stage, ir.NodeID) {
	n := &p.g.Nodes[id]
	x, y := n.Inputs[0], n.Outputs[0]
	shape := p.shape(x)
	axis, ok := axisOf(n.Attrs.Int("axis", -1), len(shape))
	if !ok || elementsOf(shape) == 0 {
		return nil, 0
	}
	outer, extent, inner := elementsOf(shape[:axis]), shape[axis], elementsOf(shape[axis+1:])
	const width = 1 << 9 // what is computed at a time stays in the cache
	blocks := (inner + width - 1) / width
	return &stage{
		reads: []ir.ValueID{x}, writes: []ir.ValueID{y}, over: []ir.ValueID{x},
		run: func(r *run) error {
			dst, src := r.out(y), r.in(x)
			r.team.Ranges(outer*blocks, grain/(extent*min(inner, width)), func(lo, hi int) {
				var s [3 * width]float32
				for i := lo; i < hi; i++ {
					from := i % blocks * width
					c := columns{i/blocks*extent*inner + from, extent, inner, min(width, inner-from)}
					c.softmax(dst, src, s[:c.width], s[width:][:c.width], s[2*width:][:c.width], logarithm)
				}
			})
			return nil
		},
	}, id
}

// A columns is width numbers side by side, from the one at start on, and what
// lies step by step behind each.
type columns struct{ start, extent, step, width int }

// row returns the numbers at place i of all columns.
func (c *columns) row(data []float32, i int) []float32 {
	return data[c.start+i*c.step:][:c.width]
}

// softmax computes that of each column, or its logarithm; top, sum and e are
// memory for a row each.
func (c *columns) softmax(dst, src, top, sum, e []float32, logarithm bool) {
	copy(top, c.row(src, 0))
	for i := 1; i < c.extent; i++ {
		kernel.Max(top, top, c.row(src, i))
	}
	clear(sum)
	for i := range c.extent {
		y := c.row(dst, i)
		kernel.Sub(y, c.row(src, i), top)
		if logarithm {
			kernel.Exp(e, y)
			kernel.Add(sum, sum, e)
		} else {
			kernel.Exp(y, y)
			kernel.Add(sum, sum, y)
		}
	}
	if logarithm {
		kernel.Log(sum, sum)
	}
	for i := range c.extent {
		y := c.row(dst, i)
		if logarithm {
			kernel.Sub(y, y, sum)
		} else {
			kernel.Div(y, y, sum)
		}
	}
}
