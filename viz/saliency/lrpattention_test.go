package saliency

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/autodiff"
	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/nn/zoo"
)

// relevanceOf sends relevance back through one node by a rule.
func relevanceOf(t *testing.T, g *ir.Graph, y ir.ValueID, rule op.GradFunc, relevance *tensor.Tensor, inputs map[ir.ValueID]*tensor.Tensor, wrt ...ir.ValueID) []*tensor.Tensor {
	t.Helper()
	g.Outputs = []ir.ValueID{y}
	rules := autodiff.Rules{g.Nodes[0].Op: rule}
	got, _, err := exec.NewSession(g, exec.Default()).Gradient(t.Context(), inputs,
		exec.GradientOf{Y: y, Seed: relevance, Wrt: wrt, Rules: rules, RulesName: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// TestSoftmaxRule holds proposition 3.1 against the formula, with one place that
// is masked out.
func TestSoftmaxRule(t *testing.T) {
	x := []float32{1.5, -0.25, float32(math.Inf(-1)), 2, 0.5}
	relevance := []float32{0.3, -1, 0, 0.75, 2}
	g := ir.New("")
	in := g.AddInput("x", tensor.Float32, ir.Dims(1, 5))
	y := ir.NewBuilder(g, "").Op("Softmax", ir.Pairs("axis", -1), in)
	got := relevanceOf(t, g, y, taylor, tensor.Of(relevance, 1, 5), map[ir.ValueID]*tensor.Tensor{in: tensor.Of(x, 1, 5)}, in)

	parts, all := 0.0, 0.0
	for i, v := range x {
		parts += math.Exp(float64(v))
		all += float64(relevance[i])
	}
	want := make([]float32, len(x))
	for i, v := range x {
		if s := math.Exp(float64(v)) / parts; s > 0 {
			want[i] = float32(float64(v) * (float64(relevance[i]) - s*all))
		}
	}
	near(t, "softmax", got[0].F32(), want, 1e-6)
}

// TestProductRule holds proposition 3.3 against the formula: each of two factors
// gets half of the relevance.
func TestProductRule(t *testing.T) {
	a, v := []float32{1, 2, -3, 0.5, 1, 4}, []float32{2, -1, 1, 3, 0.5, -2}
	sent := []float32{1, -2, 0.5, 3}
	g := ir.New("")
	left, right := g.AddInput("a", tensor.Float32, ir.Dims(2, 3)), g.AddInput("v", tensor.Float32, ir.Dims(3, 2))
	y := ir.NewBuilder(g, "").Op("MatMul", nil, left, right)
	r := relevance{probe: &probe{options: Options{Params: defaults}}}
	got := relevanceOf(t, g, y, r.product, tensor.Of(sent, 2, 2),
		map[ir.ValueID]*tensor.Tensor{left: tensor.Of(a, 2, 3), right: tensor.Of(v, 3, 2)}, left, right)

	ofA, ofV := make([]float32, 6), make([]float32, 6)
	for j := range 2 {
		for p := range 2 {
			o := 0.0
			for i := range 3 {
				o += float64(a[3*j+i] * v[2*i+p])
			}
			for i := range 3 {
				share := float32(float64(a[3*j+i]*v[2*i+p]) * float64(sent[2*j+p]) / (2 * o))
				ofA[3*j+i] += share
				ofV[2*i+p] += share
			}
		}
	}
	near(t, "the left factor", got[0].F32(), ofA, 1e-5)
	near(t, "the right factor", got[1].F32(), ofV, 1e-5)
}

// transformers are small ones with weights drawn at random.
func transformers() map[string]*ir.Graph {
	out := map[string]*ir.Graph{}
	for _, a := range zoo.Architectures() {
		switch a.Name {
		case "swin_t", "convnext_tiny": // which are not so small
			if testing.Short() {
				continue
			}
			fallthrough
		case "vit_b_16", "deit_tiny":
			out[a.Name] = a.Small.Build(1)
		}
	}
	return out
}

// TestRelevanceIsConserved asserts that without biases, which absorb relevance, the
// pixels' sum to the logit, but for what the constant terms of softmax absorb: as
// much as its outputs have more than its inputs. Learned tokens and positions are
// biases too.
func TestRelevanceIsConserved(t *testing.T) {
	for name, g := range transformers() {
		silenced := 0
		for i, v := range g.Values {
			if v.Const == nil || v.Const.DType() != tensor.Float32 || !strings.Contains(v.Name, "bias") && !strings.Contains(v.Name, "token") && !strings.Contains(v.Name, "pos_embed") {
				continue
			}
			g.Values[i].Const = tensor.New(tensor.Float32, v.Const.Shape()...)
			silenced++
		}
		r := relevanceIn(t, name, g, epsilon(1e-9))
		values, softmaxes := []ir.ValueID{r.Main}, 0
		for _, n := range r.graph.Nodes {
			if n.Op == "Softmax" {
				values = append(values, n.Outputs[0], n.Inputs[0])
				softmaxes++
			}
		}
		shares, score, err := r.of(t.Context(), values...)
		if err != nil {
			t.Fatal(err)
		}
		sum, absorbed := total(shares[0].F32()), 0.0
		for i := 1; i < len(shares); i += 2 {
			absorbed += total(shares[i].F32()) - total(shares[i+1].F32())
		}
		t.Logf("%s: %d constants silenced, %d softmaxes absorb %.4g; %.6g of %.6g", name, silenced, softmaxes, absorbed, sum, score)
		if silenced == 0 || softmaxes == 0 && name != "convnext_tiny" {
			t.Errorf("%s: %d biases and %d softmaxes were found", name, silenced, softmaxes)
		}
		if !(math.Abs(sum+absorbed-score) < 1e-3*max(math.Abs(score), math.Abs(absorbed))) {
			t.Errorf("%s: %v at the pixels and %v in softmaxes, want %v in all", name, sum, absorbed, score)
		}
	}
}

// relevanceIn readies LRP-ε of class 1 on a picture of noise.
func relevanceIn(t *testing.T, name string, g *ir.Graph, set func(*Params)) *relevance {
	t.Helper()
	m, err := model.New(name+".onnx", g, model.Options{})
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	x := tensor.New(tensor.Float32, 1, 3, m.Prep.Height, m.Prep.Width)
	for i := range x.F32() {
		x.F32()[i] = float32(random.NormFloat64())
	}
	r := &relevance{conv: (*relevance).epsilonRule, dense: (*relevance).epsilonRule}
	if err := r.ready(probeOf(t, m, x, 1, "lrpepsilon", set), "same"); err != nil {
		t.Fatal(err)
	}
	return r
}

// TestMagnitudesOfAttention asserts that no relevance is out of proportion to what
// the network answers, biases and all.
func TestMagnitudesOfAttention(t *testing.T) {
	check := func(what string, shares []float32, logits []float32) {
		all, scale := magnitudes(shares), 0.0
		for _, v := range logits {
			scale = max(scale, math.Abs(float64(v)))
		}
		t.Logf("%s: relevances of %.4g in magnitude, %.4g in sum, largest logit %.4g", what, all, total(shares), scale)
		if !(all < 100*scale) {
			t.Errorf("%s: relevances of %v in magnitude, where the largest logit is %v", what, all, scale)
		}
	}
	for name, g := range transformers() {
		r := relevanceIn(t, name, g, nil)
		shares, _, err := r.of(t.Context(), r.Main)
		if err != nil {
			t.Fatal(err)
		}
		check(name, shares[0].F32(), r.Logits.F32())
	}
	for _, file := range vits.files {
		m, x := open(t, vits.dir+file), golden(t, vits.dir+"input.npy")
		for _, v := range []Variant{"lrp", "lrpepsilon"} {
			p := probeOf(t, m, x, vits.class, v, nil)
			shares, err := v.entry().attribute(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			check(file+", "+string(v), shares, p.Logits.F32())
		}
	}
}
