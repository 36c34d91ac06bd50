package op_test

import (
	"math"
	"testing"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op/optest"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// TestDynamicQuantizeLSTM: an LSTM of the numbers that the weights stand for, on
// an input that 8 bits hold, with a scale for each direction and for each gate's
// unit.
func TestDynamicQuantizeLSTM(t *testing.T) {
	const steps, batch, inputs, hidden = 3, 2, 4, 5
	for _, direction := range []string{"forward", "reverse", "bidirectional"} {
		for _, perColumn := range []bool{false, true} {
			d := 1
			if direction == "bidirectional" {
				d = 2
			}
			scales := []int{d}
			if perColumn {
				scales = []int{d, 4 * hidden}
			}
			attrs := ir.Pairs("hidden_size", hidden, "direction", direction)
			w, wScale, wZero, wide := quantizedGates(1, d, inputs, hidden, scales)
			r, rScale, rZero, state := quantizedGates(2, d, hidden, hidden, scales)
			x := tensor.New(tensor.Float32, steps, batch, inputs)
			for i := range x.F32() {
				x.F32()[i] = float32(i*37%256-100) / 64 // of range 255/64, so that the scale is 1/64
			}
			x.F32()[0], x.F32()[1] = -100./64, 155./64
			in := []*tensor.Tensor{x, w, r, nil, nil, nil, nil, nil, wScale, wZero, rScale, rZero}
			got := optest.Case{Op: "DynamicQuantizeLSTM", Domain: "com.microsoft", Attrs: attrs, In: in, Outputs: 3}.Eval(t)
			want := optest.Case{Op: "LSTM", Attrs: attrs, In: []*tensor.Tensor{x, wide, state}, Outputs: 3}.Eval(t)
			for k := range want {
				a, _ := got[k].Floats()
				b, _ := want[k].Floats()
				for i := range b {
					if math.Abs(a[i]-b[i]) > 1e-6 {
						t.Fatalf("%s, %v: output %d is %v at %d where an LSTM has %v", direction, scales, k, a[i], i, b[i])
					}
				}
			}
		}
	}
}

// quantizedGates makes weights of 8 bits, and what they stand for in the order
// of LSTM.
func quantizedGates(seed, directions, inputs, hidden int, scales []int) (q, scale, zero, wide *tensor.Tensor) {
	columns := 4 * hidden
	q, wide = tensor.New(tensor.Uint8, directions, inputs, columns), tensor.New(tensor.Float32, directions, columns, inputs)
	scale, zero = tensor.New(tensor.Float32, scales...), tensor.New(tensor.Uint8, scales...)
	for i := range scale.F32() {
		scale.F32()[i], tensor.Data[uint8](zero)[i] = float32(seed+i%7)/512, uint8(120+i%9)
	}
	for i, k := range tensor.Data[uint8](q) {
		k = uint8(i * (seed*26 + 53))
		tensor.Data[uint8](q)[i] = k
		d, row, column := i/columns/inputs, i/columns%inputs, i%columns
		at := d
		if len(scales) > 1 {
			at = d*columns + column
		}
		wide.F32()[(d*columns+column)*inputs+row] = (float32(k) - float32(tensor.Data[uint8](zero)[at])) * scale.F32()[at]
	}
	return q, scale, zero, wide
}
