package op_test

import (
	"testing"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op/optest"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// TestMatMulNBits: two rows of three columns in blocks of two, whose levels are
// written out.
func TestMatMulNBits(t *testing.T) {
	a := tensor.Of([]float64{1, 2, 3}, 1, 3)
	w := tensor.Of([]uint8{0x21, 0x04, 0xF8, 0x07}, 2, 2, 1) // levels 1 2 | 4 and 8 15 | 7
	scales := tensor.Of([]float64{1, 0.5, 2, 3}, 2, 2)
	attrs := ir.Pairs("bits", 4, "block_size", 2, "N", 2, "K", 3)
	c := optest.Case{Op: "MatMulNBits", Domain: ms, Attrs: attrs, In: []*tensor.Tensor{a, w, scales}}
	// (1-8)+2(2-8)+3(4-8)/2 and 2((8-8)+2(15-8))+3·3(7-8)
	if got, want := c.Eval(t)[0], tensor.Of([]float64{-25, 19}, 1, 2); !tensor.Equal(got, want) {
		t.Errorf("got %v, want %v", tensor.Data[float64](got), tensor.Data[float64](want))
	}
	optest.CheckGrad(t, c)
	c.In = []*tensor.Tensor{a, w, scales, tensor.Of([]uint8{0x32, 0x10}, 2, 1), nil, tensor.Vector(0.5, 1)} // zero points 2 3 and 0 1
	if got, want := c.Eval(t)[0], tensor.Of([]float64{(1 - 2) + 3*(4-3)*0.5 + 0.5, 2*(8+2*15) + 3*3*(7-1) + 1}, 1, 2); !tensor.Equal(got, want) {
		t.Errorf("with zero points: got %v, want %v", tensor.Data[float64](got), tensor.Data[float64](want))
	}
	optest.CheckGrad(t, c)
	c.In[3] = tensor.Of([]float64{2, 3, 0, 1}, 2, 2)
	optest.CheckGrad(t, c)
}
