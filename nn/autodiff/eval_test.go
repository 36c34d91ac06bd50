package autodiff_test

import (
	"math"
	"testing"

	"github.com/tomo-viz/tomo/internal/shared"
	"github.com/tomo-viz/tomo/nn/format/onnx"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/pass"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// evaluate runs every node that the fetched values need, one at a time.
func evaluate(t *testing.T, g *ir.Graph, feeds map[ir.ValueID]*tensor.Tensor, fetch ...ir.ValueID) []*tensor.Tensor {
	t.Helper()
	values := make([]*tensor.Tensor, len(g.Values))
	var fed []ir.ValueID
	for i := range g.Values {
		values[i] = g.Values[i].Const
	}
	for v, x := range feeds {
		values[v], fed = x, append(fed, v)
	}
	for i, needed := range g.Needed(fetch, fed) {
		n := &g.Nodes[i]
		if !needed {
			continue
		}
		in := make([]*tensor.Tensor, len(n.Inputs))
		for k, v := range n.Inputs {
			if v != ir.None {
				in[k] = values[v]
			}
		}
		out, err := op.Eval(n, in)
		if err != nil {
			t.Fatal(err)
		}
		for k, v := range n.Outputs {
			if v != ir.None && k < len(out) {
				values[v] = out[k]
			}
		}
	}
	got := make([]*tensor.Tensor, len(fetch))
	for i, v := range fetch {
		got[i] = values[v]
	}
	return got
}

// infer works out the types of a graph.
func infer(t *testing.T, g *ir.Graph) []op.Type {
	t.Helper()
	if err := g.Sort(); err != nil {
		t.Fatal(err)
	}
	types, err := pass.Infer(g, nil)
	if err != nil {
		t.Fatal(err)
	}
	return types
}

func open(t *testing.T, rel string) *ir.Graph {
	t.Helper()
	g, err := onnx.Open(shared.Path(t, rel))
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func npy(t *testing.T, rel string) *tensor.Tensor {
	t.Helper()
	a, err := tensor.OpenNPY(shared.Path(t, rel))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func value(t *testing.T, g *ir.Graph, name string) ir.ValueID {
	t.Helper()
	v := g.ValueByName(name)
	if v == ir.None {
		t.Fatalf("no value %q", name)
	}
	return v
}

// closeTo checks that got is want within rel of want's greatest magnitude, or
// 1e-7.
func closeTo(t *testing.T, what string, got, want *tensor.Tensor, rel float64) {
	t.Helper()
	if got == nil {
		t.Errorf("%s: nothing computed", what)
		return
	}
	a, err := got.Floats()
	if err != nil {
		t.Fatal(err)
	}
	b, err := want.Floats()
	if err != nil {
		t.Fatal(err)
	}
	if len(a) != len(b) {
		t.Errorf("%s: %v where %v is expected", what, got, want)
		return
	}
	var scale, worst float64
	for i := range b {
		scale = max(scale, math.Abs(b[i]))
		if d := math.Abs(a[i] - b[i]); d > worst || d != d {
			worst = d
		}
	}
	if !(worst <= max(rel*scale, 1e-7)) {
		t.Errorf("%s: off by %.2g, %.2g of the greatest magnitude", what, worst, worst/scale)
	}
}
