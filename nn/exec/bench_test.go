package exec_test

import (
	"testing"

	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/pass"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// The benchmarks run whole networks at batch 1 on the native executor: forward,
// with the gradient of the input, and with the gradients of all parameters.

func BenchmarkSqueezeNet(b *testing.B) {
	g := pass.Upcast(open(b, "data/models/onnx/squeezenet1.1_fp16.onnx"))
	network(b, g, wave(tensor.Float32, []int{1, 3, 224, 224}))
}

func BenchmarkTinyResNet(b *testing.B) {
	network(b, open(b, "golden/tinyresnet/tinyresnet_op13.onnx"), wave(tensor.Float32, []int{1, 3, 32, 32}))
}

func BenchmarkTinyViT(b *testing.B) {
	network(b, open(b, "golden/tinyvit/tinyvit_op17.onnx"), wave(tensor.Float32, []int{1, 3, 64, 64}))
}

func BenchmarkTinyBERT(b *testing.B) {
	network(b, open(b, "golden/tinybert/tinybert_op13.onnx"), wave(tensor.Int64, []int{1, 24}))
}

func network(b *testing.B, g *ir.Graph, x *tensor.Tensor) {
	s, feeds := exec.NewSession(g, exec.Default()), feed(g, x)
	b.Run("forward", func(b *testing.B) {
		for b.Loop() {
			must(s.Run(b.Context(), feeds, g.Outputs[0]))(b)
		}
	})
	gradient := func(wrt []ir.ValueID) func(b *testing.B) {
		return func(b *testing.B) {
			for b.Loop() {
				if _, _, err := s.Gradient(b.Context(), feeds, exec.GradientOf{Y: g.Outputs[0], Wrt: wrt}); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
	if x.DType() == tensor.Float32 {
		b.Run("input", gradient(g.Inputs[:1]))
	}
	b.Run("parameters", gradient(weights(g)))
}

// weights lists the float32 constants that are no single numbers.
func weights(g *ir.Graph) []ir.ValueID {
	var list []ir.ValueID
	for v := range g.Values {
		if c := g.Values[v].Const; c != nil && c.DType() == tensor.Float32 && c.Len() > 1 {
			list = append(list, ir.ValueID(v))
		}
	}
	return list
}
