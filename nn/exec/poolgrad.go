package exec

import (
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/kernel"
)

var poolGradLowerings = map[string]lowering{
	"MaxPoolGrad":     lowerMaxPoolGrad,
	"AveragePoolGrad": lowerAveragePoolGrad,
}

// outputs counts the windows of a plane.
func outputs(w *kernel.Window) int {
	out := w.Out()
	return elementsOf(out[:])
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
	s := shares{w.In, windowsOf(&w, n.Attrs.Bool("count_include_pad", false))}
	in, out := elementsOf(w.In[:]), outputs(&w)
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

// A taps is a window along one axis: the positions from first to before end,
// step apart, and how many the mean is taken over.
type taps struct{ first, end, step, count int }

// windowsOf returns the windows of a pooling along each axis.
func windowsOf(w *kernel.Window, includePad bool) [3][]taps {
	var windows [3][]taps
	for a, n := range w.Out() {
		for o := range n {
			windows[a] = append(windows[a], tapsAt(w, a, o, includePad))
		}
	}
	return windows
}

// hasEmpty reports whether a window covers nothing that counts.
func hasEmpty(windows [3][]taps) bool {
	for _, axis := range windows {
		if slices.ContainsFunc(axis, func(t taps) bool { return t.count == 0 }) {
			return true
		}
	}
	return false
}

func tapsAt(w *kernel.Window, a, o int, includePad bool) taps {
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

// A shares spreads the gradients of a mean.
type shares struct {
	in      [3]int
	windows [3][]taps
}

// spread shares the gradients of one plane.
func (s *shares) spread(dx, dy []float32) {
	clear(dx)
	i := 0
	for _, z := range s.windows[0] {
		for _, y := range s.windows[1] {
			for _, x := range s.windows[2] {
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
			line := dx[(a*s.in[1]+b)*s.in[2]:]
			for c := x.first; c < x.end; c += x.step {
				line[c] += share
			}
		}
	}
}
