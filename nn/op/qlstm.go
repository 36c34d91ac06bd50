package op

import (
	"fmt"

	"github.com/tomo-viz/tomo/nn/ir"
)

// An LSTM with weights of 8 bits, as ONNX Runtime's dynamic quantization writes:
//
//	DynamicQuantizeLSTM(x, w, r, b?, lengths?, h0?, c0?, p?, w_scale, w_zero, r_scale, r_zero) -> y, h, c
//
// w is [D,inputs,4·hidden] and r [D,hidden,4·hidden], the other way round than
// in LSTM; each has one scale for a direction, [D], or one for each of its
// columns, [D,4·hidden]. x is rounded to 8 bits over its range. ONNX Runtime
// rounds the state too before each step, to a range that depends on how it deals
// the batch out to threads; here it stays a number.
var qlstmOps = []Op{{Name: "DynamicQuantizeLSTM", Domain: microsoft, MinIn: 3, Body: dynamicQuantizeLSTM}}

// The inputs beside those of LSTM.
const (
	inWScale = LayerP + 1 + iota
	inWZero
	inRScale
	inRZero
)

func dynamicQuantizeLSTM(b *ir.Builder, n *ir.Node, in []ir.ValueID) ([]ir.ValueID, error) {
	reversed, err := Directions(n)
	if err != nil {
		return nil, err
	}
	for _, i := range []int{inWScale, inRScale} {
		if optID(in, i) == ir.None {
			return nil, fmt.Errorf("input %d, a scale, is missing", i)
		}
	}
	x := dequantize(b, 1, b.Node("", "DynamicQuantizeLinear", nil, 3, in[LayerX])...)
	w := gateWeights(b, len(reversed), in[LayerW], in[inWScale], optID(in, inWZero))
	r := gateWeights(b, len(reversed), in[LayerR], in[inRScale], optID(in, inRZero))
	return b.Node("", "LSTM", n.Attrs, 3, append([]ir.ValueID{x, w, r}, in[LayerB:LayerP+1]...)...), nil
}

// gateWeights appends the numbers that integers stand for, and turns them to
// [D,4·hidden,inputs].
func gateWeights(b *ir.Builder, directions int, q, scale, zero ir.ValueID) ir.ValueID {
	perColumn := b.Ints(directions, 1, -1)
	scale = b.Op("Reshape", nil, scale, perColumn)
	w := b.Op("CastLike", nil, q, scale)
	if zero != ir.None {
		w = b.Op("Sub", nil, w, b.Op("CastLike", nil, b.Op("Reshape", nil, zero, perColumn), scale))
	}
	return b.Op("Transpose", ir.Pairs("perm", []int{0, 2, 1}), b.Op("Mul", nil, w, scale))
}
