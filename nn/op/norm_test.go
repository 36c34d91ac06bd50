package op_test

import (
	"math"
	"testing"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/op/optest"
	"github.com/tomo-viz/tomo/nn/tensor"
)

func batchNormInputs(x []int, params ...int) []*tensor.Tensor {
	return []*tensor.Tensor{rand64(x...), optest.Random(1, 0.5, 2, params...), rand64(params...), optest.Random(2, -1, 1, params...), optest.Random(3, 0.5, 2, params...)}
}

func TestBatchNormGradients(t *testing.T) {
	for _, x := range [][]int{{4, 3}, {2, 3, 4}, {2, 3, 4, 2}, {2, 3, 2, 2, 2}} {
		for _, version := range []int{1, 6, 7, 9, 14, 15} {
			optest.CheckGrad(t, optest.Case{Op: "BatchNormalization", Version: version, In: batchNormInputs(x, 3)})
		}
		training := ir.Attrs{"training_mode": integer(1), "epsilon": number(1e-3)}
		optest.CheckGrad(t, optest.Case{Op: "BatchNormalization", Attrs: training, In: batchNormInputs(x, 3), Fixed: []int{3, 4}, Outputs: 3, Ignore: []int{1, 2}})
	}
	perPosition := ir.Attrs{"spatial": integer(0)}
	optest.CheckGrad(t, optest.Case{Op: "BatchNormalization", Version: 7, Attrs: perPosition, In: batchNormInputs([]int{3, 2, 4}, 2, 4)})
	optest.CheckGrad(t, optest.Case{Op: "BatchNormalization", In: batchNormInputs([]int{5}, 1)})
}

// TestBatchNormTraining checks the definition on one channel: mean 2.5 and
// variance 1.25 of 1, 2, 3, 4.
func TestBatchNormTraining(t *testing.T) {
	one := func(v float64) *tensor.Tensor { return tensor.Vector(v) }
	in := []*tensor.Tensor{tensor.Of([]float64{1, 2, 3, 4}, 2, 1, 2), one(2), one(1), one(10), one(20)}
	attrs := ir.Attrs{"training_mode": integer(1), "epsilon": number(0), "momentum": number(0.5)}
	out := optest.Case{Op: "BatchNormalization", Attrs: attrs, In: in, Outputs: 3}.Eval(t)
	want := []float64{1 - 3/math.Sqrt(1.25), 1 - 1/math.Sqrt(1.25), 1 + 1/math.Sqrt(1.25), 1 + 3/math.Sqrt(1.25)}
	for i, y := range tensor.Data[float64](out[0]) {
		if math.Abs(y-want[i]) > 1e-12 {
			t.Errorf("y[%d] = %v, want %v", i, y, want[i])
		}
	}
	if mean, variance := tensor.Data[float64](out[1])[0], tensor.Data[float64](out[2])[0]; mean != 6.25 || variance != 10.625 {
		t.Errorf("running mean %v and variance %v, want 6.25 and 10.625", mean, variance)
	}
}

func TestLayerNormGradients(t *testing.T) {
	x := rand64(2, 3, 4, 2)
	for axis, params := range map[int64][]int{-1: {2}, 3: {2}, -2: {4, 2}, 2: {4, 2}, 1: {3, 4, 2}, 0: {2, 3, 4, 2}} {
		attrs := ir.Attrs{"axis": integer(axis)}
		optest.CheckGrad(t, optest.Case{Op: "LayerNormalization", Attrs: attrs, In: []*tensor.Tensor{x, rand64(params...), optest.Random(9, -1, 1, params...)}})
		optest.CheckGrad(t, optest.Case{Op: "LayerNormalization", Attrs: attrs, In: []*tensor.Tensor{x, rand64(params...)}})
		optest.CheckGrad(t, optest.Case{Op: "RMSNormalization", Attrs: attrs, In: []*tensor.Tensor{x, rand64(params...)}})
	}
	// A parameter may be smaller than what is standardized.
	optest.CheckGrad(t, optest.Case{Op: "LayerNormalization", Attrs: ir.Attrs{"axis": integer(1)}, In: []*tensor.Tensor{x, rand64(2), rand64(4, 1)}})
	optest.CheckGrad(t, optest.Case{Op: "SimplifiedLayerNormalization", In: []*tensor.Tensor{x, rand64(2)}})
}

