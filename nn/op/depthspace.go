package op

import (
	"fmt"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// depthToSpace moves blocks of channels into squares of blocksize pixels.
// Input [N, C, H, W], output [N, C/b², H·b, W·b]; the mode says whether the
// channel counts slowest (CRD) or fastest (DCR) among the b².
var depthToSpace = Op{
	Name: "DepthToSpace", MinIn: 1, AnyType: true, Grad: moveGrad("DepthToSpace"),
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		b, err := blockSize(n)
		s := in[0].Shape
		if err != nil || s == nil {
			return []Type{{DType: in[0].DType}}, err
		}
		if len(s) != 4 {
			return nil, fmt.Errorf("the input has shape %v, not four axes", s)
		}
		if s[1].IsKnown() && s[1].N%(b*b) != 0 {
			return nil, fmt.Errorf("%v channels do not divide by %d", s[1], b*b)
		}
		size := ir.Known(b)
		shape := ir.Shape{s[0], divDims(s[1], ir.Known(b*b)), mulDims(s[2], size), mulDims(s[3], size)}
		return []Type{{DType: in[0].DType, Shape: shape}}, nil
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		b, s, err := blocks(n, in[0])
		if err != nil {
			return nil, err
		}
		if s[1]%(b*b) != 0 {
			return nil, fmt.Errorf("%d channels do not divide by %d", s[1], b*b)
		}
		c := s[1] / (b * b)
		split, perm := []int{s[0], b, b, c, s[2], s[3]}, []int{0, 3, 4, 1, 5, 2}
		if n.Attrs.Str("mode", "DCR") == "CRD" {
			split, perm = []int{s[0], c, b, b, s[2], s[3]}, []int{0, 1, 4, 2, 5, 3}
		}
		return one(permute(in[0].Reshape(split...), perm).Reshape(s[0], c, s[2]*b, s[3]*b))
	},
}

// spaceToDepth is the inverse of depthToSpace in mode DCR.
var spaceToDepth = Op{
	Name: "SpaceToDepth", MinIn: 1, AnyType: true,
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		b, err := blockSize(n)
		s := in[0].Shape
		if err != nil || s == nil {
			return []Type{{DType: in[0].DType}}, err
		}
		if len(s) != 4 {
			return nil, fmt.Errorf("the input has shape %v, not four axes", s)
		}
		size := ir.Known(b)
		shape := ir.Shape{s[0], mulDims(s[1], ir.Known(b*b)), divDims(s[2], size), divDims(s[3], size)}
		return []Type{{DType: in[0].DType, Shape: shape}}, nil
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		b, s, err := blocks(n, in[0])
		if err != nil {
			return nil, err
		}
		if s[2]%b != 0 || s[3]%b != 0 {
			return nil, fmt.Errorf("%d×%d pixels do not divide into squares of %d", s[2], s[3], b)
		}
		h, w := s[2]/b, s[3]/b
		split := in[0].Reshape(s[0], s[1], h, b, w, b)
		return one(permute(split, []int{0, 3, 5, 1, 2, 4}).Reshape(s[0], s[1]*b*b, h, w))
	},
	Grad: func(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
		out := noGrads(n)
		if g.Needs(0) {
			out[0] = g.Op("DepthToSpace", ir.Pairs("blocksize", n.Attrs.Int("blocksize", 0)), dy[0])
		}
		return out, nil
	},
}

func blockSize(n *ir.Node) (int, error) {
	b := n.Attrs.Int("blocksize", 0)
	if b < 1 || b > 1<<12 {
		return 0, fmt.Errorf("the block size %d is not from 1 to %d", b, 1<<12)
	}
	return b, nil
}

func blocks(n *ir.Node, x *tensor.Tensor) (b int, shape []int, err error) {
	if b, err = blockSize(n); err == nil && x.Rank() != 4 {
		err = fmt.Errorf("the input is %v, which does not have four axes", x)
	}
	return b, x.Shape(), err
}
