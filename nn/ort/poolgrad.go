package ort

import (
	"maps"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// lowerMaxPoolGrad adds each gradient at the place of its window's maximum,
// which MaxPool tells as an index into the whole of x.
func lowerMaxPoolGrad(l *lowering, n *ir.Node) (ir.ValueID, error) {
	dy, x := n.Inputs[0], n.Inputs[1]
	attrs := maps.Clone(n.Attrs)
	delete(attrs, "storage_order")
	indices := l.Node("", "MaxPool", attrs, 2, x)[1]
	shape := l.shape(x)
	sum := l.addAt(l.zeros(product(shape)), l.reshape(indices, -1), l.reshape(dy, -1), 0)
	return l.reshape(sum, shape...), nil
}

// lowerGlobalMaxPoolGrad gives the gradient to the first maximum of each plane.
func lowerGlobalMaxPoolGrad(l *lowering, n *ir.Node) (ir.ValueID, error) {
	dy, x := n.Inputs[0], n.Inputs[1]
	shape := l.shape(x)
	planes, size := shape[0]*shape[1], product(shape[2:])
	best := l.Op("ArgMax", ir.Pairs("axis", 1), l.reshape(x, planes, size))
	dx := l.addAt(l.zeros(planes, size), best, l.reshape(dy, planes, 1), 1)
	return l.reshape(dx, shape...), nil
}

// lowerAveragePoolGrad divides each gradient by the number of inputs it
// averages and spreads it over them.
func lowerAveragePoolGrad(l *lowering, n *ir.Node) (ir.ValueID, error) {
	axes := l.poolAxes(n)
	share := l.mul(n.Inputs[0], l.Const(converted(shares(axes, n), l.dtype)))
	return l.spreadPlanes(share, n, axes), nil
}

// lowerLpPoolGrad: dx is dy·sign(x)(|x|/y)^(p-1), summed over the windows, and
// zero where the norm is.
func lowerLpPoolGrad(l *lowering, n *ir.Node) (ir.ValueID, error) {
	dy, x, y := n.Inputs[0], n.Inputs[1], n.Inputs[2]
	share := l.spreadPlanes(l.perNorm(dy, y, n), n, l.poolAxes(n))
	return l.mul(share, l.power(x, n)), nil
}

// lowerGlobalLpPoolGrad is that of one window.
func lowerGlobalLpPoolGrad(l *lowering, n *ir.Node) (ir.ValueID, error) {
	dy, x, y := n.Inputs[0], n.Inputs[1], n.Inputs[2]
	return l.mul(l.perNorm(dy, y, n), l.power(x, n)), nil
}

// perNorm is dy/y^(p-1), zero where y is.
func (l *lowering) perNorm(dy, y ir.ValueID, n *ir.Node) ir.ValueID {
	share := l.Op("Div", nil, dy, l.Op("Pow", nil, y, l.number(order(n)-1)))
	return l.where(l.greater(y, 0), share, l.number(0))
}

// power is sign(x)|x|^(p-1).
func (l *lowering) power(x ir.ValueID, n *ir.Node) ir.ValueID {
	if order(n) == 2 {
		return x
	}
	sign := l.where(l.less(x, 0), l.number(-1), l.number(1))
	return l.mul(sign, l.Op("Pow", nil, l.Op("Abs", nil, x), l.number(order(n)-1)))
}

// order reads p, a float in the first opset and an integer since.
func order(n *ir.Node) float64 { return n.Attrs.Float("p", float64(n.Attrs.Int("p", 2))) }

// poolAxes reads the geometry of the pooling that n is the gradient of.
func (l *lowering) poolAxes(n *ir.Node) []axis {
	return window(n, n.Attrs.Ints("kernel_shape"), l.shape(n.Outputs[0])[2:], l.shape(n.Inputs[0])[2:])
}

// spreadPlanes adds each element of v, which has the shape of the pooling's
// output, to all inputs of its window.
func (l *lowering) spreadPlanes(v ir.ValueID, n *ir.Node, axes []axis) ir.ValueID {
	from, to := l.shape(n.Inputs[0]), l.shape(n.Outputs[0])
	planes, kernel := to[0]*to[1], n.Attrs.Ints("kernel_shape")
	v = l.reshape(v, append([]int{planes, 1}, from[2:]...)...)
	ones := l.Const(filled(l.dtype, 1, append([]int{1, 1}, kernel...)...))
	return l.reshape(l.spread(v, ones, 1, axes), to...)
}

// shares returns one over the number of elements that each output averages, of
// the shape of the output without batch and channels.
func shares(axes []axis, n *ir.Node) *tensor.Tensor {
	spatial := each(axes, func(a axis) int { return a.out })
	values := make([]float64, product(spatial))
	for o := range values {
		count, rest := 1, o
		for i := len(axes) - 1; i >= 0; i-- {
			count *= axes[i].averaged(rest%axes[i].out, n)
			rest /= axes[i].out
		}
		values[o] = 1 / float64(max(count, 1))
	}
	return tensor.Of(values, spatial...)
}

// averaged returns how many elements along the axis output o averages: those
// inside the input, and with count_include_pad those in the padding too, though
// not what ceil_mode adds behind it.
func (a axis) averaged(o int, n *ir.Node) int {
	if !n.Attrs.Bool("count_include_pad", false) {
		return a.count(o)
	}
	wide := a
	wide.in, wide.before = a.in+a.before+a.after, 0
	return wide.count(o)
}

// filled returns a tensor of one number.
func filled(dtype tensor.DType, x float64, shape ...int) *tensor.Tensor {
	values := make([]float64, product(shape))
	for i := range values {
		values[i] = x
	}
	return converted(tensor.Of(values, shape...), dtype)
}
