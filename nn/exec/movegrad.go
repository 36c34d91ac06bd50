package exec

import (
	"fmt"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/kernel"
)

// moveGradLowerings are of the gradients (dy, x, ...) -> dx of operators that
// move elements of x: each adds the gradient of an element to where that came
// from.
var moveGradLowerings = map[string]lowering{
	"GatherGrad": lowerGatherGrad,
	"SliceGrad":  lowerSliceGrad,
}

// forwardOf returns the node whose gradient n is.
func forwardOf(n *ir.Node) *ir.Node {
	f := *n
	f.Version, f.Inputs = n.Attrs.Int("opset", ir.LatestOpset), n.Inputs[1:]
	return &f
}

// lowerGatherGrad adds slices to those that indices name, of which several may be
// the same.
func lowerGatherGrad(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
	n := &p.g.Nodes[id]
	dy, x, index, dx := n.Inputs[0], n.Inputs[1], n.Inputs[2], n.Outputs[0]
	if !p.isFloat(dy, x, dx) || !settled(p.types[index]) || !p.types[index].DType.IsInt() {
		return nil, 0
	}
	shape := p.shape(x)
	axis, ok := axisOf(n.Attrs.Int("axis", 0), len(shape))
	if !ok {
		return nil, 0
	}
	outer, extent, size := elementsOf(shape[:axis]), shape[axis], elementsOf(shape[axis+1:])
	return &stage{reads: []ir.ValueID{dy, index}, writes: []ir.ValueID{dx}, run: func(r *run) error {
		at, err := indices(r.values[index], extent)
		if err != nil {
			return fmt.Errorf("node %q (GatherGrad): %w", n.Name, err)
		}
		dst, src := r.out(dx), r.in(dy)
		clearAll(r.team, dst)
		addSlices(r.team, dst, src, at, outer, extent, size)
		return nil
	}}, id
}

// addSlices adds slice i of each block of src to slice at[i] of the block of dst.
// Threads share out the blocks and the columns, so that no two add to the same
// number.
func addSlices(t *kernel.Team, dst, src []float32, at []int, outer, extent, size int) {
	strips := max(1, min(size/64, 2*t.Threads()/max(1, outer)))
	t.Ranges(outer*strips, grain*strips/max(1, len(at)*size), func(lo, hi int) {
		for task := lo; task < hi; task++ {
			o, strip := task/strips, task%strips
			c0, c1 := size*strip/strips, size*(strip+1)/strips
			for i, a := range at {
				to, from := dst[(o*extent+a)*size:][c0:c1], src[(o*len(at)+i)*size:][c0:c1]
				kernel.Add(to, to, from)
			}
		}
	})
}

func clearAll(t *kernel.Team, dst []float32) {
	t.Ranges(len(dst), 4*grain, func(lo, hi int) { clear(dst[lo:hi]) })
}

// lowerSliceGrad puts a part back to its place among zeros.
func lowerSliceGrad(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
	n := &p.g.Nodes[id]
	dy, x, dx := n.Inputs[0], n.Inputs[1], n.Outputs[0]
	if !p.isFloat(dy, x, dx) {
		return nil, 0
	}
	strides, start, ok := p.sliceWalk(forwardOf(n), p.shape(x))
	if !ok || elementsOf(p.shape(dy)) == 0 {
		return nil, 0
	}
	w := newWalk(p.shape(dy), strides)
	return &stage{reads: []ir.ValueID{dy}, writes: []ir.ValueID{dx}, run: func(r *run) error {
		dst := r.out(dx)
		clearAll(r.team, dst)
		scatter(r.team, dst, r.in(dy), &w, start)
		return nil
	}}, id
}

// splitSizes lists how many elements of the split axis each output of a Split
// has.
func (p *planner) splitSizes(n *ir.Node, axis, extent int) ([]int, bool) {
	sizes, count := n.Attrs.Ints("split"), len(n.Outputs)
	if v := n.Input(1); v != ir.None {
		var ok bool
		if sizes, ok = p.types[v].Ints(); !ok {
			return nil, false
		}
	}
	if len(sizes) == 0 { // even parts, the last of them smaller
		part := (extent + count - 1) / count
		for i := range count {
			sizes = append(sizes, min(part, max(0, extent-i*part)))
		}
	}
	total := 0
	for i, s := range sizes {
		total += s
		if s < 0 || i < count && n.Outputs[i] != ir.None && p.shape(n.Outputs[i])[axis] != s {
			return nil, false
		}
	}
	return sizes, len(sizes) == count && total == extent && slices.ContainsFunc(n.Outputs, func(v ir.ValueID) bool { return v != ir.None })
}
