package op_test

import (
	"testing"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op/optest"
	"github.com/tomo-viz/tomo/nn/tensor"
)

func TestGridSampleGradients(t *testing.T) {
	x := optest.Random(1, -1, 1, 2, 2, 4, 3)
	grid := optest.Random(2, -1.4, 1.4, 2, 2, 3, 2) // some places lie outside
	for _, mode := range []string{"linear", "nearest", "cubic"} {
		for _, padding := range []string{"zeros", "border", "reflection"} {
			for _, corners := range []int{0, 1} {
				attrs := ir.Pairs("mode", mode, "padding_mode", padding, "align_corners", corners)
				optest.CheckGrad(t, optest.Case{Op: "GridSample", Attrs: attrs, In: []*tensor.Tensor{x, grid}})
			}
		}
	}
	volume := []*tensor.Tensor{optest.Random(1, -1, 1, 1, 2, 3, 2, 3), optest.Random(2, -1.2, 1.2, 1, 2, 1, 2, 3)}
	optest.CheckGrad(t, optest.Case{Op: "GridSample", In: volume})
}

func TestSpatialGradients(t *testing.T) {
	x := optest.Random(1, -1, 1, 2, 5, 4)
	for _, c := range []optest.Case{
		{Op: "AffineGrid", In: []*tensor.Tensor{optest.Random(2, -1, 1, 2, 2, 3), i64(2, 1, 3, 2)}},
		{Op: "CenterCropPad", In: []*tensor.Tensor{x, i64(2, 8, 1)}},
		{Op: "CenterCropPad", Attrs: ir.Pairs("axes", []int{-1, 1}), In: []*tensor.Tensor{x, i64(7, 2)}},
		{Op: "Col2Im", Attrs: ir.Pairs("pads", []int{0, 1, 1, 0}, "strides", []int{1, 2}), In: []*tensor.Tensor{optest.Random(3, -1, 1, 2, 8, 8), i64(4, 4), i64(2, 2)}},
		{Op: "Im2Col", Domain: "tomo", Attrs: ir.Pairs("pads", []int{0, 1, 1, 0}, "dilations", []int{2, 1}), In: []*tensor.Tensor{optest.Random(3, -1, 1, 2, 2, 3, 4), i64(3, 4), i64(2, 2)}},
		{Op: "RoiAlign", Attrs: ir.Pairs("output_height", 2, "output_width", 3, "sampling_ratio", 2), In: []*tensor.Tensor{
			optest.Random(4, -1, 1, 2, 2, 5, 6), tensor.Of([]float64{0.3, 0.2, 4.1, 3.3, -1, -2, 2.2, 7}, 2, 4), i64(1, 0)}, Fixed: []int{1}},
	} {
		optest.CheckGrad(t, c)
	}
}

func TestFourierGradients(t *testing.T) {
	real, complex := optest.Random(1, -1, 1, 2, 5, 2, 1), optest.Random(2, -1, 1, 2, 6, 3, 2)
	axis := tensor.Scalar[int64](1)
	for _, c := range []optest.Case{
		{In: []*tensor.Tensor{real, nil, axis}},
		{In: []*tensor.Tensor{real, nil, axis}, Attrs: ir.Pairs("onesided", 1)},
		{In: []*tensor.Tensor{real, tensor.Scalar[int64](8), axis}, Attrs: ir.Pairs("onesided", 1)},
		{In: []*tensor.Tensor{real, tensor.Scalar[int64](3), axis}, Attrs: ir.Pairs("inverse", 1)},
		{In: []*tensor.Tensor{complex}},
		{In: []*tensor.Tensor{complex, tensor.Scalar[int64](9)}, Version: 17, Attrs: ir.Pairs("axis", 2)},
		{In: []*tensor.Tensor{complex, nil, axis}, Attrs: ir.Pairs("inverse", 1)},
		{In: []*tensor.Tensor{complex, nil, axis}, Attrs: ir.Pairs("inverse", 1, "onesided", 1)},
		{In: []*tensor.Tensor{complex, tensor.Scalar[int64](7), axis}, Attrs: ir.Pairs("inverse", 1, "onesided", 1)},
	} {
		c.Op = "DFT"
		optest.CheckGrad(t, c)
	}
	signal, window := optest.Random(3, -1, 1, 2, 11, 1), optest.Random(4, 0, 1, 4)
	optest.CheckGrad(t, optest.Case{Op: "STFT", In: []*tensor.Tensor{signal, tensor.Scalar[int64](3), window}})
	optest.CheckGrad(t, optest.Case{Op: "STFT", Attrs: ir.Pairs("onesided", 0), In: []*tensor.Tensor{signal, tensor.Scalar[int64](2), nil, tensor.Scalar[int64](5)}})
}

func TestDeformConvGradients(t *testing.T) {
	x, w := optest.Random(1, -1, 1, 2, 4, 5, 4), optest.Random(2, -1, 1, 6, 2, 2, 3)
	offset := optest.Random(3, -1.3, 1.3, 2, 2*2*6, 3, 3)
	bias, mask := optest.Random(4, -1, 1, 6), optest.Random(5, 0, 1, 2, 2*6, 3, 3)
	attrs := ir.Pairs("group", 2, "offset_group", 2, "strides", []int{2, 1}, "pads", []int{1, 1, 1, 0}, "kernel_shape", []int{2, 3})
	optest.CheckGrad(t, optest.Case{Op: "DeformConv", Attrs: attrs, In: []*tensor.Tensor{x, w, offset, bias, mask}})
	optest.CheckGrad(t, optest.Case{Op: "DeformConv", Attrs: attrs, In: []*tensor.Tensor{x, w, offset}})
}

func TestTensorScatterGradients(t *testing.T) {
	cache, update := optest.Random(1, -1, 1, 2, 2, 4, 3), optest.Random(2, -1, 1, 2, 2, 2, 3)
	optest.CheckGrad(t, optest.Case{Op: "TensorScatter", In: []*tensor.Tensor{cache, update}})
	optest.CheckGrad(t, optest.Case{Op: "TensorScatter", Attrs: ir.Pairs("mode", "circular"), In: []*tensor.Tensor{cache, update, i64(1, 3)}})
}
