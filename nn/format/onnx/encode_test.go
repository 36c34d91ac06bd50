package onnx_test

import (
	"slices"
	"testing"

	"github.com/tomo-viz/tomo/internal/shared"
	"github.com/tomo-viz/tomo/nn/format/onnx"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// TestEncode writes real networks anew and reads them back: nodes, attributes,
// weights, inputs and outputs stay as they were.
func TestEncode(t *testing.T) {
	for _, file := range []string{"golden/tinyresnet/tinyresnet_op13.onnx", "golden/tinybert/tinybert_op13.onnx", "data/models/onnx/squeezenet1.1_fp16.onnx"} {
		want, err := onnx.Open(shared.Path(t, file))
		if err != nil {
			t.Fatal(err)
		}
		raw, err := onnx.Encode(want)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		got, err := onnx.Decode(raw, "")
		if err != nil {
			t.Fatalf("%s read back: %v", file, err)
		}
		sameNodes(t, file, got, want)
		sameConstants(t, file, got, want)
		if !slices.Equal(namesOf(got, got.Inputs), namesOf(want, want.Inputs)) || !slices.Equal(namesOf(got, got.Outputs), namesOf(want, want.Outputs)) {
			t.Errorf("%s: inputs or outputs differ", file)
		}
	}
}

func sameNodes(t *testing.T, file string, got, want *ir.Graph) {
	t.Helper()
	if len(got.Nodes) != len(want.Nodes) {
		t.Fatalf("%s: %d nodes, want %d", file, len(got.Nodes), len(want.Nodes))
	}
	for i := range want.Nodes {
		g, w := &got.Nodes[i], &want.Nodes[i]
		if g.Name != w.Name || g.Op != w.Op || len(g.Attrs) != len(w.Attrs) ||
			!slices.Equal(namesOf(got, g.Inputs), namesOf(want, w.Inputs)) {
			t.Errorf("%s: node %q became %q", file, w.Name, g.Name)
		}
	}
}

func sameConstants(t *testing.T, file string, got, want *ir.Graph) {
	t.Helper()
	for i := range want.Values {
		w := &want.Values[i]
		if w.Const == nil {
			continue
		}
		g := got.ValueByName(w.Name)
		if g == ir.None || !tensor.Equal(got.Values[g].Const, w.Const) {
			t.Errorf("%s: constant %q is not what it was", file, w.Name)
		}
	}
}

func namesOf(g *ir.Graph, ids []ir.ValueID) []string {
	var out []string
	for _, v := range ids {
		if v == ir.None {
			out = append(out, "")
			continue
		}
		out = append(out, g.Values[v].Name)
	}
	return out
}
