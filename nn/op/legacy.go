package op

import (
	"fmt"
	"math"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// legacyOps were experimental in ONNX 1.0 to 1.4 and left without a successor;
// models converted from Core ML and Caffe2 still hold them. Affine, ScaledTanh
// and ParametricSoftplus are among the activations.
var legacyOps = []Op{
	{Name: "ImageScaler", MinIn: 1, Body: imageScaler},
	{Name: "Crop", MinIn: 1, Body: crop},
}

// imageScaler: y = scale·x + bias[channel] for images [N,C,H,W].
func imageScaler(b *ir.Builder, n *ir.Node, in []ir.ValueID) ([]ir.ValueID, error) {
	like := func(t *tensor.Tensor) ir.ValueID { return b.Op("CastLike", nil, b.Const(t), in[0]) }
	y := b.Op("Mul", nil, in[0], like(tensor.Scalar(float32(n.Attrs.Float("scale", 1)))))
	if bias := n.Attrs.Floats("bias"); len(bias) > 0 {
		y = b.Op("Add", nil, y, like(tensor.Of(bias, len(bias), 1, 1)))
	}
	return []ir.ValueID{y}, nil
}

// crop cuts the border (left, top, right, bottom) off images [N,C,H,W], or
// keeps the height and width of scale behind the left and the top one.
func crop(b *ir.Builder, n *ir.Node, in []ir.ValueID) ([]ir.ValueID, error) {
	border := n.Attrs.Ints("border")
	if len(border) != 4 || min(border[0], border[1], border[2], border[3]) < 0 {
		return nil, fmt.Errorf("border %v is not four widths", border)
	}
	starts := []int{border[1], border[0]}
	ends := []int{-border[3], -border[2]}
	for i := range ends {
		if ends[i] == 0 {
			ends[i] = math.MaxInt64
		}
		if scale := n.Attrs.Ints("scale"); len(scale) == 2 {
			ends[i] = starts[i] + scale[i]
		}
	}
	return []ir.ValueID{b.Op("Slice", nil, in[0], b.Ints(starts...), b.Ints(ends...), b.Ints(2, 3))}, nil
}
