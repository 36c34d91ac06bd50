package exec

import (
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/kernel"
)

var poolLowerings = map[string]lowering{
	"MaxPool": lowerPool(func(w kernel.Window, n *ir.Node) poolFunc {
		return func(t *kernel.Team, planes int, dst, src []float32) { kernel.MaxPool(t, w, planes, dst, src, nil) }
	}),
	"AveragePool": lowerPool(func(w kernel.Window, n *ir.Node) poolFunc {
		pad := n.Attrs.Bool("count_include_pad", false)
		if hasEmpty(windowsOf(&w, pad)) {
			return nil // the kernel's mean of nothing is NaN, the reference's 0
		}
		return func(t *kernel.Team, planes int, dst, src []float32) { kernel.AveragePool(t, w, planes, dst, src, pad) }
	}),
}

type poolFunc func(t *kernel.Team, planes int, dst, src []float32)

// lowerPool lowers pooling of which only the result is asked for.
func lowerPool(f func(w kernel.Window, n *ir.Node) poolFunc) lowering {
	return func(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
		n := &p.g.Nodes[id]
		x, y := n.Inputs[0], n.Outputs[0]
		if i := n.Output(1); i != ir.None && (p.fetched[i] || len(p.uses[i]) > 0) {
			return nil, 0
		}
		if y == ir.None || !p.isFloat(x, y) {
			return nil, 0
		}
		w, planes, ok := p.poolWindow(n, x, y)
		if !ok {
			return nil, 0
		}
		pool := f(w, n)
		if pool == nil {
			return nil, 0
		}
		return &stage{reads: []ir.ValueID{x}, writes: []ir.ValueID{y}, run: func(r *run) error {
			pool(r.team, planes, r.out(y), r.in(x))
			return nil
		}}, id
	}
}

// poolWindow returns the geometry of pooling x to y and how many planes there
// are.
func (p *planner) poolWindow(n *ir.Node, x, y ir.ValueID) (kernel.Window, int, bool) {
	from, to := p.planes(x), p.planes(y)
	if len(from) < 3 || len(to) != len(from) {
		return kernel.Window{}, 0, false
	}
	w, ok := window(n, rest(from), rest(to), n.Attrs.Ints("kernel_shape"))
	return w, from[0] * from[1], ok
}
