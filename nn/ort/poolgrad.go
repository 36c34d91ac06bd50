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
	sum := l.addAt(l.zeros(dy, product(shape)), l.reshape(indices, -1), l.reshape(dy, -1), 0)
	return l.reshape(sum, shape...), nil
}

// addAt adds updates to data at indices along an axis.
func (l *lowering) addAt(data, indices, updates ir.ValueID, axis int) ir.ValueID {
	return l.Op("ScatterElements", ir.Pairs("axis", axis, "reduction", "add"), data, indices, updates)
}

// lowerGlobalMaxPoolGrad gives the gradient to the first maximum of each plane.
func lowerGlobalMaxPoolGrad(l *lowering, n *ir.Node) (ir.ValueID, error) {
	dy, x := n.Inputs[0], n.Inputs[1]
	shape := l.shape(x)
	planes, size := shape[0]*shape[1], product(shape[2:])
	best := l.Op("ArgMax", ir.Pairs("axis", 1), l.reshape(x, planes, size))
	dx := l.addAt(l.zeros(dy, planes, size), best, l.reshape(dy, planes, 1), 1)
	return l.reshape(dx, shape...), nil
}

// lowerAveragePoolGrad divides each gradient by the number of inputs it
// averages and spreads it over them.
func lowerAveragePoolGrad(l *lowering, n *ir.Node) (ir.ValueID, error) {
	dy := n.Inputs[0]
	from, to := l.shape(dy), l.shape(n.Outputs[0])
	axes := window(n, n.Attrs.Ints("kernel_shape"), to[2:], from[2:])
	planes := to[0] * to[1]
	share := l.Op("Mul", nil, dy, l.Const(shares(axes, n, l.types[dy].DType)))
	share = l.reshape(share, append([]int{planes, 1}, from[2:]...)...)
	ones := l.Const(filled(l.types[dy].DType, 1, append([]int{1, 1}, n.Attrs.Ints("kernel_shape")...)...))
	return l.reshape(l.spread(share, ones, 1, axes), to...), nil
}

// shares returns one over the number of elements that each output averages, of
// the shape of the output without batch and channels.
func shares(axes []axis, n *ir.Node, dtype tensor.DType) *tensor.Tensor {
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
	return converted(tensor.Of(values, spatial...), dtype)
}

// averaged returns how many elements along the axis output o averages: those
// inside the input, and with count_include_pad those in the padding too, though
// not what ceil_mode adds behind it.
func (a axis) averaged(o int, n *ir.Node) int {
	if !n.Attrs.Bool("count_include_pad", false) {
		return a.count(o)
	}
	wide := a
	wide.in, wide.before = a.in+a.before+a.behind(n), 0
	return wide.count(o)
}

// behind is the padding behind the input.
func (a axis) behind(n *ir.Node) int {
	if n.Attrs.Str("auto_pad", "NOTSET") != "NOTSET" || len(n.Attrs.Ints("pads")) == 0 {
		return max(a.reach()-a.in-a.before, 0)
	}
	return a.after
}

// filled returns a tensor of one number.
func filled(dtype tensor.DType, x float64, shape ...int) *tensor.Tensor {
	values := make([]float64, product(shape))
	for i := range values {
		values[i] = x
	}
	return converted(tensor.Of(values, shape...), dtype)
}

func converted(t *tensor.Tensor, dtype tensor.DType) *tensor.Tensor {
	c, err := t.Convert(dtype)
	if err != nil {
		panic("ort: " + err.Error()) // numbers become any numbers
	}
	return c
}
