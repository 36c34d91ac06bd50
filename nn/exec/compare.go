package exec

import (
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/kernel"
	"github.com/tomo-viz/tomo/nn/tensor"
)

var compareLowerings = map[string]lowering{
	"Equal":          lowerEqual,
	"Less":           lowerCompare(func(a, b float32) bool { return a < b }),
	"LessOrEqual":    lowerCompare(func(a, b float32) bool { return a <= b }),
	"Greater":        lowerCompare(func(a, b float32) bool { return a > b }),
	"GreaterOrEqual": lowerCompare(func(a, b float32) bool { return a >= b }),
}

// lowerCompare lowers a comparison of float32 values that broadcast.
func lowerCompare(f func(a, b float32) bool) lowering {
	return func(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
		n := &p.g.Nodes[id]
		a, b, y := n.Inputs[0], n.Inputs[1], n.Outputs[0]
		if hasAxis(n) || !p.isFloat(a, b) || !settled(p.types[y]) {
			return nil, 0
		}
		shape := p.shape(y)
		w := newWalk(shape, broadcastStrides(p.shape(a), shape), broadcastStrides(p.shape(b), shape))
		return &stage{reads: []ir.ValueID{a, b}, writes: []ir.ValueID{y}, heap: true, run: func(r *run) error {
			truths := make([]bool, elementsOf(shape))
			r.values[y] = tensor.Of(truths, shape...)
			if w.isEmpty() {
				return nil
			}
			x, z, width := r.in(a), r.in(b), w.inner()
			r.team.Ranges(w.rows(), grain/width, func(lo, hi int) {
				for row := lo; row < hi; row++ {
					line, i, j := truths[row*width:(row+1)*width], w.offset(0, row), w.offset(1, row)
					for o := range line {
						line[o] = f(x[i], z[j])
						i, j = i+w.step(0), j+w.step(1)
					}
				}
			})
			return nil
		}}, id
	}
}

// A gate keeps the numbers at which two values are equal and clears the others,
// as the gradient of Clip is written: an Equal and a Where.
type gate struct {
	a, b, kept, out ir.ValueID
	where           ir.NodeID
}

// gate reads node id as the first of the two.
func (p *planner) gate(id ir.NodeID) (gate, bool) {
	n := &p.g.Nodes[id]
	if n.Domain != "" || n.Op != "Equal" || hasAxis(n) {
		return gate{}, false
	}
	next, ok := p.reader(n.Outputs[0])
	if !ok || !p.is(next, "Where") || p.g.Nodes[next].Inputs[0] != n.Outputs[0] {
		return gate{}, false
	}
	where := &p.g.Nodes[next]
	g := gate{n.Inputs[0], n.Inputs[1], where.Inputs[1], where.Outputs[0], next}
	zero, known := p.number(where.Inputs[2])
	if !p.isFloat(g.a, g.b, g.kept, g.out) || !known || zero != 0 {
		return gate{}, false
	}
	shape := p.shape(g.out)
	return g, slices.Equal(p.shape(g.a), shape) && slices.Equal(p.shape(g.b), shape) && slices.Equal(p.shape(g.kept), shape)
}

// lowerEqual makes the stage of a gate, or of a comparison.
func lowerEqual(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
	g, ok := p.gate(id)
	if !ok {
		return lowerCompare(func(a, b float32) bool { return a == b })(p, id)
	}
	p.fused[g.where] = true
	return elementwise([]ir.ValueID{g.kept, g.a, g.b}, g.out, func(dst []float32, src [][]float32) { kernel.KeepEqual(dst, src[0], src[1], src[2]) }), g.where
}
