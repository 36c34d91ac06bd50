package zoo

import (
	"math"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/internal/exports"
	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/format/onnx"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// TestExportedNetworks gives architectures the weights of the same network of
// PyTorch, by their names, and expects PyTorch's outputs, and the gradients that
// it computes in float64.
//
// The network computes in float64 too, by the reference: so nothing differs but
// the architecture, and no rounding moves a value across a corner of a ReLU.
func TestExportedNetworks(t *testing.T) {
	if testing.Short() {
		t.Skip("some minutes")
	}
	found := map[string]exports.Model{}
	for _, m := range exports.All(t) {
		if name, ok := strings.CutSuffix(m.Name, "-dynamo-raw"); ok {
			found[name] = m
		}
	}
	for _, a := range Architectures() {
		m, ok := found[a.Name]
		if !ok {
			continue
		}
		t.Run(a.Name, func(t *testing.T) {
			g := a.Small.Build(1)
			adopt(t, g, m)
			g = exports.Double(g)
			for i, r := range m.Runs(t) {
				feeds := map[ir.ValueID]*tensor.Tensor{g.Inputs[0]: exports.Widened(r.In[0])}
				of := exec.GradientOf{Y: g.Outputs[0], Seed: exports.Widened(r.Seed), Wrt: g.Inputs, Fetch: g.Outputs}
				grads, outputs, err := exec.NewSession(g, exec.Plain()).Gradient(t.Context(), feeds, of)
				if err != nil {
					t.Fatal(err)
				}
				// The outputs are PyTorch's in float32.
				output, gradient := apart(t, outputs[0], r.Out[0]), apart(t, grads[0], r.Exact[0])
				t.Logf("run %d: relative to the greatest magnitudes, the output is off by %.2g and the gradient by %.2g", i, output, gradient)
				if !(output <= 1e-4) || !(gradient <= 1e-5) {
					t.Error("too far")
				}
			}
		})
	}
}

// adopt replaces the weights of g by those of the same names.
func adopt(t *testing.T, g *ir.Graph, m exports.Model) {
	t.Helper()
	from, err := onnx.Open(m.Path())
	if err != nil {
		t.Fatal(err)
	}
	weights := map[string]*tensor.Tensor{}
	for i := range from.Values {
		weights[from.Values[i].Name] = from.Values[i].Const
	}
	for i := range g.Values {
		v := &g.Values[i]
		if !v.Param && !v.Buffer {
			continue
		}
		w := weights[v.Name]
		if w == nil || w.Len() != v.Const.Len() {
			t.Fatalf("PyTorch has no weights %s %v", v.Name, v.Const)
		}
		v.Const = w
	}
}

// apart is the greatest difference relative to the greatest magnitude of b.
func apart(t *testing.T, a, b *tensor.Tensor) float64 {
	t.Helper()
	x, errX := a.Floats()
	y, errY := b.Floats()
	if errX != nil || errY != nil || len(x) != len(y) {
		t.Fatalf("%v beside %v", a, b)
	}
	var worst, scale float64
	for i := range y {
		worst, scale = max(worst, math.Abs(x[i]-y[i])), max(scale, math.Abs(y[i]))
	}
	return worst / scale
}
