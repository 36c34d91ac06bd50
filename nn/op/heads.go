package op

import (
	"fmt"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// ONNX Runtime's operators take features as [batch, sequence, heads·size] or
// with the heads apart as [batch, heads, sequence, size], by their rank, which
// the body of an operator does not see. These two do:
//
//	SplitHeads(x, angles?) -> x with its heads apart
//	JoinHeads(y, x)        -> y, whose heads are apart, as those of x lie
//
// The attribute heads counts them. Where it is 0, a head is twice as wide as the
// second input, the cosines of a rotary embedding.
var headOps = []Op{splitHeadsOp, moveBackward(splitHeadsOp), joinHeadsOp, moveBackward(joinHeadsOp)}

var splitHeadsOp = Op{
	Name: "SplitHeads", Domain: Domain, MinIn: 1, AnyType: true, Grad: moveGrad("SplitHeads"),
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		out := Type{DType: in[0].DType}
		switch s := in[0].Shape; {
		case s == nil:
			out.Shape = unknownExtents(4)
		case len(s) == 4:
			out.Shape = s
		case len(s) == 3:
			heads, size, err := headsOf(n, s[2], opt(in, 1).Shape)
			if err != nil {
				return nil, err
			}
			out.Shape = ir.Shape{s[0], heads, s[1], size}
		default:
			return nil, fmt.Errorf("the input has shape %v, not three or four axes", s)
		}
		return []Type{out}, nil
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		x := in[0]
		if x.Rank() == 4 {
			return one(x)
		}
		if x.Rank() != 3 {
			return nil, fmt.Errorf("the input is %v, not of three or four axes", x)
		}
		var angles ir.Shape
		if len(in) > 1 && in[1] != nil {
			angles = ir.ShapeOf(in[1])
		}
		heads, size, err := headsOf(n, ir.Known(x.Dim(2)), angles)
		if err == nil && !heads.IsKnown() {
			err = fmt.Errorf("how many heads there are is not given")
		}
		if err != nil {
			return nil, err
		}
		return one(permute(x.Reshape(x.Dim(0), x.Dim(1), heads.N, size.N), []int{0, 2, 1, 3}))
	},
}

// headsOf divides a width into heads.
func headsOf(n *ir.Node, width ir.Dim, angles ir.Shape) (heads, size ir.Dim, err error) {
	heads, size = ir.Symbol(""), ir.Symbol("")
	count := n.Attrs.Int("heads", 0)
	if count > 0 {
		heads = ir.Known(count)
	}
	if count <= 0 && len(angles) > 0 && angles[len(angles)-1].IsKnown() {
		size = ir.Known(2 * angles[len(angles)-1].N)
	}
	if !width.IsKnown() {
		return heads, size, nil
	}
	divide := func(by ir.Dim) ir.Dim {
		if err == nil && (by.N <= 0 || width.N%by.N != 0) {
			err = fmt.Errorf("%d features are not divisible by %d", width.N, by.N)
			return ir.Symbol("")
		}
		return ir.Known(width.N / by.N)
	}
	switch {
	case heads.IsKnown():
		size = divide(heads)
	case size.IsKnown():
		heads = divide(size)
	}
	return heads, size, err
}

func unknownExtents(rank int) ir.Shape {
	s := make(ir.Shape, rank)
	for i := range s {
		s[i] = ir.Symbol("")
	}
	return s
}

var joinHeadsOp = Op{
	Name: "JoinHeads", Domain: Domain, MinIn: 2, AnyType: true, Grad: moveGrad("JoinHeads"),
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		s := in[0].Shape
		if s != nil && len(s) != 4 {
			return nil, fmt.Errorf("the input has shape %v, not four axes", s)
		}
		out := Type{DType: in[0].DType}
		switch {
		case len(in[1].Shape) == 4:
			out.Shape = slices.Clone(s)
		case len(in[1].Shape) == 3 && s == nil:
			out.Shape = unknownExtents(3)
		case len(in[1].Shape) == 3:
			out.Shape = ir.Shape{s[0], s[2], ir.Symbol("")}
			if s[1].IsKnown() && s[3].IsKnown() {
				out.Shape[2] = ir.Known(s[1].N * s[3].N)
			}
		}
		return []Type{out}, nil
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		y := in[0]
		if y.Rank() != 4 || in[1].Rank() != 3 && in[1].Rank() != 4 {
			return nil, fmt.Errorf("heads %v do not lie as those of %v", y, in[1])
		}
		if in[1].Rank() == 4 {
			return one(y)
		}
		return one(permute(y, []int{0, 2, 1, 3}).Reshape(y.Dim(0), y.Dim(2), y.Dim(1)*y.Dim(3)))
	},
}
