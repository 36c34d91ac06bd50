package ort

import (
	"github.com/tomo-viz/tomo/nn/ir"
)

// convAxes reads the geometry of a convolution of x with w to y.
func convAxes(n *ir.Node, x, w, y []int) []axis { return window(n, w[2:], x[2:], y[2:]) }

// lowerConvGradInput convolves backwards. With strides of 1 that is again a
// convolution, with the kernels flipped and inputs and outputs changed over,
// which ONNX Runtime computes faster than a transposed one.
func lowerConvGradInput(l *lowering, n *ir.Node) (ir.ValueID, error) {
	dy, w := n.Inputs[0], n.Inputs[1]
	axes := convAxes(n, l.shape(n.Outputs[0]), l.shape(w), l.shape(dy))
	group := n.Attrs.Int("group", 1)
	pads := make([]int, 2*len(axes))
	for i, a := range axes {
		pads[i] = a.span() - 1 - a.before
		pads[len(axes)+i] = a.in + a.before - a.out
		if a.stride != 1 || pads[i] < 0 || pads[len(axes)+i] < 0 {
			return l.spread(dy, w, group, axes), nil
		}
	}
	attrs := sliding(axes, group)
	attrs["pads"] = ir.Pairs("", pads)[""]
	return l.Op("Conv", attrs, dy, l.turned(w, group)), nil
}

// turned makes [C,M/group,kernel...] of weights [M,C/group,kernel...], with the
// kernels flipped.
func (l *lowering) turned(w ir.ValueID, group int) ir.ValueID {
	s := l.shape(w)
	out, in, kernel := s[0]/group, s[1], s[2:]
	v := l.reshape(w, append([]int{group, out, in}, kernel...)...)
	order := []int{0, 2, 1}
	for i := range kernel {
		order = append(order, 3+i)
	}
	v = l.transpose(v, order...)
	v = l.reshape(v, append([]int{group * in, out}, kernel...)...)
	if product(kernel) == 1 {
		return v
	}
	return l.reverse(v, spatialAxes(len(kernel))...)
}

// lowerConvGradWeight multiplies dy with the columns of inputs under the kernel:
// for each image and group [M,positions] times [positions,C·taps].
func lowerConvGradWeight(l *lowering, n *ir.Node) (ir.ValueID, error) {
	x, dy := n.Inputs[0], n.Inputs[1]
	w, from := l.shape(n.Outputs[0]), l.shape(x)
	axes := convAxes(n, from, w, l.shape(dy))
	group := n.Attrs.Int("group", 1)
	batch, positions := from[0], product(l.shape(dy)[2:])
	cols := l.columns(x, from, axes)
	cols = l.reshape(cols, batch, group, product(w[1:]), positions)
	cols = l.transpose(cols, 0, 1, 3, 2)
	rows := l.reshape(dy, batch, group, w[0]/group, positions)
	dw := l.Op("MatMul", nil, rows, cols)
	if batch > 1 {
		dw = l.sum(dw, 0)
	}
	return l.reshape(dw, w...), nil
}

// columns returns [N,C,taps,positions]: for each place in the kernel the inputs
// that the outputs read there.
func (l *lowering) columns(x ir.ValueID, shape []int, axes []axis) ir.ValueID {
	v := l.padded(x, len(shape), axes)
	taps := product(each(axes, func(a axis) int { return a.kernel }))
	spatial := each(axes, func(a axis) int { return a.out })
	var parts []ir.ValueID
	for tap := range taps {
		part := v
		starts, ends := make([]int, len(axes)), make([]int, len(axes))
		rest, whole := tap, true
		for i := len(axes) - 1; i >= 0; i-- {
			a := axes[i]
			starts[i] = rest % a.kernel * a.dilation
			ends[i] = starts[i] + (a.out-1)*a.stride + 1
			whole = whole && starts[i] == 0 && a.stride == 1 && a.reach() == a.out
			rest /= a.kernel
		}
		if !whole {
			part = l.Op("Slice", nil, v, l.Ints(starts...), l.Ints(ends...), l.Ints(spatialAxes(len(axes))...), l.Ints(each(axes, func(a axis) int { return a.stride })...))
		}
		parts = append(parts, l.reshape(part, shape[0], shape[1], 1, product(spatial)))
	}
	return l.concat(2, parts...)
}

// padded pads or crops x to just what the outputs read.
func (l *lowering) padded(x ir.ValueID, rank int, axes []axis) ir.ValueID {
	pads := make([]int, 2*rank)
	for i, a := range axes {
		pads[2+i], pads[rank+2+i] = a.before, a.reach()-a.before-a.in
	}
	return l.pad(x, pads...)
}

func spatialAxes(n int) []int {
	axes := make([]int, n)
	for i := range axes {
		axes[i] = 2 + i
	}
	return axes
}
