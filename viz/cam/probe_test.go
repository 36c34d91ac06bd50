package cam

import (
	"context"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/tomo-viz/tomo/data"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/ir"

	"github.com/tomo-viz/tomo/viz/attribution"
)

// probes makes a probe for each of the two pictures of the references.
func probes(t *testing.T, m *model.Model, layer string, o Options) []*probe {
	t.Helper()
	layers, err := pickLayers(m, []string{layer}, m.Head.Logits)
	if err != nil {
		t.Fatal(err)
	}
	x := golden(t, "input.npy")
	var out []*probe
	for i := range x.Dim(0) {
		look, err := Look(context.Background(), m, x.Slice(i, i+1), layers)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, look.newProbe(0, attribution.OfClass(m, class, attribution.Logit), o, "test"))
	}
	return out
}

// TestTorchCAMProbes compares with TorchCAM's maps of the methods that run the
// network again. Noise is off in the references.
func TestTorchCAMProbes(t *testing.T) {
	for _, file := range exports {
		m := open(t, file)
		for _, c := range []struct {
			name string
			make func(context.Context, *probe) (attribution.Field, error)
		}{
			{"ScoreCAM", scoreCAM}, {"SSCAM", smoothScoreCAM}, {"ISCAM", peersIntegratedScoreCAM}, {"SmoothGradCAMpp", peersSmoothGradCAMpp},
		} {
			for _, layer := range []string{"layer2", "layer4"} {
				want := golden(t, "cam_"+c.name+"_"+layer+".npy")
				for i, p := range probes(t, m, layer, Options{Samples: 3}) {
					f, err := c.make(context.Background(), p)
					if err != nil {
						t.Fatal(err)
					}
					compare(t, file+" "+c.name+" "+layer, attribution.Normalize(f.Values), row(want, i), 1)
				}
			}
		}
	}
}

// peersIntegratedScoreCAM has the peer's factors: the running sum of i/N where
// the paper has i/N.
func peersIntegratedScoreCAM(ctx context.Context, p *probe) (attribution.Field, error) {
	n := p.options.Samples
	return p.seenThrough(ctx, n, func(i int, mask []float32) {
		for j := range mask {
			mask[j] *= float32((i%n+1)*(i%n+2)) / float32(2*n)
		}
	})
}

// peersSmoothGradCAMpp has the peer's denominator, 2g² + Σ(A g³), where the
// papers have 2g² + g³ ΣA.
func peersSmoothGradCAMpp(ctx context.Context, p *probe) (attribution.Field, error) {
	grads, err := p.gradientFor(ctx, p.Input)
	if err != nil {
		return attribution.Field{}, err
	}
	s := newStack(p.Grids[0], p.acts(), grads)
	return s.field(relu(s.sum(func(k int) float64 {
		a, g := s.channel(k)
		cubes, w := 1e-8, 0.0
		for i, v := range g {
			cubes += float64(a[i]) * math.Pow(float64(v), 3)
		}
		for _, v := range g {
			g := float64(v)
			w += g * g / (2*g*g + cubes) * max(g, 0)
		}
		return w
	}))), nil
}

// TestSmoothGradCAMppWithoutNoise is Grad-CAM++.
func TestSmoothGradCAMppWithoutNoise(t *testing.T) {
	m := open(t, "tinyresnet_op13.onnx")
	for i, p := range probes(t, m, "layer2", Options{Samples: 2}) {
		f, err := smoothGradCAMpp(context.Background(), p)
		if err != nil {
			t.Fatal(err)
		}
		want := gradCAMpp(stacks(t, m, "layer2")[i])
		compare(t, "Smooth Grad-CAM++", f.Values, want, largest(want))
	}
}

