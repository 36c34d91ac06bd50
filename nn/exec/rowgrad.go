package exec

import (
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/kernel"
)

// rowGradLowerings are of the gradients of what transformers are made of beside
// matrix products.
var rowGradLowerings = map[string]lowering{
	"SoftmaxGrad":   lowerSoftmaxGrad,
	"LayerNormGrad": lowerLayerNormGrad,
	"GeluErfGrad":   lowerGeluGrad(kernel.GeluGrad),
	"GeluTanhGrad":  lowerGeluGrad(kernel.GeluTanhGrad),
}

// rowWidth returns how many numbers lie along the axes from the node's axis, which
// is counted from the end.
func rowWidth(n *ir.Node, shape []int) (int, bool) {
	axis := len(shape) + n.Attrs.Int("axis", -1)
	if axis < 0 || axis >= len(shape) {
		return 0, false
	}
	cols := elementsOf(shape[axis:])
	return cols, cols > 0
}

// lowerSoftmaxGrad lowers (dy, y) -> dx.
func lowerSoftmaxGrad(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
	n := &p.g.Nodes[id]
	dy, y, dx := n.Inputs[0], n.Inputs[1], n.Outputs[0]
	if !p.isFloat(dy, y, dx) || elementsOf(p.shape(dy)) != elementsOf(p.shape(y)) {
		return nil, 0
	}
	cols, ok := rowWidth(n, p.shape(y))
	if !ok {
		return nil, 0
	}
	return &stage{
		reads: []ir.ValueID{dy, y}, writes: []ir.ValueID{dx}, over: []ir.ValueID{dy},
		run: func(r *run) error {
			dst := r.out(dx)
			kernel.SoftmaxGrad(r.team, dst, r.in(dy), r.in(y), len(dst)/cols, cols)
			return nil
		},
	}, id
}

// lowerLayerNormGrad lowers (dy, x, scale) -> dx, dscale, each of which may be left
// out.
func lowerLayerNormGrad(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
	n := &p.g.Nodes[id]
	dy, x, scale := n.Inputs[0], n.Inputs[1], n.Inputs[2]
	dx, dscale := p.wanted(n.Output(0)), p.wanted(n.Output(1))
	if !p.isFloat(dy, x, scale, dx, dscale) || elementsOf(p.shape(dy)) != elementsOf(p.shape(x)) {
		return nil, 0
	}
	cols, ok := rowWidth(n, p.shape(x))
	if !ok || elementsOf(p.shape(scale)) != cols {
		return nil, 0
	}
	rows, eps := elementsOf(p.shape(x))/cols, float32(epsilon(n))
	s := &stage{reads: []ir.ValueID{dy, x, scale}, writes: given([]ir.ValueID{dx, dscale})}
	if dx != ir.None {
		s.over = []ir.ValueID{dy, x}
	}
	s.run = func(r *run) error {
		kernel.LayerNormGrad(r.team, r.maybeOut(dx), r.maybeOut(dscale), r.in(dy), r.in(x), r.in(scale), rows, cols, eps)
		return nil
	}
	return s, id
}

// wanted returns a value, or None if nothing needs it.
func (p *planner) wanted(v ir.ValueID) ir.ValueID {
	if v != ir.None && len(p.uses[v]) == 0 && !p.isShown(v) {
		return ir.None
	}
	return v
}

// lowerGeluGrad lowers (dy, x) -> dx.
func lowerGeluGrad(f func(dx, dy, x []float32)) lowering {
	return func(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
		n := &p.g.Nodes[id]
		if !p.isFloat(n.Inputs[0], n.Inputs[1], n.Outputs[0]) {
			return nil, 0
		}
		return elementwise(n.Inputs[:2], n.Outputs[0], func(dst []float32, src [][]float32) { f(dst, src[0], src[1]) }), id
	}
}
