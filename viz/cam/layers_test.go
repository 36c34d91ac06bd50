package cam

import (
	"testing"

	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// TestUsualLayerOfSignals is the rectifier, and none of the nodes behind it by
// which exporters spell a global average over one axis with operators for two.
func TestUsualLayerOfSignals(t *testing.T) {
	g := ir.New("signal")
	x := g.AddInput("x", tensor.Float32, ir.Dims(1, 2, 16))
	b := ir.NewBuilder(g, "")
	conv := b.Op("Conv", nil, x, b.Const(tensor.New(tensor.Float32, 6, 2, 3)))
	relu := b.Op("Relu", nil, conv)
	plane := b.Op("Unsqueeze", nil, relu, b.Ints(2))
	mean := b.Op("Squeeze", nil, b.Op("GlobalAveragePool", nil, plane), b.Ints(2, 3))
	g.Outputs = []ir.ValueID{b.Op("Gemm", nil, mean, b.Const(tensor.New(tensor.Float32, 6, 4)))}
	m, err := model.New("signal.onnx", g, model.Options{})
	if err != nil {
		t.Fatal(err)
	}
	layers, err := pickLayers(m, nil, m.Head.Logits)
	if err != nil {
		t.Fatal(err)
	}
	if layers[0].Value != relu {
		t.Errorf("the usual layer is %s, a %s", layers[0].Name, layers[0].Op)
	}
}
