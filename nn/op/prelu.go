package op

import (
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// PRelu(x, slope) = x where x >= 0, else slope·x; slope is broadcast to x.
// Before opset 7 a slope of one number per channel belongs to axis 1.
var preluOps = []Op{{
	Name: "PRelu", MinIn: 2,
	Infer: sameType,
	Eval:  evalPRelu,
	Grad:  gradPRelu,
	Cost:  flops(1),
}}

func evalPRelu(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	if err := sameElements(in...); err != nil {
		return nil, err
	}
	x, slope := in[0], in[1]
	if perChannel(n, x.Rank(), slope.Rank()) {
		slope = slope.Reshape(channelShape(slope.Len(), x.Rank())...)
	}
	if err := checkAddend(ir.ShapeOf(slope), ir.ShapeOf(x)); err != nil {
		return nil, err
	}
	switch x.DType() {
	case tensor.Float32:
		return zip(x, slope, prelu[float32])
	case tensor.Float64:
		return zip(x, slope, prelu[float64])
	case tensor.Int32:
		return zip(x, slope, prelu[int32])
	case tensor.Int64:
		return zip(x, slope, prelu[int64])
	case tensor.Uint32, tensor.Uint64:
		return one(x)
	}
	return nil, errElements(x)
}

func prelu[T number](x, slope T) T {
	if x < 0 {
		return slope * x
	}
	return x
}

// perChannel reports whether slope is a vector along axis 1.
func perChannel(n *ir.Node, rankX, rankSlope int) bool {
	return n.Version < 7 && rankSlope == 1 && rankX > 1
}

// channelShape is the shape in which a vector of n elements broadcasts along
// axis 1.
func channelShape(n, rank int) []int {
	shape := make([]int, rank)
	for i := range shape {
		shape[i] = 1
	}
	shape[min(1, rank-1)] = n
	return shape
}

func gradPRelu(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	out := noGrads(n)
	x, slope := n.Inputs[0], n.Inputs[1]
	rankX, rankSlope := len(g.Type(x).Shape), len(g.Type(slope).Shape)
	vector := perChannel(n, rankX, rankSlope)
	if vector {
		shape := channelShape(-1, rankX)
		slope = g.Op("Reshape", nil, slope, g.Ints(shape...))
	}
	negative := g.Op("Less", nil, x, g.scalar(0, x))
	if g.Needs(0) {
		out[0] = g.Op("Where", nil, negative, g.Op("Mul", nil, dy[0], slope), dy[0])
	}
	if g.Needs(1) {
		part := g.Op("Where", nil, negative, g.Op("Mul", nil, dy[0], x), g.scalar(0, x))
		if vector {
			var err error
			out[1], err = g.channelSum(part, x)
			return out, err
		}
		out[1] = g.sumTo(part, n.Inputs[1], x)
	}
	return out, nil
}
