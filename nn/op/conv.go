package op

import (
	"fmt"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// Convolution is a matrix product per image and group: the weights, one row
// per output channel, times the columns of inputs under the kernel, one column
// per output position. Its gradients are products of the same three matrices,
// so that Conv, ConvGradInput and ConvGradWeight are each other's gradients.
//
//	Conv(x, w, b?) -> y              x [N,C,spatial...], w [M,C/group,kernel...], y [N,M,spatial...]
//	tomo.ConvGradInput(dy, w, shape) -> dx    shape is that of x
//	tomo.ConvGradWeight(x, dy, shape) -> dw   shape is that of w
//
// All three take the attributes of ONNX Conv; up to three spatial axes.
var convOps = []Op{
	{
		Name: "Conv", MinIn: 2,
		Infer: inferConv,
		Eval:  byFloat(evalConv[float32], evalConv[float64]),
		Grad:  gradConv,
		Cost:  costConv,
	},
	{
		Name: "ConvGradInput", Domain: Domain, MinIn: 3,
		Infer: shapedBy(2, 0),
		Eval:  byFloat(evalConvGradInput[float32], evalConvGradInput[float64], 2),
		Grad:  gradConvGradInput,
		Cost:  costConvGradInput,
	},
	{
		Name: "ConvGradWeight", Domain: Domain, MinIn: 3,
		Infer: shapedBy(2, 0),
		Eval:  byFloat(evalConvGradWeight[float32], evalConvGradWeight[float64], 2),
		Grad:  gradConvGradWeight,
		Cost:  costConvGradWeight,
	},
}

// A conv is the geometry of one convolution for concrete shapes.
type conv struct {
	batch, groups int
	in, out       int // channels of one group
	window
}

// readConv checks the shapes of input and weights and works out the geometry.
func readConv(n *ir.Node, x, w []int) (*conv, error) {
	s, err := checkConv(n, ir.Dims(x...), ir.Dims(w...))
	if err != nil {
		return nil, err
	}
	win, err := s.window(x[2:])
	if err != nil {
		return nil, err
	}
	groups := n.Attrs.Int("group", 1)
	return &conv{x[0], groups, w[1], w[0] / groups, win}, nil
}

// checkConv checks what is known of the shapes of input and weights, at least
// one of which is not nil.
func checkConv(n *ir.Node, x, w ir.Shape) (sliding, error) {
	kernel, err := convKernel(n, x, w)
	if err != nil {
		return sliding{}, err
	}
	group := n.Attrs.Int("group", 1)
	switch {
	case group < 1:
		return sliding{}, fmt.Errorf("a group of %d is not possible; it must be at least 1", group)
	case w != nil && w[0].IsKnown() && w[0].N%group != 0:
		return sliding{}, fmt.Errorf("%d output channels cannot be split into %d groups", w[0].N, group)
	case w != nil && x != nil && w[1].IsKnown() && x[1].IsKnown() && (x[1].N%group != 0 || x[1].N/group != w[1].N):
		return sliding{}, fmt.Errorf("an input of %d channels does not fit weights %v of %d groups", x[1].N, w, group)
	}
	return readSliding(n.Attrs, kernel)
}

// convKernel returns the kernel's extents from the weights, the attribute
// kernel_shape or both.
func convKernel(n *ir.Node, x, w ir.Shape) (ir.Shape, error) {
	rank := max(len(x), len(w))
	switch {
	case rank < 3 || rank > 5:
		return nil, fmt.Errorf("convolution over %d spatial axes is not possible; it takes 1, 2 or 3", rank-2)
	case x != nil && w != nil && len(x) != len(w):
		return nil, fmt.Errorf("an input of shape %v and weights of shape %v differ in rank", x, w)
	}
	kernel := unknownShape(rank - 2)
	if w != nil {
		copy(kernel, w[2:])
	}
	given := n.Attrs.Ints("kernel_shape")
	if len(given) == 0 {
		return kernel, nil
	}
	if len(given) != len(kernel) {
		return nil, fmt.Errorf("kernel_shape %v has not %d entries", given, len(kernel))
	}
	for i, k := range given {
		if kernel[i].IsKnown() && kernel[i].N != k {
			return nil, fmt.Errorf("kernel_shape %v is not that of weights %v", given, w)
		}
		kernel[i] = ir.Known(k)
	}
	return kernel, nil
}

func inferConv(n *ir.Node, in []Type) ([]Type, error) {
	x, w := in[0].Shape, in[1].Shape
	out := Type{DType: in[0].DType}
	if x == nil && w == nil {
		return []Type{out}, nil
	}
	s, err := checkConv(n, x, w)
	if err != nil {
		return nil, err
	}
	out.Shape = unknownShape(2 + len(s.axes))
	if w != nil {
		out.Shape[1] = w[0]
	}
	if b := opt(in, 2).Shape; b != nil {
		if err := checkBias(b, out.Shape[1]); err != nil {
			return nil, err
		}
	}
	if x != nil {
		spatial, err := s.dims(x[2:])
		if err != nil {
			return nil, err
		}
		out.Shape[0] = x[0]
		copy(out.Shape[2:], spatial)
	}
	return []Type{out}, nil
}

func checkBias(b ir.Shape, channels ir.Dim) error {
	if len(b) != 1 || b[0].IsKnown() && channels.IsKnown() && b[0] != channels {
		return fmt.Errorf("a bias of shape %v does not fit %v output channels", b, channels)
	}
	return nil
}

func evalConv[T float](n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	c, err := readConv(n, in[0].Shape(), in[1].Shape())
	if err != nil {
		return nil, err
	}
	y, err := zeros(in[0].DType(), c.outShape(in[0].Rank())...)
	if err != nil {
		return nil, err
	}
	if b := opt(in, 2); b != nil {
		if err := checkBias(ir.ShapeOf(b), ir.Known(c.groups*c.out)); err != nil {
			return nil, err
		}
		fillChannels(tensor.Data[T](y), tensor.Data[T](b), c.outputs())
	}
	convolve(c, tensor.Data[T](in[0]), tensor.Data[T](in[1]), tensor.Data[T](y))
	return one(y)
}

func (c *conv) outShape(rank int) []int {
	return append([]int{c.batch, c.groups * c.out}, c.window.out[5-rank:]...)
}

// fillChannels sets every element of y [N,C,positions] to its channel's value.
func fillChannels[T float](y, channel []T, positions int) {
	for i := range y {
		y[i] = channel[i/positions%len(channel)]
	}
}

// convolve adds the convolution of x with w to y.
func convolve[T float](c *conv, x, w, y []T) {
	eachBlock(c, func(image, group, lo, hi int, buf *[]T) {
		col := columns(c, part(c, x, image, group, c.in*c.inputs()), lo, hi, buf)
		out := dense(part(c, y, image, group, c.out*c.outputs()), c.out, c.outputs())
		mulAdd(out.columns(lo, hi), weights(c, w, group), col)
	})
}

func evalConvGradInput[T float](n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	shape, err := shapeFrom(in[2])
	if err != nil {
		return nil, err
	}
	c, err := readConv(n, shape, in[1].Shape())
	if err != nil {
		return nil, err
	}
	if err := needShape("the gradient of the output", in[0].Shape(), c.outShape(len(shape))); err != nil {
		return nil, err
	}
	dx, err := zeros(in[0].DType(), shape...)
	if err != nil {
		return nil, err
	}
	convolveBack(c, tensor.Data[T](in[0]), tensor.Data[T](in[1]), tensor.Data[T](dx))
	return one(dx)
}

// convolveBack adds to dx what dy sends back through w: a transposed
// convolution.
func convolveBack[T float](c *conv, dy, w, dx []T) {
	eachBlock(c, func(image, group, lo, hi int, buf *[]T) {
		*buf = grow(*buf, c.in*c.taps()*(hi-lo))
		clear(*buf)
		col := dense(*buf, c.in*c.taps(), hi-lo)
		out := dense(part(c, dy, image, group, c.out*c.outputs()), c.out, c.outputs())
		mulAdd(col, weights(c, w, group).transposed(), out.columns(lo, hi))
		scatterColumns(c, part(c, dx, image, group, c.in*c.inputs()), col, lo, hi)
	})
}

func evalConvGradWeight[T float](n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	shape, err := shapeFrom(in[2])
	if err != nil {
		return nil, err
	}
	c, err := readConv(n, in[0].Shape(), shape)
	if err != nil {
		return nil, err
	}
	if err := needShape("the gradient of the output", in[1].Shape(), c.outShape(len(shape))); err != nil {
		return nil, err
	}
	dw, err := zeros(in[0].DType(), shape...)
	if err != nil {
		return nil, err
	}
	weightGrad(c, tensor.Data[T](in[0]), tensor.Data[T](in[1]), tensor.Data[T](dw))
	return one(dw)
}

// weightGrad adds the products of dy with the inputs under the kernel to dw.
func weightGrad[T float](c *conv, x, dy, dw []T) {
	eachBlock(c, func(image, group, lo, hi int, buf *[]T) {
		col := columns(c, part(c, x, image, group, c.in*c.inputs()), lo, hi, buf)
		out := dense(part(c, dy, image, group, c.out*c.outputs()), c.out, c.outputs())
		mulAdd(weights(c, dw, group), out.columns(lo, hi), col.transposed())
	})
}
