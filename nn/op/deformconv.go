package op

import (
	"fmt"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

var deformOps = []Op{
	{Name: "DeformConv", MinIn: 3, Body: deformConvBody},
	deformColumns, deformColumnsGrad,
}

// deformConvBody is a convolution whose taps are moved by offsets and weighed
// by a mask (arXiv 1811.11168). Inputs: X [N, C, H, W], weights, offsets,
// bias, mask. The samples are laid out as columns, which the weights multiply.
func deformConvBody(b *ir.Builder, n *ir.Node, in []ir.ValueID) ([]ir.ValueID, error) {
	group := n.Attrs.Int("group", 1)
	if group < 1 {
		return nil, fmt.Errorf("group is %d", group)
	}
	x, w, offset := in[0], in[1], in[2]
	columns := b.Node(Domain, "DeformColumns", n.Attrs, 1, x, offset, w, optID(in, 4))[0]
	axis0 := ir.Pairs("axis", 0)
	extents := func(v ir.ValueID, from, to int) ir.ValueID {
		return b.Op("Shape", ir.Pairs("start", from, "end", to), v)
	}
	columns = b.Op("Reshape", nil, columns, b.Op("Concat", axis0, b.Ints(0, group, -1), extents(columns, 3, 4)))
	filters := b.Op("Flatten", ir.Pairs("axis", 1), w)
	filters = b.Op("Reshape", nil, filters, b.Op("Concat", axis0, b.Ints(group, -1), extents(filters, 1, 2)))
	y := b.Op("MatMul", nil, filters, columns)
	y = b.Op("Reshape", nil, y, b.Op("Concat", axis0, b.Ints(0, -1), extents(offset, 2, 4)))
	if bias := optID(in, 3); bias != ir.None {
		y = b.Op("Add", nil, y, b.Op("Reshape", nil, bias, b.Ints(-1, 1, 1)))
	}
	return []ir.ValueID{y}, nil
}

// deformColumns samples X bilinearly for every tap at every place of the
// output: [N, C, taps, places]. Inputs: X, offsets [N, groups·taps·2, h, w],
// the weights for their shape, and the mask [N, groups·taps, h, w].
var deformColumns = Op{
	Name: "DeformColumns", Domain: Domain, MinIn: 3,
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		out := Type{DType: in[0].DType}
		x, offset, w := in[0].Shape, in[1].Shape, in[2].Shape
		if len(x) == 4 && len(offset) == 4 && len(w) == 4 {
			out.Shape = ir.Shape{x[0], x[1], mulDims(w[2:]...), mulDims(offset[2:]...)}
		}
		return []Type{out}, nil
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		d, err := newDeform(n, in)
		if err != nil {
			return nil, err
		}
		y := make([]float64, product(d.outShape))
		d.each(func(out, _, mask int, taps []imageTap) {
			for _, t := range taps {
				y[out] += t.weight * d.x[t.at] * d.maskAt(mask)
			}
		})
		out, err := tensor.Of(y, d.outShape...).Convert(in[0].DType())
		return []*tensor.Tensor{out}, err
	},
	Grad: func(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
		out := noGrads(n)
		d := g.Node(Domain, "DeformColumnsGrad", n.Attrs, 3, append([]ir.ValueID{dy[0]}, n.Inputs...)...)
		for k, i := range []int{0, 1, 3} {
			if g.Needs(i) && n.Input(i) != ir.None {
				out[i] = d[k]
			}
		}
		return out, nil
	},
}

// deformColumnsGrad reads dy and the inputs of deformColumns; its outputs are
// the gradients of X, the offsets and the mask.
var deformColumnsGrad = Op{
	Name: "DeformColumnsGrad", Domain: Domain, MinIn: 4,
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		mask := opt(in, 4)
		return []Type{
			{DType: in[1].DType, Shape: in[1].Shape}, {DType: in[2].DType, Shape: in[2].Shape}, {DType: mask.DType, Shape: mask.Shape},
		}, nil
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		d, err := newDeform(n, in[1:])
		if err != nil {
			return nil, err
		}
		dy, err := in[0].Floats()
		if err == nil && len(dy) != product(d.outShape) {
			err = fmt.Errorf("the gradient has shape %v, the output %v", in[0].Shape(), d.outShape)
		}
		if err != nil {
			return nil, err
		}
		dx, doffset, dmask := make([]float64, len(d.x)), make([]float64, len(d.offset)), make([]float64, len(d.mask))
		d.each(func(out, offset, mask int, taps []imageTap) {
			for _, t := range taps {
				weighed := dy[out] * d.maskAt(mask)
				dx[t.at] += weighed * t.weight
				doffset[offset] += weighed * d.x[t.at] * t.slopeY
				doffset[offset+d.places] += weighed * d.x[t.at] * t.slopeX
				if d.mask != nil {
					dmask[mask] += dy[out] * d.x[t.at] * t.weight
				}
			}
		})
		grads := make([]*tensor.Tensor, 3)
		for i, v := range [][]float64{dx, doffset, dmask} {
			like := opt(in, []int{1, 2, 4}[i])
			if like == nil {
				continue
			}
			if grads[i], err = tensor.Of(v, like.Shape()...).Convert(like.DType()); err != nil {
				return nil, err
			}
		}
		return grads, nil
	},
}
