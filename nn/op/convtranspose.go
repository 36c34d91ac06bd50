package op

import (
	"fmt"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// ConvTranspose(x, w, b?) -> y is the gradient of a convolution from y to x
// with respect to y: x [N,C,spatial...] is its output, w [C,M/group,kernel...]
// its weights, y [N,M,spatial...] its input. output_padding and output_shape
// settle which of the inputs that make the same x is meant.
var convTransposeOps = []Op{{
	Name: "ConvTranspose", MinIn: 2,
	Infer: inferConvTranspose,
	Eval:  byFloat(evalConvTranspose[float32], evalConvTranspose[float64]),
	Grad:  gradConvTranspose,
	Cost:  func(_ *ir.Node, in, _ []Type) Cost { return convCost(in[0], in[1].Shape) },
}}

// A transposed is what a node says of a transposed convolution.
type transposed struct {
	sliding
	extra []int // output_padding
	shape []int // output_shape, or nil
	upper bool
}

func readTransposed(n *ir.Node, x, w ir.Shape) (transposed, error) {
	kernel, err := convKernel(n, x, w)
	if err != nil {
		return transposed{}, err
	}
	if err := checkTransposedChannels(n, x, w); err != nil {
		return transposed{}, err
	}
	t := transposed{upper: n.Attrs.Str("auto_pad", "") == "SAME_UPPER"}
	if t.sliding, err = readSliding(n.Attrs, kernel); err != nil {
		return t, err
	}
	if t.extra, err = perAxis(n.Attrs, "output_padding", len(kernel), 0); err != nil {
		return t, err
	}
	t.shape = n.Attrs.Ints("output_shape")
	if len(t.shape) == len(kernel)+2 { // old exporters name all axes
		t.shape = t.shape[2:]
	}
	if len(t.shape) != 0 && len(t.shape) != len(kernel) {
		return t, fmt.Errorf("output_shape %v has not %d entries", t.shape, len(kernel))
	}
	return t, t.checkExtents()
}

func (t *transposed) checkExtents() error {
	for i, e := range t.extra {
		if e < 0 || e > maxWindow {
			return fmt.Errorf("an output_padding of %d on spatial axis %d is not possible", e, i)
		}
	}
	for i, d := range t.shape {
		if d < 1 || d > maxWindow {
			return fmt.Errorf("an output_shape of %d on spatial axis %d is not possible", d, i)
		}
	}
	return nil
}

func checkTransposedChannels(n *ir.Node, x, w ir.Shape) error {
	group := n.Attrs.Int("group", 1)
	if group < 1 {
		return fmt.Errorf("a group of %d is not possible; it must be at least 1", group)
	}
	if w == nil || !w[0].IsKnown() {
		return nil
	}
	switch {
	case w[0].N%group != 0:
		return fmt.Errorf("%d input channels cannot be split into %d groups", w[0].N, group)
	case x != nil && x[1].IsKnown() && x[1] != w[0]:
		return fmt.Errorf("an input of %d channels does not fit weights %v", x[1].N, w)
	case w[1].IsKnown() && w[1].N > maxWindow/group:
		return fmt.Errorf("weights %v of %d groups make too many channels", w, group)
	}
	return nil
}

// place returns axis i with its padding settled and the output extent, for an
// input extent (ONNX, ConvTranspose).
func (t *transposed) place(i, in int) (slide, int, error) {
	a := t.axes[i]
	full := (in-1)*a.stride + a.span() + t.extra[i]
	out := full - a.before - a.after
	switch {
	case len(t.shape) > 0:
		out = t.shape[i]
	case t.same != "":
		out = in * a.stride
	}
	if len(t.shape) > 0 || t.same != "" {
		a.before, a.after = halves(max(full-out, 0), t.upper)
		a.after = full - out - a.before
	}
	if in < 1 || out < 1 {
		return a, 0, fmt.Errorf("spatial axis %d: an input of %d makes an output of %d", i, in, out)
	}
	return a, out, nil
}

func inferConvTranspose(n *ir.Node, in []Type) ([]Type, error) {
	x, w := in[0].Shape, in[1].Shape
	out := Type{DType: in[0].DType}
	if x == nil && w == nil {
		return []Type{out}, nil
	}
	t, err := readTransposed(n, x, w)
	if err != nil {
		return nil, err
	}
	out.Shape = unknownShape(2 + len(t.axes))
	if w != nil {
		out.Shape[1] = mulDims(w[1], ir.Known(n.Attrs.Int("group", 1)))
	}
	if b := opt(in, 2).Shape; b != nil {
		if err := checkBias(b, out.Shape[1]); err != nil {
			return nil, err
		}
	}
	if x != nil {
		out.Shape[0] = x[0]
		return []Type{out}, t.inferSpatial(x[2:], out.Shape[2:])
	}
	return []Type{out}, nil
}

func (t *transposed) inferSpatial(in, out ir.Shape) error {
	for i, d := range in {
		if len(t.shape) > 0 {
			out[i] = ir.Known(t.shape[i])
		}
		if t.same != "" && len(t.shape) == 0 {
			out[i] = mulDims(d, ir.Known(t.axes[i].stride))
		}
		if !d.IsKnown() || t.axes[i].kernel < 0 {
			continue
		}
		_, extent, err := t.place(i, d.N)
		if err != nil {
			return err
		}
		out[i] = ir.Known(extent)
	}
	return nil
}

// conv returns the geometry of the convolution that this one transposes.
func (t *transposed) conv(n *ir.Node, x, w []int) (*conv, error) {
	groups := n.Attrs.Int("group", 1)
	c := &conv{batch: x[0], groups: groups, in: w[1], out: w[0] / groups, window: unitWindow()}
	lead := 5 - len(x)
	for i, d := range x[2:] {
		var err error
		if c.axis[lead+i], c.window.in[lead+i], err = t.place(i, d); err != nil {
			return nil, err
		}
		c.window.out[lead+i] = d
	}
	return c, nil
}

func evalConvTranspose[T float](n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	x, w := in[0], in[1]
	t, err := readTransposed(n, ir.ShapeOf(x), ir.ShapeOf(w))
	if err != nil {
		return nil, err
	}
	c, err := t.conv(n, x.Shape(), w.Shape())
	if err != nil {
		return nil, err
	}
	shape := append([]int{c.batch, c.groups * c.in}, c.window.in[5-x.Rank():]...)
	y, err := zeros(x.DType(), shape...)
	if err != nil {
		return nil, err
	}
	if b := opt(in, 2); b != nil {
		if err := checkBias(ir.ShapeOf(b), ir.Known(shape[1])); err != nil {
			return nil, err
		}
		fillChannels(tensor.Data[T](y), tensor.Data[T](b), c.inputs())
	}
	convolveBack(c, tensor.Data[T](x), tensor.Data[T](w), tensor.Data[T](y))
	return one(y)
}

// gradConvTranspose sends dy through the convolution that was transposed.
func gradConvTranspose(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	out := noGrads(n)
	x, w := n.Inputs[0], n.Inputs[1]
	if g.Needs(0) || g.Needs(1) {
		attrs, err := transposedAttrs(n, g.Type(x).Shape, g.Type(w).Shape)
		if err != nil {
			return nil, err
		}
		if g.Needs(0) {
			out[0] = g.Op("Conv", attrs, dy[0], w)
		}
		if g.Needs(1) {
			out[1] = g.tomo("ConvGradWeight", attrs, dy[0], x, g.shapeOf(w))
		}
	}
	if g.Needs(2) {
		var err error
		if out[2], err = g.channelSum(dy[0], x, w); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// transposedAttrs spells out the padding for a Conv from y back to x, so that
// it makes exactly x's extents: what output_padding added is cropped.
func transposedAttrs(n *ir.Node, x, w ir.Shape) (ir.Attrs, error) {
	if x == nil && w == nil {
		return nil, errRank
	}
	t, err := readTransposed(n, x, w)
	if err != nil {
		return nil, err
	}
	before, after := make([]int, len(t.axes)), make([]int, len(t.axes))
	for i := range t.axes {
		a, err := t.placeSymbolic(i, x)
		if err != nil {
			return nil, err
		}
		before[i], after[i] = a.before, a.after-t.extra[i]
	}
	attrs := ir.Pairs("pads", slices.Concat(before, after))
	for _, name := range []string{"strides", "dilations", "group", "kernel_shape"} {
		if v, ok := n.Attrs[name]; ok {
			attrs[name] = v
		}
	}
	return attrs, nil
}

// placeSymbolic is place where the input extent may not be known: explicit
// padding does not depend on it, and SAME padding is the same for all.
func (t *transposed) placeSymbolic(i int, x ir.Shape) (slide, error) {
	switch {
	case len(t.shape) == 0 && t.same == "":
		return t.axes[i], nil
	case t.axes[i].kernel < 0:
		return slide{}, fmt.Errorf("the gradient needs the extents of the kernel, which are not known")
	case x != nil && x[2+i].IsKnown():
		a, _, err := t.place(i, x[2+i].N)
		return a, err
	case len(t.shape) == 0:
		a, _, err := t.place(i, 1)
		return a, err
	}
	return slide{}, fmt.Errorf("the gradient with output_shape needs the extents of the input, which are not known; give the model's input a shape")
}
