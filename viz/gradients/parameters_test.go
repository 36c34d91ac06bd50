package gradients

import (
	"testing"

	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// TestParametersThatAreMeasured: PyTorch's exporter writes a convolution without
// bias, unless it is optimized, with one of zeros in the size of its weights. The
// node that reads that size is not what computes with them.
func TestParametersThatAreMeasured(t *testing.T) {
	g := ir.New("measured")
	x := g.AddInput("x", tensor.Float32, ir.Dims(1, 2, 4, 4))
	b := ir.NewBuilder(g, "")
	w := g.AddConst("conv.weight", tensor.New(tensor.Float32, 3, 2, 1, 1))
	size := b.Op("Shape", ir.Pairs("start", 0, "end", 1), w)
	zeros := b.Op("Expand", nil, b.Float(0, tensor.Float32), size)
	conv := b.Op("Conv", nil, x, w, zeros)
	g.Outputs = []ir.ValueID{b.Op("Flatten", nil, b.Op("GlobalAveragePool", nil, conv))}
	g.Values[w].Param = true
	m, err := model.New("measured.onnx", g, model.Options{})
	if err != nil {
		t.Fatal(err)
	}
	found, err := findTrainable(m, g.Outputs[0])
	if err != nil {
		t.Fatal(err)
	}
	if len(found.parameters) != 1 || len(found.shared) > 0 {
		t.Fatalf("parameters %v, shared %v; want one that is not shared", found.parameters, found.shared)
	}
	if n := m.Net.Nodes[found.parameters[0].node]; n.Op != "Conv" {
		t.Errorf("%s reads the weights, want Conv", n.Op)
	}
	if len(found.layers) != 1 || found.layers[0].output != conv {
		t.Errorf("layers %v, want one that puts out value %d", found.layers, conv)
	}
}
