package exec

import (
	"fmt"
	"math"
	"unsafe"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// lowerGather copies slices of an axis of a float32 value by index.
func lowerGather(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
	n := &p.g.Nodes[id]
	x, index, y := n.Inputs[0], n.Inputs[1], n.Outputs[0]
	if !p.isFloat(x, y) || !settled(p.types[index]) || !p.types[index].DType.IsInt() {
		return nil, 0
	}
	shape := p.shape(x)
	axis, ok := axisOf(n.Attrs.Int("axis", 0), len(shape))
	if !ok {
		return nil, 0
	}
	outer, extent, size := elementsOf(shape[:axis]), shape[axis], elementsOf(shape[axis+1:])
	return &stage{reads: []ir.ValueID{x, index}, writes: []ir.ValueID{y}, run: func(r *run) error {
		at, err := indices(r.values[index], extent)
		if err != nil {
			return fmt.Errorf("node %q (Gather): %w", n.Name, err)
		}
		dst, src := r.out(y), r.in(x)
		r.team.Ranges(outer*len(at), grain/max(1, size), func(lo, hi int) {
			for i := lo; i < hi; i++ {
				from := (i/len(at)*extent + at[i%len(at)]) * size
				copy(dst[i*size:(i+1)*size], src[from:])
			}
		})
		return nil
	}}, id
}

// indices reads indices into an axis, which may count from its end.
func indices(t *tensor.Tensor, extent int) ([]int, error) {
	list, err := t.Ints()
	if err != nil {
		return nil, err
	}
	for i, x := range list {
		a, ok := axisOf(x, extent)
		if !ok {
			return nil, fmt.Errorf("index %d is outside [%d, %d)", x, -extent, extent)
		}
		list[i] = a
	}
	return list, nil
}

// lowerWhere takes each element from one of two float32 values.
func lowerWhere(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
	n := &p.g.Nodes[id]
	cond, a, b, y := n.Inputs[0], n.Inputs[1], n.Inputs[2], n.Outputs[0]
	if !p.isFloat(a, b, y) || !settled(p.types[cond]) || p.types[cond].DType != tensor.Bool {
		return nil, 0
	}
	shape := p.shape(y)
	w := newWalk(shape, broadcastStrides(p.shape(cond), shape), broadcastStrides(p.shape(a), shape), broadcastStrides(p.shape(b), shape))
	return &stage{reads: []ir.ValueID{cond, a, b}, writes: []ir.ValueID{y}, over: []ir.ValueID{a, b}, elementwise: true, run: func(r *run) error {
		if w.isEmpty() {
			return nil
		}
		c, x, z, dst, width := tensor.Data[bool](r.values[cond]), r.in(a), r.in(b), r.out(y), w.inner()
		r.team.Ranges(w.rows(), grain/width, func(lo, hi int) {
			for row := lo; row < hi; row++ {
				i, j, k := w.offset(0, row), w.offset(1, row), w.offset(2, row)
				choose(dst[row*width:(row+1)*width], c[i:], x[j:], z[k:], w.step(0), w.step(1), w.step(2))
			}
		})
		return nil
	}}, id
}

// choose fills a line from two others that are repeated where their step is 0,
// without a branch, which the processor could not foresee.
func choose(dst []float32, c []bool, a, b []float32, stepC, stepA, stepB int) {
	truths := unsafe.Slice((*uint8)(unsafe.Pointer(unsafe.SliceData(c))), len(c)) // 0 and 1
	i, j, k := 0, 0, 0
	for o := range dst {
		mask := -uint32(truths[i])
		dst[o] = math.Float32frombits(math.Float32bits(a[j])&mask | math.Float32bits(b[k])&^mask)
		i, j, k = i+stepC, j+stepA, k+stepB
	}
}
