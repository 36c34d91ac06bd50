package op

import (
	"fmt"

	"github.com/tomo-viz/tomo/nn/ir"
)

// Operators on quantized integers are what they stand for: operators on the
// numbers, between DequantizeLinear and QuantizeLinear. Most of them belong to
// ONNX Runtime (domain com.microsoft).
var qlinearOps = []Op{
	{Name: "QLinearMatMul", MinIn: 8, Body: qlinearMatMul},
	{Name: "QLinearConv", MinIn: 8, Body: qlinearConv},
	{Name: "ConvInteger", MinIn: 2, Body: convInteger},
	{Name: "QLinearAdd", Domain: microsoft, MinIn: 7, Body: qlinearBinary("Add")},
	{Name: "QLinearMul", Domain: microsoft, MinIn: 7, Body: qlinearBinary("Mul")},
	{Name: "QLinearSigmoid", Domain: microsoft, MinIn: 4, Body: qlinearUnary("Sigmoid")},
	{Name: "QLinearLeakyRelu", Domain: microsoft, MinIn: 4, Body: qlinearUnary("LeakyRelu")},
	{Name: "QLinearSoftmax", Domain: microsoft, MinIn: 5, Body: qlinearUnary("Softmax")},
	{Name: "QLinearGlobalAveragePool", Domain: microsoft, MinIn: 4, Body: qlinearUnary("GlobalAveragePool")},
	{Name: "QLinearAveragePool", Domain: microsoft, MinIn: 4, Body: qlinearUnary("AveragePool")},
	{Name: "QLinearConcat", Domain: microsoft, MinIn: 4, Body: qlinearConcat},
	{Name: "QGemm", Domain: microsoft, MinIn: 6, Body: qgemm},
	{Name: "MatMulIntegerToFloat", Domain: microsoft, MinIn: 4, Body: matMulIntegerToFloat},
	{Name: "DynamicQuantizeMatMul", Domain: microsoft, MinIn: 3, Body: dynamicQuantizeMatMul},
	{Name: "QuantizeLinear", Domain: microsoft, MinIn: 2, Body: sameInONNX("QuantizeLinear")},
	{Name: "DequantizeLinear", Domain: microsoft, MinIn: 2, Body: sameInONNX("DequantizeLinear")},
}

// dequantized appends the numbers that the inputs i, i+1 and i+2 stand for:
// the integers, their scales and zero points. More scales than one run along
// the axis.
func dequantized(b *ir.Builder, in []ir.ValueID, i, axis int) ir.ValueID {
	return dequantize(b, axis, in[i], in[i+1], optID(in, i+2))
}

func dequantize(b *ir.Builder, axis int, inputs ...ir.ValueID) ir.ValueID {
	return b.Op("DequantizeLinear", ir.Pairs("axis", axis), inputs...)
}

// quantized appends the integers that stand for y; the scale is input i and
// the zero point the next one.
func quantized(b *ir.Builder, y ir.ValueID, in []ir.ValueID, i int) []ir.ValueID {
	return []ir.ValueID{b.Op("QuantizeLinear", nil, y, in[i], optID(in, i+1))}
}

// optID returns an input, or None if the list ends before.
func optID(in []ir.ValueID, i int) ir.ValueID {
	if i < len(in) {
		return in[i]
	}
	return ir.None
}

// Scales of a run along its rows, those of b along its columns.
func qlinearMatMul(b *ir.Builder, n *ir.Node, in []ir.ValueID) ([]ir.ValueID, error) {
	y := b.Op("MatMul", nil, dequantized(b, in, 0, -2), dequantized(b, in, 3, -1))
	return quantized(b, y, in, 6), nil
}

// The bias, input 8, counts in units of x_scale·w_scale.
func qlinearConv(b *ir.Builder, n *ir.Node, in []ir.ValueID) ([]ir.ValueID, error) {
	inputs := []ir.ValueID{dequantized(b, in, 0, 1), dequantized(b, in, 3, 0)}
	if bias := optID(in, 8); bias != ir.None {
		inputs = append(inputs, dequantize(b, 0, bias, b.Op("Mul", nil, in[1], in[4])))
	}
	return quantized(b, b.Op("Conv", n.Attrs, inputs...), in, 6), nil
}

