package op_test

import (
	"math"
	"testing"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op/optest"
	"github.com/tomo-viz/tomo/nn/tensor"
)

func i64(v ...int64) *tensor.Tensor { return tensor.Vector(v...) }

func TestShapeGradients(t *testing.T) {
	x := optest.Random(1, -1, 1, 2, 1, 6)
	for _, c := range []optest.Case{
		{Op: "Reshape", In: []*tensor.Tensor{x, i64(3, -1)}},
		{Op: "Reshape", In: []*tensor.Tensor{x, i64(0, 2, 3)}},
		{Op: "Flatten", Attrs: ir.Pairs("axis", 2), In: []*tensor.Tensor{x}},
		{Op: "Flatten", Attrs: ir.Pairs("axis", 0), In: []*tensor.Tensor{x}},
		{Op: "Squeeze", In: []*tensor.Tensor{x}},
		{Op: "Squeeze", In: []*tensor.Tensor{x, i64(-2)}},
		{Op: "Squeeze", Version: 11, Attrs: ir.Pairs("axes", []int{1}), In: []*tensor.Tensor{x}},
		{Op: "Unsqueeze", In: []*tensor.Tensor{x, i64(0, -1)}},
		{Op: "Unsqueeze", Version: 11, Attrs: ir.Pairs("axes", []int{3, 0}), In: []*tensor.Tensor{x}},
		{Op: "Transpose", In: []*tensor.Tensor{x}},
		{Op: "Transpose", Attrs: ir.Pairs("perm", []int{1, 2, 0}), In: []*tensor.Tensor{x}},
		{Op: "Expand", In: []*tensor.Tensor{x, i64(4, 1, 3, 1)}},
		{Op: "Expand", In: []*tensor.Tensor{x, i64(1)}},
		{Op: "Tile", In: []*tensor.Tensor{x, i64(2, 3, 1)}},
		{Op: "Tile", In: []*tensor.Tensor{x, i64(2, 0, 1)}},
	} {
		optest.CheckGrad(t, c)
	}
}

func TestSliceGradients(t *testing.T) {
	x := optest.Random(1, -1, 1, 4, 5, 3)
	for _, in := range [][]*tensor.Tensor{
		{x, i64(1), i64(3)},
		{x, i64(-1), i64(math.MinInt64), i64(1), i64(-2)},
		{x, i64(0, 1), i64(math.MaxInt64, -1), i64(0, 2), i64(3, 1)},
		{x, i64(3), i64(1), i64(-2)},
	} {
		optest.CheckGrad(t, optest.Case{Op: "Slice", In: in})
	}
	optest.CheckGrad(t, optest.Case{Op: "Slice", Version: 9, Attrs: ir.Pairs("starts", []int{1, -2}, "ends", []int{9, 3}, "axes", []int{0, 2}), In: []*tensor.Tensor{x}})
}

func TestSplitAndConcatGradients(t *testing.T) {
	x := optest.Random(1, -1, 1, 2, 5, 3)
	sizes := i64(2, 0, 3)
	for _, c := range []optest.Case{
		{Op: "Split", Attrs: ir.Pairs("axis", 1), In: []*tensor.Tensor{x, sizes}, Outputs: 3},
		{Op: "Split", Attrs: ir.Pairs("axis", -2), In: []*tensor.Tensor{x, sizes}, Outputs: 3, Ignore: []int{0}},
		{Op: "Split", Attrs: ir.Pairs("axis", 1, "num_outputs", 2), In: []*tensor.Tensor{x}, Outputs: 2},
		{Op: "Split", Version: 11, Attrs: ir.Pairs("axis", 1, "split", []int{4, 1}), In: []*tensor.Tensor{x}, Outputs: 2, Ignore: []int{1}},
		{Op: "Concat", Attrs: ir.Pairs("axis", 1), In: []*tensor.Tensor{x, optest.Random(2, 0, 1, 2, 1, 3), optest.Random(3, 0, 1, 2, 2, 3)}},
		{Op: "Concat", Attrs: ir.Pairs("axis", -1), In: []*tensor.Tensor{x, optest.Random(2, 0, 1, 2, 5, 0)}},
		{Op: "Concat", Attrs: ir.Pairs("axis", 0), In: []*tensor.Tensor{x}},
	} {
		optest.CheckGrad(t, c)
	}
}

