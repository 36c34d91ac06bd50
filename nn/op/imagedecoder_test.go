package op_test

import (
	"testing"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op/optest"
	"github.com/tomo-viz/tomo/nn/tensor"
)

func TestImageDecoder(t *testing.T) {
	file := tensor.Vector([]uint8("P6 2 1 255 \x01\x02\x03\xff\x80\x00")...)
	for format, want := range map[string]*tensor.Tensor{
		"RGB": tensor.Of([]uint8{1, 2, 3, 255, 128, 0}, 1, 2, 3), "BGR": tensor.Of([]uint8{3, 2, 1, 0, 128, 255}, 1, 2, 3), "Grayscale": tensor.Of([]uint8{2, 151}, 1, 2, 1),
	} {
		if got := (optest.Case{Op: "ImageDecoder", Attrs: ir.Pairs("pixel_format", format), In: []*tensor.Tensor{file}}).Eval(t)[0]; !tensor.Equal(got, want) {
			t.Errorf("%s: %v", format, tensor.Data[uint8](got))
		}
	}
	damaged := tensor.Vector([]uint8("P6 2 1 255 \x01")...)
	if got := (optest.Case{Op: "ImageDecoder", In: []*tensor.Tensor{damaged}}).Eval(t)[0]; got.Len() != 0 || got.Rank() != 3 {
		t.Errorf("a damaged file gives %v", got)
	}
	refuses(t, "ImageDecoder", nil, "JPEG 2000", tensor.Vector([]uint8("\x00\x00\x00\x0cjP  \r\n\x87\n")...))
	refuses(t, "ImageDecoder", ir.Pairs("pixel_format", "CMYK"), "CMYK", file)
}
