package model

import (
	"image"

	"github.com/tomo-viz/tomo/nn/ir"
)

// A window slides over rows and columns, as a convolution or a pooling does;
// index 0 is the rows.
type window struct {
	kernel, stride, dilation, before [2]int
}

// window reads that of a node which slides from one grid to a smaller one.
func (t *tracer) window(n *ir.Node, from, to image.Rectangle) window {
	w := window{kernel: [2]int{1, 1}, stride: [2]int{1, 1}, dilation: [2]int{1, 1}}
	kernel := n.Attrs.Ints("kernel_shape")
	if weights := n.Input(1); len(kernel) == 0 && weights != ir.None {
		if n.Op == "QLinearConv" {
			weights = n.Input(3)
		}
		if shape, ok := t.Types[weights].Shape.Ints(); ok && len(shape) > 2 {
			kernel = shape[2:]
		}
	}
	lastTwo(&w.kernel, kernel)
	lastTwo(&w.stride, n.Attrs.Ints("strides"))
	lastTwo(&w.dilation, n.Attrs.Ints("dilations"))
	pads := n.Attrs.Ints("pads")
	lastTwo(&w.before, pads[:len(pads)/2])
	sizes, outs := [2]int{from.Dy(), from.Dx()}, [2]int{to.Dy(), to.Dx()}
	for i := range 2 {
		total := max(0, (outs[i]-1)*w.stride[i]+w.reach(i)-sizes[i])
		switch n.Attrs.Str("auto_pad", "NOTSET") {
		case "SAME_UPPER":
			w.before[i] = total / 2
		case "SAME_LOWER":
			w.before[i] = total - total/2
		}
	}
	return w
}

// lastTwo copies the rows' and the columns' number; of one alone, as of a
// signal, that of the columns.
func lastTwo(to *[2]int, from []int) {
	for i := 1; i <= min(2, len(from)); i++ {
		to[2-i] = from[len(from)-i]
	}
}

// reach is how many rows or columns a window covers, holes included.
func (w window) reach(i int) int { return (w.kernel[i]-1)*w.dilation[i] + 1 }

// back returns what the windows at some places cover.
func (w window) back(r image.Rectangle) image.Rectangle {
	y0, x0 := r.Min.Y*w.stride[0]-w.before[0], r.Min.X*w.stride[1]-w.before[1]
	y1, x1 := (r.Max.Y-1)*w.stride[0]-w.before[0]+w.reach(0), (r.Max.X-1)*w.stride[1]-w.before[1]+w.reach(1)
	return image.Rect(x0, y0, x1, y1)
}

// forth returns the places whose windows cover any of r.
func (w window) forth(r image.Rectangle) image.Rectangle {
	first := func(at, i int) int { return ceilDiv(at+w.before[i]-w.reach(i)+1, w.stride[i]) }
	last := func(at, i int) int { return ceilDiv(at+w.before[i], w.stride[i]) }
	return image.Rect(first(r.Min.X, 1), first(r.Min.Y, 0), last(r.Max.X, 1), last(r.Max.Y, 0))
}

func ceilDiv(a, b int) int {
	if a <= 0 {
		return -(-a / b)
	}
	return (a + b - 1) / b
}

// rescaled returns what places of an enlarged or reduced grid are made of, with
// the neighbours that interpolation takes.
func rescaled(n *ir.Node, r, from, to image.Rectangle) image.Rectangle {
	reach := 1
	switch {
	case n.Op == "DepthToSpace" || n.Op == "SpaceToDepth":
		reach = 0
	case n.Attrs.Str("mode", "nearest") == "cubic":
		reach = 2
	}
	low := func(at, in, out int) int { return at*in/out - reach }
	high := func(at, in, out int) int { return (at*in+out-1)/out + reach }
	return image.Rect(low(r.Min.X, from.Dx(), to.Dx()), low(r.Min.Y, from.Dy(), to.Dy()),
		high(r.Max.X, from.Dx(), to.Dx()), high(r.Max.Y, from.Dy(), to.Dy()))
}
