package saliency

import (
	"testing"

	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// TestLogSumExp asserts that its rules give what those of its parts, a logarithm, a
// sum and exponentials, give where none overflows, and DeepLIFT's the same where all
// numbers are far larger or smaller.
func TestLogSumExp(t *testing.T) {
	for name, keepdims := range map[string]int{"axes kept": 1, "axes dropped": 0} {
		whole, parts := logSumNet(t, keepdims, false), logSumNet(t, keepdims, true)
		shares := func(m *model.Model, v Variant, shift float32) []float32 {
			x, base := tensor.New(tensor.Float32, 1, 4, 6, 8), make([]float32, 4*6*8)
			for i := range base { // eighths, which stay exact; some do not differ
				x.F32()[i], base[i] = shift+float32(i*i%29)/8, shift+float32(i*7%13)/8
			}
			p := probeOf(t, m, x, 1, v, epsilon(1e-9))
			p.base = base
			got, err := v.entry().attribute(t.Context(), p)
			if err != nil {
				t.Fatalf("%s, %s: %v", v, name, err)
			}
			return got
		}
		near(t, "LRP, "+name, shares(whole, "lrpepsilon", 0), shares(parts, "lrpepsilon", 0), 1e-5)
		for _, shift := range []float32{0, 300, -300} {
			near(t, "DeepLIFT, "+name, shares(whole, "deeplift", shift), shares(parts, "deeplift", 0), 1e-5)
		}
	}
}

// logSumNet is a log-sum-exp over the last two axes of [1,4,6,8] and a dense layer;
// it is one operator, or its parts.
func logSumNet(t *testing.T, keepdims int, apart bool) *model.Model {
	t.Helper()
	g := ir.New("logsum")
	x, b := g.AddInput("x", tensor.Float32, ir.Dims(1, 4, 6, 8)), ir.NewBuilder(g, "")
	attrs, axes := ir.Pairs("keepdims", keepdims), b.Ints(-1, 2)
	var y ir.ValueID
	if apart {
		y = b.Op("Log", nil, b.Op("ReduceSum", attrs, b.Op("Exp", nil, x), axes))
	} else {
		y = b.Op("ReduceLogSumExp", attrs, x, axes)
	}
	w := tensor.Of([]float32{1, -2, 3, 0.5, 1.5, -1, 0.25, 2, -0.5, 1, 2, -3}, 4, 3)
	g.Outputs = []ir.ValueID{b.Op("Gemm", nil, b.Op("Flatten", nil, y), b.Const(w))}
	m, err := model.New("logsum.onnx", g, model.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}