func TestPadGradients(t *testing.T) {
	x := optest.Random(1, -1, 1, 3, 4)
	for _, mode := range []string{"constant", "reflect", "edge", "wrap"} {
		attrs := ir.Pairs("mode", mode)
		for _, pads := range [][]int64{{1, 2, 0, 1}, {0, 0, 0, 0}, {2, 3, 2, 3}, {-1, 0, 2, -2}} {
			optest.CheckGrad(t, optest.Case{Op: "Pad", Attrs: attrs, In: []*tensor.Tensor{x, i64(pads...)}})
		}
		optest.CheckGrad(t, optest.Case{Op: "Pad", Attrs: attrs, In: []*tensor.Tensor{x, i64(1, 2), nil, i64(-1)}})
		optest.CheckGrad(t, optest.Case{Op: "Pad", Version: 2, Attrs: ir.Pairs("mode", mode, "pads", []int{0, 1, 2, 0}), In: []*tensor.Tensor{x}})
	}
	optest.CheckGrad(t, optest.Case{Op: "Pad", In: []*tensor.Tensor{x, i64(1, 1, 1, 1), tensor.Scalar(3.0)}, Fixed: []int{2}})
}

func TestGatherGradients(t *testing.T) {
	x := optest.Random(1, -1, 1, 3, 4, 2)
	mask := tensor.Vector(true, false, true)
	for _, c := range []optest.Case{
		{Op: "Gather", In: []*tensor.Tensor{x, tensor.Of([]int64{0, 2, -1, 0}, 2, 2)}},
		{Op: "Gather", Attrs: ir.Pairs("axis", -2), In: []*tensor.Tensor{x, tensor.Scalar[int32](3)}},
		{Op: "Gather", Attrs: ir.Pairs("axis", 1), In: []*tensor.Tensor{x, i64()}},
		{Op: "GatherElements", Attrs: ir.Pairs("axis", 1), In: []*tensor.Tensor{x, tensor.Of([]int64{0, 3, -4, 1, 1, 1}, 3, 1, 2)}},
		{Op: "GatherND", In: []*tensor.Tensor{x, tensor.Of([]int64{0, 1, 2, -1, 0, 1}, 3, 2)}},
		{Op: "GatherND", Attrs: ir.Pairs("batch_dims", 1), In: []*tensor.Tensor{x, tensor.Of([]int64{1, 1, 3}, 3, 1)}},
		{Op: "GatherND", Attrs: ir.Pairs("batch_dims", 1), In: []*tensor.Tensor{x, tensor.Of([]int64{1, 0, 1, 1, 3, 0, 2, 1, 0, 0, 2, 0}, 3, 2, 2)}},
		{Op: "Compress", Attrs: ir.Pairs("axis", 0), In: []*tensor.Tensor{x, mask}},
		{Op: "Compress", In: []*tensor.Tensor{x, mask}},
		{Op: "Trilu", Attrs: ir.Pairs("upper", 0), In: []*tensor.Tensor{x, tensor.Scalar[int64](-1)}},
		{Op: "Trilu", In: []*tensor.Tensor{x}},
		{Op: "TopK", Attrs: ir.Pairs("axis", 1), In: []*tensor.Tensor{x, i64(2)}, Outputs: 2},
		{Op: "TopK", Attrs: ir.Pairs("largest", 0, "axis", 0), In: []*tensor.Tensor{x, i64(3)}, Outputs: 2},
		{Op: "ReverseSequence", In: []*tensor.Tensor{x, i64(1, 3, 0, 2)}},
		{Op: "ReverseSequence", Attrs: ir.Pairs("batch_axis", 0, "time_axis", 1), In: []*tensor.Tensor{x, i64(4, 1, 2)}},
	} {
		optest.CheckGrad(t, c)
	}
}

