package saliency

import (
	"math/rand/v2"
	"testing"

	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// behind is a convolution of what before makes of a picture.
func behind(t *testing.T, before func(b *ir.Builder, x ir.ValueID) ir.ValueID) *model.Model {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	weights := tensor.New(tensor.Float32, 4, 3, 8, 8)
	for i := range weights.F32() {
		weights.F32()[i] = float32(random.NormFloat64())
	}
	g := ir.New("behind")
	x := g.AddInput("x", tensor.Float32, ir.Dims(1, 3, 8, 8))
	b := ir.NewBuilder(g, "")
	x = before(b, x)
	g.Outputs = []ir.ValueID{b.Op("Flatten", nil, b.Op("Conv", nil, x, b.Const(weights)))}
	m, err := model.New("behind.onnx", g, model.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestBounds has z^B repeat what comes before the first layer, however many ways
// lead there, and where an operator puts out several values.
func TestBounds(t *testing.T) {
	nothing := func(_ *ir.Builder, x ir.ValueID) ir.ValueID { return x }
	for name, before := range map[string]func(*ir.Builder, ir.ValueID) ir.ValueID{
		"2^64 paths": func(b *ir.Builder, x ir.ValueID) ir.ValueID {
			half := b.Const(tensor.Scalar[float32](0.5))
			for range 64 {
				x = b.Op("Mul", nil, b.Op("Add", nil, x, x), half)
			}
			return x
		},
		"split and joined": func(b *ir.Builder, x ir.ValueID) ir.ValueID {
			parts := b.Node("", "Split", ir.Pairs("axis", 1, "num_outputs", 3), 3, x)
			return b.Op("Concat", ir.Pairs("axis", 1), parts...)
		},
	} {
		x := noisyPicture(1)
		got := attribute(t, behind(t, before), x, 1, "lrp", epsilon(1e-9))
		near(t, name, got, attribute(t, behind(t, nothing), x, 1, "lrp", epsilon(1e-9)), tolerance)
	}
}