// convInteger sums in float64, which holds all int32 exactly.
func convInteger(b *ir.Builder, n *ir.Node, in []ir.ValueID) ([]ir.ValueID, error) {
	spatial := 2
	if k := n.Attrs.Ints("kernel_shape"); k != nil {
		spatial = len(k)
	}
	if spatial > 8 {
		return nil, fmt.Errorf("a kernel of %d axes", spatial)
	}
	double := ir.Pairs("to", 11)
	x, w := b.Op("Cast", double, in[0]), b.Op("Cast", double, in[1])
	if zero := optID(in, 2); zero != ir.None {
		x = b.Op("Sub", nil, x, b.Op("Cast", double, zero))
	}
	if zero := optID(in, 3); zero != ir.None {
		perFilter := make([]int, 2+spatial)
		for i := range perFilter {
			perFilter[i] = 1
		}
		perFilter[0] = -1
		w = b.Op("Sub", nil, w, b.Op("Reshape", nil, b.Op("Cast", double, zero), b.Ints(perFilter...)))
	}
	return []ir.ValueID{b.Op("Cast", ir.Pairs("to", 6), b.Op("Conv", n.Attrs, x, w))}, nil
}

func qlinearBinary(op string) BodyFunc {
	return func(b *ir.Builder, n *ir.Node, in []ir.ValueID) ([]ir.ValueID, error) {
		return quantized(b, b.Op(op, nil, dequantized(b, in, 0, 1), dequantized(b, in, 3, 1)), in, 6), nil
	}
}

func qlinearUnary(op string) BodyFunc {
	return func(b *ir.Builder, n *ir.Node, in []ir.ValueID) ([]ir.ValueID, error) {
		if n.Attrs.Bool("channels_last", false) {
			return nil, fmt.Errorf("channels_last is not supported")
		}
		return quantized(b, b.Op(op, n.Attrs, dequantized(b, in, 0, 1)), in, 3), nil
	}
}

// Inputs: the scale and zero point of y, then each part with its own.
func qlinearConcat(b *ir.Builder, n *ir.Node, in []ir.ValueID) ([]ir.ValueID, error) {
	var parts []ir.ValueID
	for i := 2; i+1 < len(in); i += 3 {
		parts = append(parts, dequantized(b, in, i, 1))
	}
	return quantized(b, b.Op("Concat", n.Attrs, parts...), in, 0), nil
}

// qgemm returns numbers where no scale for the output, input 7, is given.
func qgemm(b *ir.Builder, n *ir.Node, in []ir.ValueID) ([]ir.ValueID, error) {
	columns := 1
	if n.Attrs.Bool("transB", false) {
		columns = 0
	}
	inputs := []ir.ValueID{dequantized(b, in, 0, 0), dequantized(b, in, 3, columns)}
	if c := optID(in, 6); c != ir.None {
		unit := b.Op("Affine", ir.Pairs("alpha", n.Attrs.Float("alpha", 1), "beta", 0.0), b.Op("Mul", nil, in[1], in[4]))
		inputs = append(inputs, b.Op("Mul", nil, b.Op("CastLike", nil, c, unit), unit))
	}
	y := b.Op("Gemm", n.Attrs, inputs...)
	if optID(in, 7) == ir.None {
		return []ir.ValueID{y}, nil
	}
	return quantized(b, y, in, 7), nil
}

// Inputs: A, B, their scales, their zero points, bias.
func matMulIntegerToFloat(b *ir.Builder, n *ir.Node, in []ir.ValueID) ([]ir.ValueID, error) {
	y := b.Op("MatMul", nil, dequantize(b, -2, in[0], in[2], optID(in, 4)), dequantize(b, -1, in[1], in[3], optID(in, 5)))
	return []ir.ValueID{plusBias(b, y, optID(in, 6))}, nil
}

// Inputs: A, which is quantized as DynamicQuantizeLinear does, B, its scale and
// zero point, bias.
func dynamicQuantizeMatMul(b *ir.Builder, n *ir.Node, in []ir.ValueID) ([]ir.ValueID, error) {
	a := b.Node("", "DynamicQuantizeLinear", nil, 3, in[0])
	y := b.Op("MatMul", nil, dequantize(b, 1, a...), dequantize(b, -1, in[1], in[2], optID(in, 3)))
	return []ir.ValueID{plusBias(b, y, optID(in, 4))}, nil
}

func plusBias(b *ir.Builder, y, bias ir.ValueID) ir.ValueID {
	if bias == ir.None {
		return y
	}
	return b.Op("Add", nil, y, bias)
}

// sameInONNX is an operator that ONNX has taken over as it is.
func sameInONNX(op string) BodyFunc {
	return func(b *ir.Builder, n *ir.Node, in []ir.ValueID) ([]ir.ValueID, error) {
		return b.Node("", op, n.Attrs, 1, in...), nil
	}
}
