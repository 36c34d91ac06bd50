package exec

import (
	"sync"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/kernel"
)

var poolGradLowerings = map[string]lowering{
	"MaxPoolGrad":     lowerMaxPoolGrad,
	"AveragePoolGrad": lowerAveragePoolGrad,
}

// lowerMaxPoolGrad lowers (dy, x) -> dx: each gradient goes to where the maximum
// was found.
func lowerMaxPoolGrad(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
	n := &p.g.Nodes[id]
	dy, x, dx := n.Inputs[0], n.Inputs[1], n.Outputs[0]
	if !p.isFloat(dy, x, dx) {
		return nil, 0
	}
	w, planes, ok := p.poolWindow(n, x, dy)
	if !ok {
		return nil, 0
	}
	in, out := elementsOf(w.In[:]), elementsOf(elementsPer(w))
	return &stage{reads: []ir.ValueID{dy, x}, writes: []ir.ValueID{dx}, run: func(r *run) error {
		to, from, src := r.out(dx), r.in(dy), r.in(x)
		r.team.Ranges(planes, grain/max(1, in), func(lo, hi int) {
			s := borrowMaxima(out)
			defer maxima.Put(s)
			for i := lo; i < hi; i++ {
				kernel.MaxPool(nil, w, 1, s.y, src[i*in:(i+1)*in], s.at)
				scatter(to[i*in:(i+1)*in], from[i*out:(i+1)*out], s.at)
			}
		})
		return nil
	}}, id
}

func elementsPer(w kernel.Window) []int {
	out := w.Out()
	return out[:]
}

// A maximaOf is where the maxima of a plane are.
type maximaOf struct {
	y  []float32
	at []int64
}

var maxima = sync.Pool{New: func() any { return &maximaOf{} }}

func borrowMaxima(n int) *maximaOf {
	s := maxima.Get().(*maximaOf)
	if cap(s.y) < n {
		s.y, s.at = make([]float32, n), make([]int64, n)
	}
	s.y, s.at = s.y[:n], s.at[:n]
	return s
}

// scatter adds each number of src to its place in dst, which is cleared first.
// A place of -1 is that of a window without elements.
func scatter(dst, src []float32, at []int64) {
	clear(dst)
	for i, to := range at {
		if to >= 0 {
			dst[to] += src[i]
		}
	}
}

// lowerAveragePoolGrad lowers (dy, shape) -> dx: each gradient is shared by the
// window it came from.
func lowerAveragePoolGrad(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
	n := &p.g.Nodes[id]
	dy, dx := n.Inputs[0], n.Outputs[0]
	if !p.isFloat(dy, dx) {
		return nil, 0
	}
	w, planes, ok := p.poolWindow(n, dx, dy)
	if !ok {
		return nil, 0
	}
	s := newShares(w, n.Attrs.Bool("count_include_pad", false))
	in, out := elementsOf(w.In[:]), elementsOf(elementsPer(w))
	return &stage{reads: []ir.ValueID{dy}, writes: []ir.ValueID{dx}, run: func(r *run) error {
		to, from := r.out(dx), r.in(dy)
		r.team.Ranges(planes, grain/max(1, in), func(lo, hi int) {
			for i := lo; i < hi; i++ {
				s.spread(to[i*in:(i+1)*in], from[i*out:(i+1)*out])
			}
		})
		return nil
	}}, id
}

// A shares is the windows of a pooling along each axis.
type shares struct {
	w    kernel.Window
	out  [3]int
	taps [3][]taps
}

// A taps is a window along one axis: the positions from first to end, step
// apart, and how many the mean is taken over.
type taps struct{ first, end, step, count int }

func newShares(w kernel.Window, includePad bool) *shares {
	s := &shares{w: w, out: w.Out()}
	for a := range s.taps {
		for o := range s.out[a] {
			s.taps[a] = append(s.taps[a], tapsAt(w, a, o, includePad))
		}
	}
	return s
}

func tapsAt(w kernel.Window, a, o int, includePad bool) taps {
	t := taps{step: w.Dilation[a], first: -1}
	for k := range w.Kernel[a] {
		i := o*w.Stride[a] + k*w.Dilation[a] - w.PadLo[a]
		inside := i >= 0 && i < w.In[a]
		if inside && t.first < 0 {
			t.first = i
		}
		if inside {
			t.end = i + 1
		}
		if inside || includePad && i >= -w.PadLo[a] && i < w.In[a]+w.PadHi[a] {
			t.count++
		}
	}
	if t.first < 0 {
		t.first = t.end
	}
	return t
}

// spread shares the gradients of one plane.
func (s *shares) spread(dx, dy []float32) {
	clear(dx)
	i := 0
	for _, z := range s.taps[0] {
		for _, y := range s.taps[1] {
			for _, x := range s.taps[2] {
				s.add(dx, z, y, x, dy[i]/float32(z.count*y.count*x.count))
				i++
			}
		}
	}
}

// add adds a share to each element of a window.
func (s *shares) add(dx []float32, z, y, x taps, share float32) {
	for a := z.first; a < z.end; a += z.step {
		for b := y.first; b < y.end; b += y.step {
			line := dx[(a*s.w.In[1]+b)*s.w.In[2]:]
			for c := x.first; c < x.end; c += x.step {
				line[c] += share
			}
		}
	}
}
