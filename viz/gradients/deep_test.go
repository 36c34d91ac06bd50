package gradients

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/viz"
)

// A deep network is linear layers of one width with an activation function
// behind each.
type deep struct {
	depth, width int
	activation   string
	// gain is that of the weights: their standard deviation is gain / √width.
	gain     float64
	residual bool // each layer adds to what it is given
	norm     bool // and normalizes it before
}

const (
	features = 20
	kinds    = 5
)

// build draws the weights from a seed.
func (d deep) build(t *testing.T, seed uint64) *model.Model {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 11))
	g := ir.New(fmt.Sprintf("%s%d", d.activation, d.depth))
	g.Opsets[""] = 17
	b := ir.NewBuilder(g, "")
	param := func(name string, values []float32, shape ...int) ir.ValueID {
		v := g.AddConst(name, tensor.Of(values, shape...))
		g.Values[v].Param = true
		return v
	}
	linear := func(name string, x ir.ValueID, in, out int, gain float64) ir.ValueID {
		w := make([]float32, in*out)
		for i := range w {
			w[i] = float32(r.NormFloat64() * gain / math.Sqrt(float64(in)))
		}
		return b.Op("Gemm", ir.Pairs("transB", 1), x, param(name+".weight", w, out, in), param(name+".bias", make([]float32, out), out))
	}
	x := g.AddInput("x", tensor.Float32, ir.Shape{ir.Symbol("batch"), ir.Known(features)})
	y := linear("layers.0", x, features, d.width, 1)
	for i := 1; i < d.depth-1; i++ {
		z := y
		if d.norm {
			ones := make([]float32, d.width)
			for k := range ones {
				ones[k] = 1
			}
			name := fmt.Sprintf("norms.%d", i)
			z = b.Op("LayerNormalization", nil, z, param(name+".weight", ones, d.width), param(name+".bias", make([]float32, d.width), d.width))
		}
		z = b.Op(d.activation, nil, linear(fmt.Sprintf("layers.%d", i), z, d.width, d.width, d.gain))
		if d.residual {
			z = b.Op("Add", nil, y, z)
		}
		y = z
	}
	g.Outputs = []ir.ValueID{linear(fmt.Sprintf("layers.%d", d.depth-1), y, d.width, kinds, 1)}
	m, err := model.New(g.Name+".onnx", g, model.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// blobs are samples around a centre for each class.
func blobs(seed uint64, n int) viz.Series {
	r := rand.New(rand.NewPCG(seed, 12))
	var centres [kinds][features]float64
	for c := range centres {
		for k := range centres[c] {
			centres[c][k] = r.NormFloat64()
		}
	}
	x, y := make([]float32, n*features), make([]int64, n)
	for i := range y {
		y[i] = int64(i % kinds)
		for k := range features {
			x[i*features+k] = float32(centres[y[i]][k] + 0.5*r.NormFloat64())
		}
	}
	return viz.Series{Arrays: map[string]*tensor.Tensor{"x": tensor.Of(x, n, features), "y": tensor.Of(y, n)}}
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
