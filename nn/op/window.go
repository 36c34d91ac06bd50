package op

import (
	"fmt"

	"github.com/tomo-viz/tomo/nn/ir"
)

// A slide is how a kernel moves along one spatial axis: output o reads the
// inputs o·stride - before + k·dilation for k in [0, kernel). What lies outside
// the input is padding. Negative padding crops.
type slide struct {
	kernel, stride, dilation int // kernel is -1 if not known
	before, after            int
}

// span is how many inputs the kernel covers, gaps included.
func (a slide) span() int { return (a.kernel-1)*a.dilation + 1 }

// outputs returns the range of outputs whose tap k lies inside the input.
func (a slide) outputs(k, in, out int) (lo, hi int) {
	shift := a.before - k*a.dilation
	return clampRange(ceilDiv(shift, a.stride), ceilDiv(in+shift, a.stride), out)
}

// taps returns the range of kernel positions of output o inside the input.
func (a slide) taps(o, in int) (lo, hi int) {
	shift := a.before - o*a.stride
	return clampRange(ceilDiv(shift, a.dilation), ceilDiv(in+shift, a.dilation), a.kernel)
}

func clampRange(lo, hi, n int) (int, int) {
	lo, hi = max(lo, 0), min(hi, n)
	return lo, max(lo, hi)
}

// ceilDiv rounds a/b up; b is positive.
func ceilDiv(a, b int) int {
	if a > 0 {
		return (a-1)/b + 1
	}
	return a / b
}

// A sliding is what a node says of how its kernel moves over the spatial axes.
type sliding struct {
	axes []slide
	same string // auto_pad SAME_UPPER or SAME_LOWER, else empty
	ceil bool
}

// maxWindow bounds strides, dilations, kernels and padding, so that arithmetic
// on positions cannot overflow.
const maxWindow = 1 << 30

// readSliding reads kernel_shape's companions: strides, dilations, pads,
// auto_pad and ceil_mode. The kernel's extents come from the weights of a
// convolution and may be unknown.
func readSliding(a ir.Attrs, kernel ir.Shape) (sliding, error) {
	s := sliding{axes: make([]slide, len(kernel)), ceil: a.Bool("ceil_mode", false)}
	strides, err := perAxis(a, "strides", len(kernel), 1)
	if err != nil {
		return s, err
	}
	dilations, err := perAxis(a, "dilations", len(kernel), 1)
	if err != nil {
		return s, err
	}
	pads, err := s.readPads(a)
	if err != nil {
		return s, err
	}
	for i, k := range kernel {
		s.axes[i] = slide{k.N, strides[i], dilations[i], pads[i], pads[len(kernel)+i]}
		if err := s.axes[i].check(); err != nil {
			return s, fmt.Errorf("spatial axis %d: %w", i, err)
		}
	}
	return s, nil
}

// readPads reads auto_pad and returns the explicit padding, zeros if there is
// none.
func (s *sliding) readPads(a ir.Attrs) ([]int, error) {
	switch auto := a.Str("auto_pad", "NOTSET"); auto {
	case "NOTSET", "":
		return perAxis(a, "pads", 2*len(s.axes), 0)
	case "VALID":
	case "SAME_UPPER", "SAME_LOWER":
		s.same = auto
	default:
		return nil, fmt.Errorf("auto_pad %q is not one of NOTSET, SAME_UPPER, SAME_LOWER, VALID", auto)
	}
	return make([]int, 2*len(s.axes)), nil
}

func (a slide) check() error {
	switch {
	case a.kernel == 0 || a.kernel < -1 || a.kernel > maxWindow:
		return fmt.Errorf("a kernel of extent %d is not possible", a.kernel)
	case a.stride < 1 || a.stride > maxWindow:
		return fmt.Errorf("a stride of %d is not possible; it must be at least 1", a.stride)
	case a.dilation < 1 || a.dilation > maxWindow:
		return fmt.Errorf("a dilation of %d is not possible; it must be at least 1", a.dilation)
	case min(a.before, a.after) < -maxWindow || max(a.before, a.after) > maxWindow:
		return fmt.Errorf("padding of %d and %d is not possible", a.before, a.after)
	}
	return nil
}

// perAxis reads a list of n integers, all def if it is absent.
func perAxis(a ir.Attrs, name string, n, def int) ([]int, error) {
	v := a.Ints(name)
	if len(v) == 0 {
		v = make([]int, n)
		for i := range v {
			v[i] = def
		}
	}
	if len(v) != n {
		return nil, fmt.Errorf("%s has %d entries where %d are needed", name, len(v), n)
	}
	return v, nil
}

