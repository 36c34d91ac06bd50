package cam

import (
	"context"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/tomo-viz/tomo/data"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// probes makes a probe for each of the two pictures of the references.
func probes(t *testing.T, m *model.Model, layer string, o Options) []*probe {
	t.Helper()
	layers, err := pickLayers(m, []string{layer})
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
		out = append(out, look.newProbe(0, class, o, "test"))
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
			make func(context.Context, *probe) (field, error)
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
					compare(t, file+" "+c.name+" "+layer, Normalize(f.values), row(want, i), 1)
				}
			}
		}
	}
}

// peersIntegratedScoreCAM has the peer's factors: the running sum of i/N where
// the paper has i/N.
func peersIntegratedScoreCAM(ctx context.Context, p *probe) (field, error) {
	n := p.options.Samples
	return p.seenThrough(ctx, n, func(i int, mask, picture float32) float32 {
		return float32((i+1)*(i+2)) / float32(2*n) * mask * picture
	})
}

// peersSmoothGradCAMpp has the peer's denominator, 2g² + Σ(A g³), where the
// papers have 2g² + g³ ΣA.
func peersSmoothGradCAMpp(ctx context.Context, p *probe) (field, error) {
	grads, err := p.gradientFor(ctx, p.Input)
	if err != nil {
		return field{}, err
	}
	s := newStack(p.acts(), grads)
	return field{s.w, s.h, relu(s.sum(func(k int) float64 {
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
	}))}, nil
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
		compare(t, "Smooth Grad-CAM++", f.values, want, largest(want))
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
			large, err := data.ResizeFloat(Normalize(f.values), f.w, f.h, 32, 32, data.PlainBilinear)
			if err != nil {
				t.Fatal(err)
			}
			compare(t, file+" Ablation-CAM", Normalize(large), row(want, i), 1)
		}
	}
}

// TestBatchesDoNotMatter expects the same scores one by one.
func TestBatchesDoNotMatter(t *testing.T) {
	m := open(t, "tinyresnet_op13.onnx")
	p := probes(t, m, "layer2", Options{})[0]
	together, err := ablationCAM(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if p.single {
		t.Fatal("a network with a dynamic batch was run one by one")
	}
	p.single = true
	alone, err := ablationCAM(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, "in batches", together.values, alone.values, largest(alone.values))
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
			grads, _, err := m.Session().Gradient(t.Context(), map[ir.ValueID]*tensor.Tensor{m.Input: p.Input},
				exec.GradientOf{Y: m.Head.Logits, Seed: p.seed(class, Logit), Wrt: wrt})
			if err != nil {
				t.Fatal(err)
			}
			sum := 0.0
			for i, g := range grads[0].F32() {
				sum += float64(g) * float64(p.Input.F32()[i])
			}
			for i, b := range biases {
				s := newStack(grads[i+1], nil)
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

// TestSeedsAreDerivatives compares with differences of the scores.
func TestSeedsAreDerivatives(t *testing.T) {
	logits := []float32{0.3, -1.2, 2.1, 0.9}
	for _, activation := range []string{"softmax", "sigmoid", "none"} {
		h := &model.Head{Activation: activation, Classes: 4}
		g := h.ScoreGradient(logits, 3)
		for i := range logits {
			const step = 1e-2
			up, down := append([]float32{}, logits...), append([]float32{}, logits...)
			up[i], down[i] = up[i]+step, down[i]-step
			want := (h.Scores(up)[3] - h.Scores(down)[3]) / (float64(up[i]) - float64(down[i]))
			if math.Abs(float64(g[i])-want) > 1e-4 {
				t.Errorf("%s: d score 3 / d logit %d is %v, want %v", activation, i, g[i], want)
			}
		}
	}
}

// TestContrast prefers the nearest logits, whatever their order.
func TestContrast(t *testing.T) {
	s := &Sight{Logits: tensor.Of([]float32{5, 1, 4.9, -3, 4, 8.5}, 1, 6)}
	compare(t, "seed", s.contrastSeed(0).F32(), []float32{1, 0, -0.2, 0, -0.2, -0.2}, 1)
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
		compare(t, "ShapleyCAM", f.values, want, largest(want))
	}
}

// TestLeading finds the largest eigenvalue of a matrix whose eigenvalues are
// known: 2 - 2cos(kπ/(n+1)) of the second difference.
func TestLeading(t *testing.T) {
	const n = 6
	k := secondDifference(n)
	value, vector := leading(k)
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
