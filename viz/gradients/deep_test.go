package gradients

import (
	"testing"

	"github.com/tomo-viz/tomo/lab"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/viz"
)

// build opens one of the lab's deep networks.
func build(t *testing.T, d lab.Deep, seed uint64) *model.Model {
	t.Helper()
	g := d.Build(seed).Graph
	m, err := model.New(g.Name+".onnx", g, model.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// blobs are samples for them.
func blobs(seed uint64, n int) viz.Series {
	d := lab.Blobs(seed, n)
	return viz.Series{Arrays: map[string]*tensor.Tensor{"x": d.X, "y": tensor.Of(d.Labels, n)}}
}

// look runs a model over data and gives the history.
func look(t *testing.T, m *model.Model, data viz.Series) *history {
	t.Helper()
	s, err := newPass(t.Context(), &viz.Input{Model: m, Series: data}, m, defaults)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.run(t.Context(), func(int) {}); err != nil {
		t.Fatal(err)
	}
	return s.conclude()
}

// endingWith puts an operator behind the network's answer.
func endingWith(t *testing.T, m *model.Model, op string) *model.Model {
	t.Helper()
	if op == "" {
		return m
	}
	g := m.File.Clone()
	g.Outputs = []ir.ValueID{ir.NewBuilder(g, "end/").Op(op, nil, g.Outputs[0])}
	out, err := model.New(g.Name+".onnx", g, model.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// spellSoftmax ends a network with exp(x) / Σ exp(x).
func spellSoftmax(t *testing.T, m *model.Model) *model.Model {
	t.Helper()
	g := m.File.Clone()
	b := ir.NewBuilder(g, "end/")
	e := b.Op("Exp", nil, g.Outputs[0])
	g.Outputs = []ir.ValueID{b.Op("Div", nil, e, b.Op("ReduceSum", nil, e, b.Ints(1)))}
	out, err := model.New(g.Name+".onnx", g, model.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