// settle returns axis i with its padding worked out for an input extent, and
// the output extent (ONNX, Conv and MaxPool).
func (s sliding) settle(i, in int) (slide, int, error) {
	a := s.axes[i]
	if s.same != "" {
		out := ceilDiv(in, a.stride)
		total := max((out-1)*a.stride+a.span()-in, 0)
		a.before, a.after = halves(total, s.same == "SAME_UPPER")
		return a, out, nil
	}
	room := in + a.before + a.after - a.span()
	if room < 0 {
		return a, 0, fmt.Errorf("spatial axis %d: a kernel that spans %d does not fit in an input of %d padded by %d and %d", i, a.span(), in, a.before, a.after)
	}
	out := room/a.stride + 1
	// The last window of ceil_mode must not start in the padding behind.
	if s.ceil && room%a.stride != 0 && out*a.stride < in+a.before {
		out++
	}
	return a, out, nil
}

// halves splits total padding; the odd one goes behind if upper, else before.
func halves(total int, upper bool) (before, after int) {
	if upper {
		return total / 2, total - total/2
	}
	return total - total/2, total / 2
}

// dims returns what is known of the output extents.
func (s sliding) dims(in ir.Shape) (ir.Shape, error) {
	out := make(ir.Shape, len(in))
	for i, d := range in {
		a := s.axes[i]
		switch {
		case d.IsKnown() && (a.kernel > 0 || s.same != ""):
			_, n, err := s.settle(i, d.N)
			if err != nil {
				return nil, err
			}
			out[i] = ir.Known(n)
		case a.stride == 1 && (s.same != "" || a.kernel > 0 && a.before+a.after == a.span()-1):
			out[i] = d
		default:
			out[i] = ir.Symbol("")
		}
	}
	return out, nil
}

// A window is a sliding settled for known extents, as three spatial axes: the
// leading ones have extent 1 where there are fewer.
type window struct {
	axis    [3]slide
	in, out [3]int
}

// window settles s for the spatial extents of an input.
func (s sliding) window(in []int) (window, error) {
	w := unitWindow()
	lead := 3 - len(in)
	for i, d := range in {
		var err error
		if w.axis[lead+i], w.out[lead+i], err = s.settle(i, d); err != nil {
			return w, err
		}
		w.in[lead+i] = d
	}
	return w, nil
}

func unitWindow() window {
	w := window{in: [3]int{1, 1, 1}, out: [3]int{1, 1, 1}}
	for i := range w.axis {
		w.axis[i] = slide{kernel: 1, stride: 1, dilation: 1}
	}
	return w
}

// inputs, outputs and taps count the positions of one channel.
func (w *window) inputs() int  { return w.in[0] * w.in[1] * w.in[2] }
func (w *window) outputs() int { return w.out[0] * w.out[1] * w.out[2] }
func (w *window) taps() int    { return w.axis[0].kernel * w.axis[1].kernel * w.axis[2].kernel }

// isIdentity reports whether every output reads the input at its own place.
func (w *window) isIdentity() bool {
	return w.taps() == 1 && w.in == w.out && w.axis == unitAxes(w.axis)
}

func unitAxes(a [3]slide) [3]slide {
	for i := range a {
		a[i].stride, a[i].before, a[i].after = 1, 0, 0
	}
	return a
}

// runs calls f for the outputs from first to last whose tap lies inside the
// input, in runs along the last axis: n outputs from first+at on read the
// inputs at from, from+stride, ...
func (w *window) runs(tap [3]int, first, last int, f func(at, from, n int)) {
	a := w.axis[2]
	lo, hi := a.outputs(tap[2], w.in[2], w.out[2])
	for row := first / w.out[2]; row*w.out[2] < last; row++ {
		i := row/w.out[1]*w.axis[0].stride - w.axis[0].before + tap[0]*w.axis[0].dilation
		j := row%w.out[1]*w.axis[1].stride - w.axis[1].before + tap[1]*w.axis[1].dilation
		if i < 0 || i >= w.in[0] || j < 0 || j >= w.in[1] {
			continue
		}
		start := row * w.out[2]
		from, to := max(lo, first-start), min(hi, last-start)
		if from < to {
			f(start+from-first, (i*w.in[1]+j)*w.in[2]+from*a.stride-a.before+tap[2]*a.dilation, to-from)
		}
	}
}

// each calls f for every output with the inputs under the kernel, in row-major
// order and without padding. under is only valid during the call.
func (w *window) each(f func(o int, under []int)) {
	var under []int
	for o := range w.outputs() {
		under = w.under(under[:0], o)
		f(o, under)
	}
}

func (w *window) under(list []int, o int) []int {
	at := [3]int{o / w.out[2] / w.out[1], o / w.out[2] % w.out[1], o % w.out[2]}
	var lo, hi, from [3]int
	for i, a := range w.axis {
		lo[i], hi[i] = a.taps(at[i], w.in[i])
		from[i] = at[i]*a.stride - a.before
	}
	for i := lo[0]; i < hi[0]; i++ {
		plane := (from[0] + i*w.axis[0].dilation) * w.in[1]
		for j := lo[1]; j < hi[1]; j++ {
			row := (plane+from[1]+j*w.axis[1].dilation)*w.in[2] + from[2]
			for k := lo[2]; k < hi[2]; k++ {
				list = append(list, row+k*w.axis[2].dilation)
			}
		}
	}
	return list
}
