package model

import (
	"math"
	"testing"

	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// TestHead builds the tails that exporters write behind the same linear layer
// of 5 classes, and expects its output, and no other, to be the logits.
func TestHead(t *testing.T) {
	reshape := func(b *ir.Builder, v ir.ValueID, shape ...int) ir.ValueID {
		return b.Op("Reshape", nil, v, b.Ints(shape...))
	}
	quantize := func(b *ir.Builder, v ir.ValueID) ir.ValueID {
		scale, zero := b.Float(0.1, tensor.Float32), b.Const(tensor.Scalar(int8(0)))
		return b.Op("DequantizeLinear", nil, b.Op("QuantizeLinear", nil, v, scale, zero), scale, zero)
	}
	axis := ir.Pairs("axis", 1)
	for name, c := range map[string]struct {
		tail       func(b *ir.Builder, logits ir.ValueID) []ir.ValueID
		activation string
		first      bool // the very value of the linear layer
	}{
		"bare":        {func(b *ir.Builder, v ir.ValueID) []ir.ValueID { return []ir.ValueID{v} }, "none", true},
		"softmax":     {func(b *ir.Builder, v ir.ValueID) []ir.ValueID { return []ir.ValueID{b.Op("Softmax", axis, v)} }, "softmax", true},
		"log softmax": {func(b *ir.Builder, v ir.ValueID) []ir.ValueID { return []ir.ValueID{b.Op("LogSoftmax", axis, v)} }, "softmax", true},
		"sigmoid":     {func(b *ir.Builder, v ir.ValueID) []ir.ValueID { return []ir.ValueID{b.Op("Sigmoid", nil, v)} }, "sigmoid", true},
		"softmax, one row squeezed": {func(b *ir.Builder, v ir.ValueID) []ir.ValueID {
			return []ir.ValueID{reshape(b, b.Op("Softmax", axis, v), 5)}
		}, "softmax", true},
		"reshaped": {func(b *ir.Builder, v ir.ValueID) []ir.ValueID { return []ir.ValueID{reshape(b, v, -1, 5)} }, "none", true},
		"[N, C, 1, 1]": {func(b *ir.Builder, v ir.ValueID) []ir.ValueID {
			return []ir.ValueID{b.Op("Softmax", axis, reshape(b, v, 1, 5, 1, 1))}
		}, "softmax", false},
		"quantized": {func(b *ir.Builder, v ir.ValueID) []ir.ValueID {
			return []ir.ValueID{quantize(b, b.Op("Softmax", axis, quantize(b, v)))}
		}, "softmax", false},
		"label first": {func(b *ir.Builder, v ir.ValueID) []ir.ValueID {
			return []ir.ValueID{b.Op("ArgMax", axis, v), b.Op("Softmax", axis, v)}
		}, "softmax", true},
		"features too": {func(b *ir.Builder, v ir.ValueID) []ir.ValueID {
			return []ir.ValueID{b.Op("Softmax", axis, v), b.Op("Relu", nil, 0)}
		}, "softmax", true},
	} {
		b, x := network(1, 3, 8, 8)
		logits := linear(b, x, 3, 5)
		b.G.Outputs = c.tail(b, logits)
		m := mustModel(t, b.G, nil)
		if m.Head == nil || m.Head.Classes != 5 || m.Head.Activation != c.activation || c.first && m.Head.Logits != logits {
			t.Errorf("%s: %+v, want %s of value %d", name, m.Head, c.activation, logits)
		}
	}
}

// TestNoHead lists outputs that are no scores for classes.
func TestNoHead(t *testing.T) {
	for name, build := range map[string]func(b *ir.Builder, x ir.ValueID) ir.ValueID{
		"a segmentation":    func(b *ir.Builder, x ir.ValueID) ir.ValueID { return b.Op("Softmax", ir.Pairs("axis", 1), x) },
		"boxes":             func(b *ir.Builder, x ir.ValueID) ir.ValueID { return b.Op("Reshape", nil, x, b.Ints(1, -1, 4)) },
		"boxes of no batch": func(b *ir.Builder, x ir.ValueID) ir.ValueID { return b.Op("Reshape", nil, x, b.Ints(48, 4)) },
		"a list made into a table": func(b *ir.Builder, x ir.ValueID) ir.ValueID {
			return b.Op("Reshape", nil, linear(b, x, 3, 6), b.Ints(1, 2, 3))
		},
		"a label alone": func(b *ir.Builder, x ir.ValueID) ir.ValueID {
			return b.Op("ArgMax", ir.Pairs("axis", 1), linear(b, x, 3, 6))
		},
	} {
		b, x := network(1, 3, 8, 8)
		b.G.Outputs = []ir.ValueID{build(b, x)}
		m := mustModel(t, b.G, nil)
		if _, err := m.Classifier(); !fault.IsUser(err) {
			t.Errorf("%s counts as a classifier of %d classes (%v)", name, m.Classes(), err)
		}
	}
}

func TestScores(t *testing.T) {
	for _, c := range []struct {
		activation string
		logits     []float32
		want       []float64
	}{
		{"softmax", []float32{0, float32(math.Log(3))}, []float64{0.25, 0.75}},
		{"softmax", []float32{1000, 1000}, []float64{0.5, 0.5}},
		{"softmax", []float32{0.25, 0.75}, []float64{1 / (1 + math.Exp(0.5)), 1 / (1 + math.Exp(-0.5))}},
		{"none", []float32{0.25, 0.75}, []float64{0.25, 0.75}},
		{"none", []float32{-1, -1}, []float64{0.5, 0.5}},
		{"sigmoid", []float32{0, float32(math.Log(3))}, []float64{0.5, 0.75}},
	} {
		got := (&Head{Activation: c.activation}).Scores(c.logits)
		for i := range got {
			if math.Abs(got[i]-c.want[i]) > 1e-6 {
				t.Errorf("%s of %v: %v, want %v", c.activation, c.logits, got, c.want)
				break
			}
		}
	}
}
