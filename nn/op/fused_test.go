package op_test

import (
	"testing"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op/optest"
	"github.com/tomo-viz/tomo/nn/tensor"
)

func TestSkipNormGradients(t *testing.T) {
	for _, skip := range [][]int{{2, 3, 5}, {1, 3, 5}, {3, 5}} {
		in := []*tensor.Tensor{rand64(2, 3, 5), optest.Random(1, -1, 1, skip...), optest.Random(2, -1, 1, 5), optest.Random(3, -1, 1, 5), optest.Random(4, -1, 1, 5)}
		layer := optest.Case{Op: "SkipLayerNormalization", Domain: "com.microsoft", In: in}
		optest.CheckGrad(t, layer)
		layer.Outputs, layer.Ignore = 4, []int{1, 2}
		optest.CheckGrad(t, layer)
		layer.In = in[:3]
		optest.CheckGrad(t, layer)
		rms := optest.Case{Op: "SkipSimplifiedLayerNormalization", Domain: "com.microsoft", In: in[:4]}
		optest.CheckGrad(t, rms)
		rms.Outputs, rms.Ignore = 4, []int{1, 2}
		optest.CheckGrad(t, rms)
	}
}

// TestSkipNormIsItsParts: the sum, then the normalization.
func TestSkipNormIsItsParts(t *testing.T) {
	x, skip, scale, bias := rand64(2, 5), optest.Random(1, -1, 1, 2, 5), optest.Random(2, -1, 1, 5), optest.Random(3, -1, 1, 5)
	got := optest.Case{Op: "SkipLayerNormalization", Domain: "com.microsoft", Attrs: ir.Pairs("epsilon", 1e-3), In: []*tensor.Tensor{x, skip, scale, bias}, Outputs: 4}.Eval(t)
	sum := optest.Case{Op: "Add", In: []*tensor.Tensor{x, skip}}.Eval(t)[0]
	want := optest.Case{Op: "LayerNormalization", Attrs: ir.Pairs("epsilon", 1e-3), In: []*tensor.Tensor{sum, scale, bias}}.Eval(t)[0]
	if !tensor.Equal(got[0], want) || !tensor.Equal(got[3], sum) {
		t.Error("the parts give something else")
	}
}

func TestFusedMatMul(t *testing.T) {
	for _, c := range []struct {
		a, b  []int
		attrs ir.Attrs
	}{
		{[]int{3, 4}, []int{4, 5}, ir.Pairs("alpha", 0.5)},
		{[]int{4, 3}, []int{5, 4}, ir.Pairs("transA", 1, "transB", 1)},
		{[]int{2, 4, 3}, []int{2, 4, 5}, ir.Pairs("transA", 1, "alpha", 2.)},
		{[]int{3, 2, 4}, []int{2, 4, 5}, ir.Pairs("transBatchA", 1)},
		{[]int{2, 3, 4}, []int{5, 2, 4}, ir.Pairs("transBatchB", 1, "transB", 1)},
		{[]int{4}, []int{2, 4, 5}, ir.Pairs("transA", 1)},
	} {
		in := []*tensor.Tensor{optest.Random(1, -1, 1, c.a...), optest.Random(2, -1, 1, c.b...)}
		optest.CheckGrad(t, optest.Case{Op: "FusedMatMul", Domain: "com.microsoft", Attrs: c.attrs, In: in})
	}
	// [rows, batch, inner] is the same as [batch, rows, inner] transposed.
	a, b := rand64(3, 2, 4), rand64(2, 4, 5)
	fused := optest.Case{Op: "FusedMatMul", Domain: "com.microsoft", Attrs: ir.Pairs("transBatchA", 1), In: []*tensor.Tensor{a, b}}.Eval(t)[0]
	moved := optest.Case{Op: "Transpose", Attrs: ir.Pairs("perm", []int{1, 0, 2}), In: []*tensor.Tensor{a}}.Eval(t)[0]
	if want := (optest.Case{Op: "MatMul", In: []*tensor.Tensor{moved, b}}).Eval(t)[0]; !tensor.Equal(fused, want) {
		t.Error("transBatchA is not that transposition")
	}
}

