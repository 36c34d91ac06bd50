package op

import (
	"fmt"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

var spatialOps = []Op{
	imageDecoder,
	{Name: "AffineGrid", MinIn: 2, Body: affineGridBody},
	{Name: "CenterCropPad", MinIn: 2, Body: centerCropPadBody},
	gridPlaces,
}

// affineGridBody maps the places of an image of the given size by theta [N,
// axes, axes+1]: a grid for GridSample.
func affineGridBody(b *ir.Builder, n *ir.Node, in []ir.ValueID) ([]ir.ValueID, error) {
	theta, size := in[0], in[1]
	places := b.Node(Domain, "GridPlaces", ir.Pairs("align_corners", n.Attrs.Int("align_corners", 0)), 1, size)[0]
	places = b.Op("CastLike", nil, places, theta)
	moved := b.Op("MatMul", nil, places, b.Op("Transpose", ir.Pairs("perm", []int{0, 2, 1}), theta))
	spatial := b.Op("Slice", nil, size, b.Ints(2), b.Ints(1<<31-1))
	shape := b.Op("Concat", ir.Pairs("axis", 0), b.Ints(0), spatial, b.Ints(-1))
	return []ir.ValueID{b.Op("Reshape", nil, moved, shape)}, nil
}

// gridPlaces lists the places of the pixels of an image of size [N, C,
// spatial...], -1 to 1 with the last axis first, and a 1: [pixels, axes+1].
var gridPlaces = Op{
	Name: "GridPlaces", Domain: Domain, MinIn: 1, Grad: zeroGrad,
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		shape := ir.Shape{ir.Symbol(""), ir.Symbol("")}
		if dims := in[0].Dims(); len(dims) > 2 {
			shape = ir.Shape{mulDims(dims[2:]...), ir.Known(len(dims) - 1)}
		}
		return []Type{{DType: tensor.Float32, Shape: shape}}, nil
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		size, err := in[0].Ints()
		if err != nil || len(size) < 3 || slices.Min(size) < 0 {
			return nil, fmt.Errorf("the size must be that of a batch of images, not %v", in[0])
		}
		spatial := size[2:]
		axes := len(spatial)
		if _, err := checkSize(append(slices.Clone(spatial), axes+1)); err != nil {
			return nil, err
		}
		out := make([]float32, 0, product(spatial)*(axes+1))
		for p := range product(spatial) {
			for axis, rest := axes-1, p; axis >= 0; axis-- {
				out = append(out, placeOf(rest%spatial[axis], spatial[axis], n.Attrs.Bool("align_corners", false)))
				rest /= spatial[axis]
			}
			out = append(out, 1)
		}
		return one(tensor.Of(out, product(spatial), axes+1))
	},
}

// placeOf is the place of the i-th of n pixels along an axis.
func placeOf(i, n int, alignCorners bool) float32 {
	if alignCorners {
		return float32(2*float64(i)/float64(max(n-1, 1)) - 1)
	}
	return float32((2*float64(i)+1)/float64(n) - 1)
}

// centerCropPadBody brings axes to the extents given, cutting off or padding
// with zeros on both sides.
func centerCropPadBody(b *ir.Builder, n *ir.Node, in []ir.ValueID) ([]ir.ValueID, error) {
	x, goal := in[0], in[1]
	extents := b.Op("Shape", nil, x)
	inputs := []ir.ValueID{x}
	axes := n.Attrs.Ints("axes")
	if axes != nil {
		extents = b.Op("Gather", nil, extents, b.Ints(axes...))
	}
	grow := b.Op("Sub", nil, b.Op("Cast", ir.Pairs("to", 7), goal), extents)
	before := b.Op("Div", nil, grow, b.Ints(2)) // truncates, so that cropping rounds as padding does
	inputs = append(inputs, b.Op("Concat", ir.Pairs("axis", 0), before, b.Op("Sub", nil, grow, before)))
	if axes != nil {
		inputs = append(inputs, ir.None, b.Ints(axes...))
	}
	return []ir.ValueID{b.Op("Pad", nil, inputs...)}, nil
}
