package op

import (
	"fmt"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// legacyOps were experimental in ONNX 1.0 to 1.4 and left without a successor;
// models converted from Core ML and Caffe2 still hold them. Affine, ScaledTanh
// and ParametricSoftplus are among the activations.
var legacyOps = []Op{
	{
		Name: "ImageScaler", MinIn: 1,
		Infer: inferImageScaler,
		Eval:  byFloat(evalImageScaler[float32], evalImageScaler[float64]),
		Grad:  gradImageScaler,
		Cost:  flops(2),
	},
	{
		Name: "Crop", MinIn: 1,
		Infer: inferCrop,
		Eval:  byFloat(evalCrop[float32], evalCrop[float64]),
		Grad:  gradCrop,
	},
}

// inferImageScaler: y = scale·x + bias[channel] for images [N,C,H,W].
func inferImageScaler(n *ir.Node, in []Type) ([]Type, error) {
	bias := n.Attrs.Floats("bias")
	if x := in[0].Shape; x != nil && (len(x) != 4 || len(bias) > 0 && x[1].IsKnown() && x[1].N != len(bias)) {
		return nil, fmt.Errorf("an input of shape %v is not images of %d channels", x, len(bias))
	}
	return sameType(n, in)
}

func evalImageScaler[T float](n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	if _, err := inferImageScaler(n, mapTo(in[:1], TypeOf)); err != nil {
		return nil, err
	}
	bias := n.Attrs.Floats("bias")
	if len(bias) == 0 {
		bias = []float32{0}
	}
	scale, positions := T(n.Attrs.Float("scale", 1)), product(in[0].Shape()[2:])
	y := make([]T, in[0].Len())
	for i, v := range tensor.Data[T](in[0]) {
		y[i] = scale*v + T(bias[i/positions%len(bias)])
	}
	return one(tensor.Of(y, in[0].Shape()...))
}

func gradImageScaler(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	out := noGrads(n)
	if g.Needs(0) {
		out[0] = g.Op("Mul", nil, dy[0], g.scalar(n.Attrs.Float("scale", 1), n.Inputs[0]))
	}
	return out, nil
}

// cropped returns where a crop of an image's height (or width) begins and how
// much it keeps: all but the border, or as much as scale says.
func cropped(n *ir.Node, axis, extent int) (from, size int, err error) {
	border := n.Attrs.Ints("border") // left, top, right, bottom
	if len(border) != 4 {
		return 0, 0, fmt.Errorf("border %v has not 4 entries", border)
	}
	from = border[1-axis]
	size = extent - from - border[3-axis]
	if scale := n.Attrs.Ints("scale"); len(scale) == 2 {
		size = scale[axis]
	}
	if from < 0 || size < 1 || from > extent || size > extent-from {
		return 0, 0, fmt.Errorf("a border of %v leaves nothing, or more than there is, of an extent of %d", border, extent)
	}
	return from, size, nil
}

func inferCrop(n *ir.Node, in []Type) ([]Type, error) {
	out := Type{DType: in[0].DType}
	x := in[0].Shape
	if x == nil {
		return []Type{out}, nil
	}
	if len(x) != 4 {
		return nil, fmt.Errorf("an input of shape %v is not images", x)
	}
	out.Shape = ir.Shape{x[0], x[1], ir.Symbol(""), ir.Symbol("")}
	for axis := range 2 {
		if d := x[2+axis]; d.IsKnown() {
			_, size, err := cropped(n, axis, d.N)
			if err != nil {
				return nil, err
			}
			out.Shape[2+axis] = ir.Known(size)
		}
	}
	return []Type{out}, nil
}

func evalCrop[T float](n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	types, err := inferCrop(n, mapTo(in[:1], TypeOf))
	if err != nil {
		return nil, err
	}
	x, shape := in[0], in[0].Shape()
	out, _ := types[0].Shape.Ints()
	top, _, _ := cropped(n, 0, shape[2])
	left, _, _ := cropped(n, 1, shape[3])
	y := tensor.New(x.DType(), out...)
	for plane := range out[0] * out[1] {
		for row := range out[2] {
			y.CopyRange((plane*out[2]+row)*out[3], x, (plane*shape[2]+top+row)*shape[3]+left, out[3])
		}
	}
	return one(y)
}

// gradCrop pads with zeros what was cut off.
func gradCrop(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	out := noGrads(n)
	if !g.Needs(0) {
		return out, nil
	}
	extents, ok := g.Type(n.Inputs[0]).Shape.Ints()
	if !ok || len(extents) != 4 {
		return nil, fmt.Errorf("the gradient needs the extents of the input, which are not known; give the model's input a shape")
	}
	pads := make([]int, 8)
	for axis := range 2 {
		from, size, err := cropped(n, axis, extents[2+axis])
		if err != nil {
			return nil, err
		}
		pads[2+axis], pads[6+axis] = from, extents[2+axis]-from-size
	}
	out[0] = g.Op("Pad", nil, dy[0], g.Ints(pads...))
	return out, nil
}
