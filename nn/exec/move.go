package exec

import (
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
)

// moveLowerings are of operators that move float32 elements.
var moveLowerings = map[string]lowering{
	"Transpose": lowerTranspose,
	"Concat":    lowerConcat,
	"Split":     lowerSplit,
	"Slice":     lowerSlice,
	"Expand":    lowerExpand,
	"Gather":    lowerGather,
	"Where":     lowerWhere,
	"Pad":       lowerPad,
}

// lowerConcat copies the inputs side by side. Of no rows there is nothing to
// step through.
func lowerConcat(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
	n := &p.g.Nodes[id]
	y := n.Outputs[0]
	if slices.Contains(n.Inputs, ir.None) || !p.isFloat(n.Inputs...) || !p.isFloat(y) {
		return nil, 0
	}
	shape := p.shape(y)
	axis, ok := axisOf(n.Attrs.Int("axis", 1), len(shape))
	if p.isBlocked(y) {
		axis, ok = 1, true // of channels, wherever that is counted from
	}
	if !ok {
		return nil, 0
	}
	outer, width := elementsOf(shape[:axis]), elementsOf(shape[axis:])
	return &stage{reads: slices.Clone(n.Inputs), writes: []ir.ValueID{y}, joins: outer == 1, run: func(r *run) error {
		dst, at := r.out(y), 0
		for _, v := range n.Inputs {
			part := elementsOf(p.shape(v)[axis:])
			copyColumns(r, dst[min(at, len(dst)):], width, r.in(v), part, part, outer)
			at += part
		}
		return nil
	}}, id
}

// lowerSplit copies the parts of the input that are asked for.
func lowerSplit(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
	n := &p.g.Nodes[id]
	x := n.Inputs[0]
	if !p.isFloat(n.Outputs...) || !p.isFloat(x) {
		return nil, 0
	}
	shape := p.shape(x)
	axis, ok := axisOf(n.Attrs.Int("axis", 0), len(shape))
	if p.isBlocked(x) {
		axis, ok = 1, true
	}
	if !ok {
		return nil, 0
	}
	sizes, ok := p.splitSizes(n, axis, shape[axis])
	if p.isBlocked(x) { // whole blocks, and none is left out
		sizes, ok = nil, true
		for _, v := range n.Outputs {
			sizes = append(sizes, p.shape(v)[axis])
		}
	}
	if !ok {
		return nil, 0
	}
	outer, inner := elementsOf(shape[:axis]), elementsOf(shape[axis+1:])
	return &stage{reads: []ir.ValueID{x}, writes: given(n.Outputs), run: func(r *run) error {
		src, at := r.in(x), 0
		for i, v := range n.Outputs {
			part := sizes[i] * inner
			if v != ir.None {
				copyColumns(r, r.out(v), part, src[min(at, len(src)):], shape[axis]*inner, part, outer)
			}
			at += part
		}
		return nil
	}}, id
}

// copyColumns copies n numbers of each of some rows; the pitches are how far
// apart the rows lie.
func copyColumns(r *run, dst []float32, dstPitch int, src []float32, srcPitch, n, rows int) {
	if n == 0 || rows == 0 || &dst[0] == &src[0] {
		return // nothing, or made in its place
	}
	if dstPitch == n && srcPitch == n {
		dstPitch, srcPitch, n, rows = 0, 0, n*rows, 1
	}
	r.team.Ranges(rows, grain/n, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			copy(dst[i*dstPitch:][:n], src[i*srcPitch:])
		}
	})
}

// lowerSlice copies a part of the input, backwards or with steps too, whose
// bounds are constant.
func lowerSlice(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
	n := &p.g.Nodes[id]
	x, y := n.Inputs[0], n.Outputs[0]
	if !p.isFloat(x, y) {
		return nil, 0
	}
	strides, start, ok := p.sliceWalk(n, p.shape(x))
	if !ok || elementsOf(p.shape(y)) == 0 {
		return nil, 0
	}
	return p.gathering(x, y, newWalk(p.shape(y), strides), start), id
}

// sliceWalk returns where a slice of a tensor of the given shape begins and the
// strides that read it.
func (p *planner) sliceWalk(n *ir.Node, shape []int) (strides []int, start int, ok bool) {
	strides = stridesOf(shape)
	starts, axes, steps, ok := p.sliceBounds(n)
	if !ok {
		return nil, 0, false
	}
	for i, s := range starts {
		a, ok := axisOf(axes[i], len(shape))
		if !ok || steps[i] == 0 {
			return nil, 0, false
		}
		start += first(s, steps[i], shape[a]) * strides[a]
		strides[a] *= steps[i]
	}
	return strides, start, true
}

// sliceBounds reads starts, axes and steps: attributes before opset 10, inputs
// since. The ends are in the shape of the output.
func (p *planner) sliceBounds(n *ir.Node) (starts, axes, steps []int, ok bool) {
	if n.Version < 10 {
		starts, axes = n.Attrs.Ints("starts"), n.Attrs.Ints("axes")
	} else {
		for i, list := range []*[]int{1: &starts, 3: &axes, 4: &steps} {
			if v := n.Input(i); i > 0 && list != nil && v != ir.None {
				if *list, ok = p.types[v].Ints(); !ok {
					return nil, nil, nil, false
				}
			}
		}
	}
	if len(axes) == 0 {
		for i := range starts {
			axes = append(axes, i)
		}
	}
	if len(steps) == 0 {
		steps = slices.Repeat([]int{1}, len(starts))
	}
	return starts, axes, steps, len(axes) == len(starts) && len(steps) == len(starts)
}

// first resolves where a slice of an axis begins.
func first(start, step, extent int) int {
	if start < 0 {
		start += extent
	}
	if step < 0 {
		return min(max(start, 0), extent-1)
	}
	return min(max(start, 0), extent)
}

// axisOf resolves an axis that may count from the end.
func axisOf(axis, rank int) (int, bool) {
	if axis < 0 {
		axis += rank
	}
	return axis, axis >= 0 && axis < rank
}
