package exec

import (
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/kernel"
	"github.com/tomo-viz/tomo/nn/op"
)

// lowerResize lowers Resize, Upsample and their gradient to the linear maps of
// their axes, one after another.
func lowerResize(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
	n := &p.g.Nodes[id]
	x, y := n.Inputs[0], n.Outputs[0]
	if !p.isFloat(x, y) || elementsOf(p.shape(x)) == 0 || elementsOf(p.shape(y)) == 0 {
		return nil, 0
	}
	types := make([]op.Type, len(n.Inputs))
	for i, v := range n.Inputs {
		if v != ir.None {
			types[i] = p.types[v]
		}
	}
	maps, ok := op.ResizeMaps(n, types)
	if !ok {
		return nil, 0
	}
	shape, local := p.shape(x), p.newLocal()
	return &stage{reads: []ir.ValueID{x}, writes: []ir.ValueID{y}, run: func(r *run) error {
		between, _ := r.local[local].(*[2][]float32)
		if between == nil {
			between = new([2][]float32)
			r.local[local] = between
		}
		resize(r.team, r.out(y), r.in(x), shape, maps, between)
		return nil
	}}, id
}

// resize applies the maps to x of the given shape. What lies between two of them
// is kept in one and the other slice, which grow as needed.
func resize(t *kernel.Team, y, x []float32, shape []int, maps []op.ResizeMap, between *[2][]float32) {
	if len(maps) == 0 {
		copy(y, x)
		return
	}
	shape = slices.Clone(shape)
	for i, m := range maps {
		outer, inner := elementsOf(shape[:m.Axis]), elementsOf(shape[m.Axis+1:])
		dst := y
		if i < len(maps)-1 {
			side := &between[i%2]
			*side = slices.Grow((*side)[:0], outer*m.Out*inner)[:outer*m.Out*inner]
			dst = *side
		}
		along(t, dst, x, &m, outer, inner)
		x, shape[m.Axis] = dst, m.Out
	}
}

// along applies the map of an axis with outer rows before it and rows of inner
// elements behind it.
func along(t *kernel.Team, dst, src []float32, m *op.ResizeMap, outer, inner int) {
	if inner == 1 {
		t.Ranges(outer, grain/max(1, m.Out), func(lo, hi int) {
			for r := lo; r < hi; r++ {
				sample(dst[r*m.Out:(r+1)*m.Out], src[r*m.In:(r+1)*m.In], m)
			}
		})
		return
	}
	t.Ranges(outer*m.Out, grain/inner, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			r, o := i/m.Out, i%m.Out
			row := dst[i*inner : (i+1)*inner]
			clear(row)
			for k := begin(m, o); k < m.Ends[o]; k++ {
				kernel.Axpy(row, src[(r*m.In+m.At[k])*inner:], m.Weight[k])
			}
		}
	})
}

// sample applies a map to one line.
func sample(dst, src []float32, m *op.ResizeMap) {
	k := 0
	for o, end := range m.Ends {
		sum := float32(0)
		for ; k < end; k++ {
			sum += m.Weight[k] * src[m.At[k]]
		}
		dst[o] = sum
	}
}

// begin is where the elements of output o begin.
func begin(m *op.ResizeMap, o int) int {
	if o == 0 {
		return 0
	}
	return m.Ends[o-1]
}
