package op

import (
	"fmt"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// maxUnpool puts the maxima of a MaxPool back where its second output says
// they came from, among zeros. The extents of the output are an input, or
// follow from the pooling's attributes.
var maxUnpool = Op{
	Name: "MaxUnpool", MinIn: 2,
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		out := Type{DType: in[0].DType}
		if n.Input(2) != ir.None {
			var err error
			if out.Shape = unknownRankFrom(in[2]); in[2].Dims() != nil {
				out.Shape, err = shapeHeld(in[2])
			}
			return []Type{out}, err
		}
		shape, ok := in[0].Shape.Ints()
		if !ok {
			return []Type{out}, nil
		}
		shape, err := unpooledShape(n, shape)
		if err == nil {
			out.Shape = ir.Dims(shape...)
		}
		return []Type{out}, err
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		if !slices.Equal(in[0].Shape(), in[1].Shape()) {
			return nil, fmt.Errorf("maxima %v and indices %v differ in shape", in[0], in[1])
		}
		// The indices are into the output that the attributes imply.
		from, err := unpooledShape(n, in[0].Shape())
		shape := from
		if t := opt(in, 2); err == nil && t != nil {
			shape, err = t.Ints()
		}
		if err != nil {
			return nil, err
		}
		places, err := unpoolPlaces(in[1], from, shape)
		if err != nil {
			return nil, err
		}
		return addAt(in[0], places, shape)
	},
	Grad: func(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
		out := noGrads(n)
		if g.Needs(0) {
			if n.Input(2) != ir.None {
				return nil, fmt.Errorf("there is no gradient where the output's shape is given")
			}
			flat := g.Op("Reshape", nil, dy[0], g.Ints(-1))
			out[0] = g.Op("Gather", nil, flat, n.Inputs[1])
		}
		return out, nil
	},
}

// unpooledShape inverts the extents of a pooling.
func unpooledShape(n *ir.Node, s []int) ([]int, error) {
	axes := len(s) - 2
	kernel, strides, pads := n.Attrs.Ints("kernel_shape"), n.Attrs.Ints("strides"), n.Attrs.Ints("pads")
	if strides == nil {
		strides = slices.Repeat([]int{1}, max(axes, 0))
	}
	if pads == nil {
		pads = make([]int, 2*max(axes, 0))
	}
	if axes < 1 || len(kernel) != axes || len(strides) != axes || len(pads) != 2*axes {
		return nil, fmt.Errorf("kernel %v, strides %v and pads %v do not fit an input of shape %v", kernel, strides, pads, s)
	}
	shape := slices.Clone(s)
	for a := range axes {
		for _, v := range []int{kernel[a], strides[a], pads[a], pads[axes+a]} {
			if v < 0 || v > 1<<20 {
				return nil, fmt.Errorf("kernel %v, strides %v and pads %v must be from 0 to %d", kernel, strides, pads, 1<<20)
			}
		}
		shape[2+a] = (s[2+a]-1)*strides[a] - pads[a] - pads[axes+a] + kernel[a]
	}
	_, err := checkSize(shape)
	return shape, err
}

// unpoolPlaces carries indices over from one shape to another that has at
// least its extents; the places count from 1.
func unpoolPlaces(indices *tensor.Tensor, from, to []int) (*tensor.Tensor, error) {
	if _, err := checkSize(to); err != nil {
		return nil, err
	}
	fits := len(from) == len(to)
	for a := 0; fits && a < len(from); a++ {
		fits = from[a] <= to[a]
	}
	if !fits {
		return nil, fmt.Errorf("an output of shape %v does not hold one of shape %v", to, from)
	}
	v, err := indexList(indices, product(from))
	if err != nil {
		return nil, err
	}
	strides := stridesOf(to)
	places := mapTo(v, func(i int) int64 {
		at := 0
		for a := len(from) - 1; a >= 0; a-- {
			at += i % from[a] * strides[a]
			i /= from[a]
		}
		return int64(at + 1)
	})
	return tensor.Of(places, indices.Shape()...), nil
}
