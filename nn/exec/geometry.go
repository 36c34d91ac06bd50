package exec

import (
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/kernel"
)

// window returns the geometry of a node that slides a kernel over images, from
// its attributes and from the extents that inference found: those of the
// images, of what they become, and of the kernel, without batch and channels.
// It reports false for what the kernels do not do, such as negative padding or
// more than three spatial axes.
func window(n *ir.Node, in, out, size []int) (kernel.Window, bool) {
	w, ok := unpadded(n, in, out, size)
	if !ok || !pad(&w, n, out) {
		return w, false
	}
	return w, reaches(&w, out)
}

// transposedWindow is window for a transposed convolution of out to in, whose
// node may say how large in is (output_shape) rather than how it is padded.
func transposedWindow(n *ir.Node, in, out, size []int) (kernel.Window, bool) {
	if len(n.Attrs.Ints("output_shape")) == 0 {
		return window(n, in, out, size)
	}
	w, ok := unpadded(n, in, out, size)
	extra := n.Attrs.Ints("output_padding")
	if !ok || len(extra) > 0 && len(extra) != len(in) {
		return w, false
	}
	for i, o := range out {
		a := 3 - len(in) + i
		total := (o-1)*w.Stride[a] + span(&w, a) - w.In[a]
		if len(extra) > 0 {
			total += extra[i]
		}
		halve(&w, a, max(0, total), n.Attrs.Str("auto_pad", "") == "SAME_UPPER")
	}
	return w, reaches(&w, out)
}

// reaches reports whether the kernels accept a window and agree on where it
// leads.
func reaches(w *kernel.Window, out []int) bool {
	if w.Validate() != nil {
		return false
	}
	reached := w.Out()
	return slices.Equal(reached[3-len(out):], out)
}

// unpadded reads everything but the padding.
func unpadded(n *ir.Node, in, out, size []int) (kernel.Window, bool) {
	var w kernel.Window
	if len(in) > 3 || len(in) == 0 || len(out) != len(in) || len(size) != len(in) {
		return w, false
	}
	w = kernel.Window{In: spatial(in), Kernel: spatial(size), Stride: spatial(nil), Dilation: spatial(nil)}
	w.Ceil = n.Attrs.Bool("ceil_mode", false)
	for _, list := range []struct {
		name string
		to   *[3]int
	}{{"strides", &w.Stride}, {"dilations", &w.Dilation}} {
		if v := n.Attrs.Ints(list.name); len(v) == len(in) {
			copy(list.to[3-len(in):], v)
		} else if len(v) > 0 {
			return w, false
		}
	}
	return w, true
}

// span is how far the taps reach on an axis.
func span(w *kernel.Window, axis int) int { return w.Dilation[axis]*(w.Kernel[axis]-1) + 1 }

// halve pads an axis on both sides; an odd one goes behind if upper, else before.
func halve(w *kernel.Window, axis, total int, upper bool) {
	w.PadLo[axis], w.PadHi[axis] = total-total/2, total/2
	if upper {
		w.PadLo[axis], w.PadHi[axis] = w.PadHi[axis], w.PadLo[axis]
	}
}

// spatial puts one extent per axis behind ones up to three.
func spatial(extents []int) [3]int {
	full := [3]int{1, 1, 1}
	copy(full[3-len(extents):], extents)
	return full
}

// pad sets the padding from the attributes pads or auto_pad.
func pad(w *kernel.Window, n *ir.Node, out []int) bool {
	first := 3 - len(out)
	switch auto := n.Attrs.Str("auto_pad", "NOTSET"); auto {
	case "VALID":
	case "SAME_UPPER", "SAME_LOWER":
		for i, o := range out {
			a := first + i
			halve(w, a, max(0, (o-1)*w.Stride[a]+span(w, a)-w.In[a]), auto == "SAME_UPPER")
		}
	default:
		pads := n.Attrs.Ints("pads")
		if len(pads) == 0 {
			break
		}
		if len(pads) != 2*len(out) {
			return false
		}
		copy(w.PadLo[first:], pads[:len(out)])
		copy(w.PadHi[first:], pads[len(out):])
	}
	return true
}

// rest returns the extents behind batch and channels.
func rest(shape []int) []int { return shape[2:] }
