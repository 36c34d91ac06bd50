package op

import (
	"fmt"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

var bitwiseOps = []Op{
	bitwise("BitwiseAnd", func(a, b int64) int64 { return a & b }, func(a, b uint64) uint64 { return a & b }),
	bitwise("BitwiseOr", func(a, b int64) int64 { return a | b }, func(a, b uint64) uint64 { return a | b }),
	bitwise("BitwiseXor", func(a, b int64) int64 { return a ^ b }, func(a, b uint64) uint64 { return a ^ b }),
	bitwiseNot, bitShift,
}

func bitwise(name string, i func(a, b int64) int64, u func(a, b uint64) uint64) Op {
	return Op{
		Name: name, MinIn: 2, Infer: inferPair, Grad: zeroGrad,
		Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
			return arith{i: i, u: u}.apply(in[0], in[1])
		},
	}
}

var bitwiseNot = Op{
	Name: "BitwiseNot", MinIn: 1, Infer: sameType, Grad: zeroGrad,
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		return mapNumber(in[0], mapping{
			i: func(x int64) int64 { return ^x },
			u: func(x uint64) uint64 { return ^x },
		})
	},
}

// bitShift shifts unsigned integers; shifting by their width or more gives 0.
var bitShift = Op{
	Name: "BitShift", MinIn: 2, Infer: inferPair, Grad: zeroGrad,
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		switch dir := n.Attrs.Str("direction", ""); dir {
		case "LEFT":
			return arith{u: func(a, b uint64) uint64 { return a << b }}.apply(in[0], in[1])
		case "RIGHT":
			return arith{u: func(a, b uint64) uint64 { return a >> b }}.apply(in[0], in[1])
		default:
			return nil, fmt.Errorf("direction is %q, not LEFT or RIGHT", dir)
		}
	},
}
