package lab

import (
	"math"
	"testing"

	"github.com/tomo-viz/tomo/nn/autodiff"
	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// TestDeepGradients measures what is said of the deep networks: how much larger
// the gradient of the second layer's biases is than that of the last but one's. It
// is that of what the layer computes, whatever the layer is given.
func TestDeepGradients(t *testing.T) {
	for _, c := range []struct {
		name     string
		deep     Deep
		from, to float64
	}{
		{"vanishing", Vanishing, 0, 1e-6},
		{"exploding", Exploding, 1e6, math.Inf(1)},
		{"sound", Sound, 1e-2, 1e2},
	} {
		for seed := range uint64(5) {
			norms := gradientNorms(t, c.deep, seed)
			if r := norms[3] / norms[2*c.deep.Depth-3]; !(c.from < r && r < c.to) {
				t.Errorf("%s with seed %d: it grows by a factor of %.2g, want between %g and %g", c.name, seed, r, c.from, c.to)
			}
		}
	}
}

// gradientNorms are those of each parameter, for the cross entropy of some blobs.
func gradientNorms(t *testing.T, d Deep, seed uint64) []float64 {
	t.Helper()
	net, data := d.Build(seed), Blobs(seed, 64)
	labels := net.Graph.AddInput("labels", tensor.Int64, ir.Shape{ir.Symbol("batch")})
	loss := autodiff.CrossEntropy(ir.NewBuilder(net.Graph, "loss/"), net.Logits, labels)
	feeds := map[ir.ValueID]*tensor.Tensor{net.Input: data.X, labels: tensor.Of(data.Labels, len(data.Labels))}
	grads, _, err := exec.NewSession(net.Graph, exec.Default()).Gradient(t.Context(), feeds, exec.GradientOf{Y: loss, Wrt: net.Params})
	if err != nil {
		t.Fatal(err)
	}
	norms := make([]float64, len(grads))
	for i, g := range grads {
		for _, v := range g.F32() {
			norms[i] += float64(v) * float64(v)
		}
		norms[i] = math.Sqrt(norms[i])
	}
	return norms
}
