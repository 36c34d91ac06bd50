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
	var w kernel.Window
	if len(in) > 3 || len(in) == 0 || len(out) != len(in) || len(size) != len(in) {
		return w, false
	}
	w = kernel.Window{In: spatial(in), Kernel: spatial(size), Stride: spatial(nil), Dilation: spatial(nil)}
	w.Ceil = n.Attrs.Bool("ceil_mode", false)
	first := 3 - len(in)
	for _, list := range []struct {
		name string
		to   *[3]int
	}{{"strides", &w.Stride}, {"dilations", &w.Dilation}} {
		if v := n.Attrs.Ints(list.name); len(v) == len(in) {
			copy(list.to[first:], v)
		} else if len(v) > 0 {
			return w, false
		}
	}
	if !pad(&w, n, out, first) || w.Validate() != nil {
		return w, false
	}
	reached := w.Out()
	return w, slices.Equal(reached[first:], out)
}

// spatial puts one extent per axis behind ones up to three.
func spatial(extents []int) [3]int {
	full := [3]int{1, 1, 1}
	copy(full[3-len(extents):], extents)
	return full
}

// pad sets the padding from the attributes pads or auto_pad.
func pad(w *kernel.Window, n *ir.Node, out []int, first int) bool {
	switch auto := n.Attrs.Str("auto_pad", "NOTSET"); auto {
	case "VALID":
	case "SAME_UPPER", "SAME_LOWER":
		for i, o := range out {
			a := first + i
			span := w.Dilation[a]*(w.Kernel[a]-1) + 1
			total := max(0, (o-1)*w.Stride[a]+span-w.In[a])
			w.PadLo[a], w.PadHi[a] = total/2, total-total/2
			if auto == "SAME_LOWER" {
				w.PadLo[a], w.PadHi[a] = w.PadHi[a], w.PadLo[a]
			}
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
