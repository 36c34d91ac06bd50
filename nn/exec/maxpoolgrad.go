package exec

import (
	"math"
	"sync"

	"github.com/tomo-viz/tomo/nn/ir"
)

// lowerMaxPoolGrad lowers (dy, x) -> dx: each gradient goes to the first of the
// largest numbers under its window.
func lowerMaxPoolGrad(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
	n := &p.g.Nodes[id]
	dy, x, dx := n.Inputs[0], n.Inputs[1], n.Outputs[0]
	if !p.isFloat(dy, x, dx) {
		return nil, 0
	}
	w, planes, ok := p.poolWindow(n, x, dy)
	in, out := elementsOf(w.In[:]), outputs(&w)
	if !ok || in > math.MaxInt32 {
		return nil, 0
	}
	windows := windowsOf(&w, false)
	return &stage{reads: []ir.ValueID{dy, x}, writes: []ir.ValueID{dx}, run: func(r *run) error {
		to, from, src := r.out(dx), r.in(dy), r.in(x)
		r.team.Ranges(planes, grain/max(1, 4*in), func(lo, hi int) {
			m := maxima.Get().(*maximum)
			defer maxima.Put(m)
			for i := lo; i < hi; i++ {
				m.load(src[i*in:(i+1)*in], w.In)
				for axis := 2; axis >= 0; axis-- {
					m.fold(&windows, axis)
				}
				m.scatter(to[i*in:(i+1)*in], from[i*out:(i+1)*out])
			}
		})
		return nil
	}}, id
}

// A maximum finds where the maxima of a plane are, one axis after the other. A
// number and its index are one integer, whose order is that of the numbers and,
// among equal ones, from the last index to the first: its maximum needs no
// branch.
type maximum struct {
	shape      [3]int
	now, spare []int64
}

var maxima = sync.Pool{New: func() any { return &maximum{} }}

// load begins with a plane.
func (m *maximum) load(x []float32, shape [3]int) {
	m.shape = shape
	m.now = resized(m.now, len(x))
	for i, v := range x {
		b := int32(math.Float32bits(v + 0)) // -0 becomes +0
		key := b ^ int32(uint32(b>>31)>>1)  // in the order of the numbers
		if v != v {
			key = math.MaxInt32 // as in the forward pass, NaN is the largest
		}
		m.now[i] = int64(key)<<32 | int64(^uint32(i))
	}
}

// nowhere is less than any number with its index.
const nowhere = math.MinInt64

// fold takes the maxima under the windows along an axis. The axes behind it have
// been folded, those before not.
func (m *maximum) fold(windows *[3][]taps, axis int) {
	n, to := m.shape[axis], len(windows[axis])
	m.shape[axis] = to
	outer, inner := elementsOf(m.shape[:axis]), elementsOf(m.shape[axis+1:])
	m.spare = resized(m.spare, outer*to*inner)
	for i := range outer {
		src, dst := m.now[i*n*inner:(i+1)*n*inner], m.spare[i*to*inner:(i+1)*to*inner]
		for o := range to {
			t := windows[axis][o]
			if inner == 1 {
				dst[o] = largest(src, t)
				continue
			}
			line := dst[o*inner : (o+1)*inner]
			for k := range line {
				line[k] = nowhere
			}
			for at := t.first; at < t.end; at += t.step {
				raise(line, src[at*inner:])
			}
		}
	}
	m.now, m.spare = m.spare, m.now
}

func largest(src []int64, t taps) int64 {
	best := int64(nowhere)
	for at := t.first; at < t.end; at += t.step {
		best = max(best, src[at])
	}
	return best
}

func raise(dst, src []int64) {
	src = src[:len(dst)]
	for i, v := range src {
		dst[i] = max(dst[i], v)
	}
}

// scatter adds each number of src to the place of its maximum in dst, which is
// cleared first.
func (m *maximum) scatter(dst, src []float32) {
	clear(dst)
	for i, v := range m.now {
		if v != nowhere {
			dst[^uint32(v)] += src[i]
		}
	}
}

// resized returns a slice of n elements, in the memory of s if it suffices.
func resized(s []int64, n int) []int64 {
	if cap(s) < n {
		return make([]int64, n)
	}
	return s[:n]
}