func TestLegacyOperators(t *testing.T) {
	x := rand64(2, 3, 5, 4)
	scaler := optest.Case{Op: "ImageScaler", Version: 1, Attrs: ir.Attrs{"scale": number(2), "bias": {Value: []float32{1, -1, 0.5}}}, In: []*tensor.Tensor{x}}
	optest.CheckGrad(t, scaler)
	if got, want := tensor.Data[float64](scaler.Eval(t)[0])[20], 2*tensor.Data[float64](x)[20]-1; got != want {
		t.Errorf("ImageScaler gives %v, want %v", got, want)
	}
	for _, c := range []struct {
		attrs ir.Attrs
		want  *tensor.Tensor
	}{
		{ir.Pairs("border", []int{1, 0, 1, 2}), tensor.Of([]float64{1, 4}, 1, 1, 2, 1)},
		{ir.Pairs("border", []int{0, 1, 0, 0}, "scale", []int{2, 3}), tensor.Of([]float64{3, 4, 5, 6, 7, 8}, 1, 1, 2, 3)},
	} {
		crop := optest.Case{Op: "Crop", Version: 1, Attrs: c.attrs, In: []*tensor.Tensor{tensor.Of([]float64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, 1, 1, 4, 3)}}
		if got := crop.Eval(t)[0]; !tensor.Equal(got, c.want) {
			t.Errorf("Crop gives %v", tensor.Data[float64](got))
		}
		optest.CheckGrad(t, crop)
	}
	refuses(t, "Crop", nil, "border", tensor.New(tensor.Float32, 1, 1, 4, 4))
	refuses(t, "Crop", ir.Pairs("border", []int{-1, 2, 2, 2}), "border", tensor.New(tensor.Float32, 1, 1, 4, 4))
	refuses(t, "ImageScaler", ir.Attrs{"bias": {Value: []float32{1, 2}}}, "broadcast", tensor.New(tensor.Float32, 1, 3, 4, 4))
	for _, name := range []string{"Affine", "ScaledTanh", "ParametricSoftplus"} {
		optest.CheckGrad(t, optest.Case{Op: name, Version: 1, Attrs: ir.Pairs("alpha", 1.5, "beta", 0.7), In: []*tensor.Tensor{x}})
	}
}

// TestFusedConv: every activation, on the convolution plus what is added.
func TestFusedConv(t *testing.T) {
	in := []*tensor.Tensor{rand64(1, 2, 5, 5), optest.Random(1, -1, 1, 3, 2, 3, 3), optest.Random(2, -1, 1, 3), optest.Random(3, -1, 1, 1, 3, 3, 3)}
	conv := optest.Case{Op: "Conv", Attrs: ir.Pairs("strides", []int{2, 2}, "pads", []int{1, 1, 1, 1}), In: in[:3]}.Eval(t)[0]
	sum := optest.Case{Op: "Add", In: []*tensor.Tensor{conv, in[3]}}.Eval(t)[0]
	for kind, attrs := range map[string]ir.Attrs{
		"Relu": nil, "Tanh": nil, "Sigmoid": nil, "LeakyRelu": ir.Pairs("alpha", 0.25), "HardSigmoid": ir.Pairs("alpha", 0.25, "beta", 0.5),
	} {
		params := []float32{}
		for _, name := range []string{"alpha", "beta"} {
			if attrs.Has(name) {
				params = append(params, float32(attrs.Float(name, 0)))
			}
		}
		given := ir.Pairs("strides", []int{2, 2}, "pads", []int{1, 1, 1, 1}, "activation", kind)
		given["activation_params"] = ir.Attr{Value: params}
		fused := optest.Case{Op: "FusedConv", Domain: "com.microsoft", Attrs: given, In: in}
		if want := (optest.Case{Op: kind, Attrs: attrs, In: []*tensor.Tensor{sum}}).Eval(t)[0]; !tensor.Equal(fused.Eval(t)[0], want) {
			t.Errorf("%s: the parts give something else", kind)
		}
		optest.CheckGrad(t, fused)
	}
}

// TestFusedConvClips: the bounds are parameters of the activation.
func TestFusedConvClips(t *testing.T) {
	in := []*tensor.Tensor{rand64(1, 2, 4, 4), optest.Random(1, -1, 1, 3, 2, 3, 3)}
	attrs := ir.Pairs("activation", "Clip")
	attrs["activation_params"] = ir.Attr{Value: []float32{-0.25, 0.5}}
	conv := optest.Case{Op: "Conv", In: in}.Eval(t)[0]
	want := optest.Case{Op: "Clip", In: []*tensor.Tensor{conv, tensor.Scalar(-0.25), tensor.Scalar(0.5)}}.Eval(t)[0]
	if got := (optest.Case{Op: "FusedConv", Domain: "com.microsoft", Attrs: attrs, In: in}).Eval(t)[0]; !tensor.Equal(got, want) {
		t.Error("the parts give something else")
	}
}
