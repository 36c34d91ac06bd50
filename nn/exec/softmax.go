package exec

import (
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/kernel"
)

var softmaxLowerings = map[string]lowering{
	"Softmax":    lowerSoftmax(kernel.Softmax, false),
	"LogSoftmax": lowerSoftmax(kernel.LogSoftmax, true),
}

// lowerSoftmax lowers a softmax over one axis or, before opset 13, over all axes
// from a given one on.
func lowerSoftmax(f func(t *kernel.Team, dst, src []float32, rows, cols int), logarithm bool) lowering {
	return func(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
		n := &p.g.Nodes[id]
		x, y := n.Inputs[0], n.Outputs[0]
		if !p.isFloat(x, y) {
			return nil, 0
		}
		cols, ok := softmaxWidth(n, p.shape(x))
		if !ok {
			return lowerInnerSoftmax(p, id, logarithm)
		}
		return &stage{
			reads: []ir.ValueID{x}, writes: []ir.ValueID{y}, over: []ir.ValueID{x},
			run: func(r *run) error {
				dst := r.out(y)
				f(r.team, dst, r.in(x), len(dst)/cols, cols)
				return nil
			},
		}, id
	}
}

// softmaxWidth returns how many numbers make a row, if rows are contiguous.
func softmaxWidth(n *ir.Node, shape []int) (int, bool) {
	def := -1
	if n.Version < 13 {
		def = 1
	}
	axis := n.Attrs.Int("axis", def)
	if axis < 0 {
		axis += len(shape)
	}
	if axis < 0 || axis >= len(shape) {
		return 0, false
	}
	cols := elementsOf(shape[axis:])
	return cols, cols > 0 && (n.Version < 13 || cols == shape[axis])
}