// TestRowGradGradients differentiates the gradients of what works on rows.
func TestRowGradGradients(t *testing.T) {
	dy, x := rand64(2, 3, 4), optest.Random(4, -1, 1, 2, 3, 4)
	for axis, scale := range map[int64][]int{-1: {4}, -2: {3, 4}} {
		attrs := ir.Attrs{"axis": integer(axis)}
		optest.CheckGrad(t, optest.Case{Op: "SoftmaxGrad", Domain: op.Domain, Attrs: attrs, In: []*tensor.Tensor{dy, x}})
		optest.CheckGrad(t, optest.Case{Op: "LayerNormGrad", Domain: op.Domain, Attrs: attrs, Outputs: 2, In: []*tensor.Tensor{dy, x, rand64(scale...)}})
	}
}

func TestGroupNormGradients(t *testing.T) {
	for _, x := range [][]int{{2, 4, 3}, {2, 4, 3, 2}} {
		optest.CheckGrad(t, optest.Case{Op: "InstanceNormalization", In: []*tensor.Tensor{rand64(x...), rand64(4), optest.Random(5, -1, 1, 4)}})
		attrs := ir.Attrs{"num_groups": integer(2)}
		optest.CheckGrad(t, optest.Case{Op: "GroupNormalization", Attrs: attrs, In: []*tensor.Tensor{rand64(x...), rand64(4), optest.Random(5, -1, 1, 4)}})
		optest.CheckGrad(t, optest.Case{Op: "GroupNormalization", Version: 18, Attrs: attrs, In: []*tensor.Tensor{rand64(x...), rand64(2), optest.Random(5, -1, 1, 2)}})
	}
}

func TestOtherNormGradients(t *testing.T) {
	x := rand64(2, 5, 3, 2)
	optest.CheckGrad(t, optest.Case{Op: "MeanVarianceNormalization", In: []*tensor.Tensor{x}})
	optest.CheckGrad(t, optest.Case{Op: "MeanVarianceNormalization", Attrs: ir.Attrs{"axes": ints(1, -1)}, In: []*tensor.Tensor{x}})
	for _, axis := range []int64{0, 1, -1} {
		for _, p := range []int64{1, 2} {
			optest.CheckGrad(t, optest.Case{Op: "LpNormalization", Attrs: ir.Attrs{"axis": integer(axis), "p": integer(p)}, In: []*tensor.Tensor{x}})
		}
	}
	for _, size := range []int64{1, 2, 3, 4, 20} {
		attrs := ir.Attrs{"size": integer(size), "alpha": number(0.5), "beta": number(0.8), "bias": number(1.2)}
		optest.CheckGrad(t, optest.Case{Op: "LRN", Attrs: attrs, In: []*tensor.Tensor{x}})
	}
}

func TestNormRefuses(t *testing.T) {
	f32 := func(shape ...int) *tensor.Tensor { return tensor.New(tensor.Float32, shape...) }
	x := f32(2, 4, 3)
	refuses(t, "BatchNormalization", nil, "channels", x, f32(3), f32(4), f32(4), f32(4))
	refuses(t, "LayerNormalization", ir.Attrs{"axis": integer(3)}, "axis", x, f32(3))
	refuses(t, "LayerNormalization", nil, "broadcast", x, f32(4))
	refuses(t, "LayerNormalization", nil, "varies", x, f32(4, 3))
	refuses(t, "GroupNormalization", nil, "groups", x, f32(4), f32(4))
	refuses(t, "GroupNormalization", ir.Attrs{"num_groups": integer(3)}, "groups", x, f32(4), f32(4))
	refuses(t, "InstanceNormalization", nil, "elements", x, f32(3), f32(4))
	refuses(t, "InstanceNormalization", nil, "channels", f32(4), f32(4), f32(4))
	refuses(t, "MeanVarianceNormalization", nil, "axis", x)
	refuses(t, "LpNormalization", ir.Attrs{"p": integer(3)}, "order", x)
	refuses(t, "LRN", nil, "size", x)
	refuses(t, "LRN", ir.Attrs{"size": integer(3)}, "channels", f32(3))
}

// TestLayerNormTypes has the result in the type of the scale.
func TestLayerNormTypes(t *testing.T) {
	half, err := tensor.Of([]float32{1, 3}, 1, 2).Convert(tensor.Float16)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"LayerNormalization", "RMSNormalization"} {
		c := optest.Case{Op: name, In: []*tensor.Tensor{half, tensor.Vector[float32](1, 2)}}
		if y := c.Eval(t)[0]; y.DType() != tensor.Float32 {
			t.Errorf("%s of halves with a float32 scale is %v", name, y)
		}
	}
}
