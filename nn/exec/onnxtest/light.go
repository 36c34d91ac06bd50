package onnxtest

import (
	"testing"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// LightModels are the names of the cases that Light knows.
var LightModels = []string{
	"bvlc_alexnet", "densenet121", "inception_v1", "inception_v2", "resnet50", "shufflenet", "squeezenet", "vgg19", "zfnet512",
}

// Light returns one of the suite's light models: a well-known architecture
// whose weights are constants. Their inputs are not stored; they count evenly
// from 0 to before 1.
func Light(t testing.TB, name string) Case {
	t.Helper()
	files := readOnce(t)
	prefix := "onnx/backend/test/data/light/light_" + name
	c := Case{Name: "light_" + name, Model: files[prefix+".onnx"]}
	if c.Model == nil {
		t.Fatalf("the suite has no light model %s", name)
	}
	c.Sets = []Set{{Outputs: [][]byte{files[prefix+"_output_0.pb"]}}}
	return c
}

// ramps makes the inputs of a light model.
func ramps(g *ir.Graph) []*tensor.Tensor {
	var in []*tensor.Tensor
	for _, v := range fed(g) {
		shape, _ := g.Values[v].Shape.Ints()
		x := tensor.New(tensor.Float32, shape...)
		for i, d := 0, x.F32(); i < len(d); i++ {
			d[i] = float32(float64(i) / float64(len(d)))
		}
		in = append(in, x)
	}
	return in
}