func TestScatterGradients(t *testing.T) {
	x := optest.Random(1, -1, 1, 3, 4)
	for _, reduction := range []string{"none", "add"} {
		r := ir.Pairs("reduction", reduction, "axis", 1)
		optest.CheckGrad(t, optest.Case{Op: "ScatterElements", Attrs: r, In: []*tensor.Tensor{
			x, tensor.Of([]int64{0, -1, 2, 1}, 2, 2), optest.Random(2, 0, 1, 2, 2)}})
		optest.CheckGrad(t, optest.Case{Op: "ScatterND", Attrs: ir.Pairs("reduction", reduction), In: []*tensor.Tensor{
			x, tensor.Of([]int64{2, 0}, 2, 1), optest.Random(2, 0, 1, 2, 4)}})
	}
	optest.CheckGrad(t, optest.Case{Op: "ScatterND", Attrs: ir.Pairs("reduction", "add"), In: []*tensor.Tensor{
		x, tensor.Of([]int64{1, 1, 1, 1}, 2, 2), optest.Random(2, 0, 1, 2)}})
}

func TestBlockGradients(t *testing.T) {
	x := optest.Random(1, -1, 1, 2, 8, 2, 4)
	for _, mode := range []string{"DCR", "CRD"} {
		optest.CheckGrad(t, optest.Case{Op: "DepthToSpace", Attrs: ir.Pairs("blocksize", 2, "mode", mode), In: []*tensor.Tensor{x}})
	}
	optest.CheckGrad(t, optest.Case{Op: "SpaceToDepth", Attrs: ir.Pairs("blocksize", 2), In: []*tensor.Tensor{x}})
}

// The gradients of movement are linear in dy, and have gradients too.
func TestSecondGradientsOfMovement(t *testing.T) {
	x := optest.Random(1, -1, 1, 3, 4)
	for _, c := range []optest.Case{
		{Op: "SliceGrad", In: []*tensor.Tensor{optest.Random(2, 0, 1, 2, 4), x, i64(2), i64(0), i64(0), i64(-1)}},
		{Op: "GatherGrad", Attrs: ir.Pairs("axis", 1), In: []*tensor.Tensor{optest.Random(2, 0, 1, 3, 3), x, i64(0, 3, 0)}},
		{Op: "TileGrad", In: []*tensor.Tensor{optest.Random(2, 0, 1, 3, 8), x, i64(1, 2)}},
		{Op: "PadGrad", Attrs: ir.Pairs("mode", "edge"), In: []*tensor.Tensor{optest.Random(2, 0, 1, 4, 5), x, i64(1, 0, 0, 1)}},
	} {
		c.Domain, c.Fixed = "tomo", []int{1}
		optest.CheckGrad(t, c)
	}
}

// TestPadWrapsWhatIsLeft: where one side is cropped, what is left goes round on
// the other, as in PyTorch and ONNX Runtime.
func TestPadWrapsWhatIsLeft(t *testing.T) {
	c := optest.Case{Op: "Pad", Attrs: ir.Pairs("mode", "wrap"), In: []*tensor.Tensor{tensor.Vector(1.0, 2, 3, 4), tensor.Vector[int64](3, -1)}}
	if got, want := c.Eval(t)[0], tensor.Vector(1.0, 2, 3, 1, 2, 3); !tensor.Equal(got, want) {
		t.Errorf("got %v, want %v", tensor.Data[float64](got), tensor.Data[float64](want))
	}
	optest.CheckGrad(t, c)
	refuses(t, "Pad", c.Attrs, "nothing is left", c.In[0], tensor.Vector[int64](5, -4))
}