// TestAblationCAM compares with pytorch-grad-cam at the last stage.
func TestAblationCAM(t *testing.T) {
	for _, file := range exports {
		m := open(t, file)
		want := golden(t, "pgc_AblationCAM.npy")
		for i, p := range probes(t, m, "layer4", Options{}) {
			f, err := ablationCAM(context.Background(), p)
			if err != nil {
				t.Fatal(err)
			}
			large, err := data.ResizeFloat(attribution.Normalize(f.Values), f.W, f.H, 32, 32, data.PlainBilinear)
			if err != nil {
				t.Fatal(err)
			}
			compare(t, file+" Ablation-CAM", attribution.Normalize(large), row(want, i), 1)
		}
	}
}

// TestFullGradIsComplete asserts the axiom that gives the method its name: the
// logit is what the input and all biases add (arXiv 1905.00780, eq. 3), the
// linear layer's own bias included.
func TestFullGradIsComplete(t *testing.T) {
	for _, file := range exports {
		m := open(t, file)
		for _, p := range probes(t, m, "layer4", Options{}) {
			biases := p.biases()
			wrt := []ir.ValueID{m.Input}
			for _, b := range biases {
				wrt = append(wrt, b.out)
			}
			grads, err := p.Gradient(t.Context(), attribution.OfClass(m, class, attribution.Logit), nil, wrt...)
			if err != nil {
				t.Fatal(err)
			}
			sum := 0.0
			for i, g := range grads[0].F32() {
				sum += float64(g) * float64(p.Input.F32()[i])
			}
			for i, b := range biases {
				s := newStack(b.grid, grads[i+1], nil)
				for k := range s.channels {
					g, _ := s.channel(k)
					for _, v := range g {
						sum += b.values[k] * float64(v)
					}
				}
			}
			sum += headBias(t, m)
			if y := float64(p.Logits.F32()[class]); math.Abs(sum-y) > 1e-4*math.Max(1, math.Abs(y)) {
				t.Errorf("%s: input and %d biases add %.6f, and the logit is %.6f", file, len(biases), sum, y)
			}
		}
	}
}

// headBias returns the bias of the linear layer for the class.
func headBias(t *testing.T, m *model.Model) float64 {
	t.Helper()
	n := &m.Net.Nodes[m.Net.Values[m.Head.Logits].Producer]
	b := m.Net.Values[n.Inputs[len(n.Inputs)-1]].Const
	if b == nil || b.Len() != m.Head.Classes {
		t.Fatalf("the logits come from %s, which has no bias", n.Op)
	}
	return float64(b.F32()[class])
}

// TestShapleyOnLinearHead: behind the last stage the logit is linear, so that
// ShapleyCAM is Grad-CAM there.
func TestShapleyOnLinearHead(t *testing.T) {
	m := open(t, "tinyresnet_op13.onnx")
	for i, p := range probes(t, m, "layer4", Options{}) {
		f, err := shapleyCAM(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		want := gradCAM(stacks(t, m, "layer4")[i])
		compare(t, "ShapleyCAM", f.Values, want, largest(want))
	}
}

// TestLeading finds the largest eigenvalue of a matrix whose eigenvalues are
// known: 2 - 2cos(kπ/(n+1)) of the second difference.
func TestLeading(t *testing.T) {
	const n = 6
	k := secondDifference(n)
	value, vector, err := leading(t.Context(), k)
	if err != nil {
		t.Fatal(err)
	}
	if want := 2 - 2*math.Cos(n*math.Pi/(n+1)); math.Abs(value-want) > 1e-8 {
		t.Errorf("the largest eigenvalue is %v, want %v", value, want)
	}
	norm := 0.0
	for _, v := range vector {
		norm += v * v
	}
	if math.Abs(norm-1) > 1e-9 {
		t.Errorf("the vector's length squared is %v", norm)
	}
}

func secondDifference(n int) *mat.SymDense {
	k := mat.NewSymDense(n, nil)
	for i := range n {
		k.SetSym(i, i, 2)
		if i+1 < n {
			k.SetSym(i, i+1, -1)
		}
	}
	return k
}
