package gradients

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/data"
	"github.com/tomo-viz/tomo/lab"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/nn/zoo"
	"github.com/tomo-viz/tomo/viz"
)

// TestVerdicts: what is built to go wrong is named as such, and nothing that is
// sound is accused, for several seeds and widths.
func TestVerdicts(t *testing.T) {
	for want, nets := range map[verdict][]lab.Deep{
		vanishing: {
			plain(20, 16, "Sigmoid", 1), lab.Vanishing, plain(20, 200, "Sigmoid", 1),
			plain(20, 64, "Sigmoid", 4), // Glorot and Bengio's scale for sigmoids does not save twenty layers
			plain(20, 64, "Relu", 0.5), plain(20, 64, "Tanh", 0.4),
		},
		exploding: {
			plain(20, 16, "Relu", 4), lab.Exploding, plain(20, 200, "Relu", 4), plain(20, 64, "Tanh", 4),
			{Depth: 20, Width: 64, Activation: "Relu", Gain: lab.HeGain, Residual: true}, // without normalization
		},
		healthy: {
			plain(20, 16, "Relu", lab.HeGain), lab.Sound, plain(20, 200, "Relu", lab.HeGain), plain(50, 64, "Relu", lab.HeGain),
			plain(20, 16, "Tanh", 1), plain(20, 64, "Tanh", 1), plain(20, 64, "Tanh", 5./3),
			plain(4, 64, "Relu", lab.HeGain), plain(8, 64, "Relu", lab.HeGain), plain(3, 64, "Sigmoid", 1),
			residual(20, "Relu", lab.HeGain), residual(50, "Relu", lab.HeGain), residual(20, "Softplus", 1),
		},
	} {
		right, all := 0, 0
		for _, d := range nets {
			for seed := range uint64(5) {
				h := look(t, build(t, d, seed), blobs(seed, 64))
				all++
				if got := h.judge(); got[0].verdict == want && len(got) == 1 {
					right++
				} else {
					t.Errorf("%+v with seed %d is called %s, want %s: %v", d, seed, headline(got), want, got)
				}
			}
		}
		t.Logf("%d of %d are called %s", right, all, want)
	}
}

// plain is a deep network without residuals and normalizations, residual one with
// both.
func plain(depth, width int, activation string, gain float64) lab.Deep {
	return lab.Deep{Depth: depth, Width: width, Activation: activation, Gain: gain}
}

func residual(depth int, activation string, gain float64) lab.Deep {
	return lab.Deep{Depth: depth, Width: 64, Activation: activation, Gain: gain, Residual: true, Norm: true}
}

// TestZooIsSound: standard architectures with weights drawn as their papers have
// it are not accused.
func TestZooIsSound(t *testing.T) {
	checked := 0
	names := []string{"resnet18", "squeezenet1_1", "vgg11", "mobilenet_v3_small", "deit_tiny", "swin_t", "minilm", "gpt2", "smollm2_135m", "lstm_tagger", "gru_tagger"}
	for _, a := range zoo.Architectures() {
		if !slices.Contains(names, a.Name) || testing.Short() && checked == 3 {
			continue
		}
		h := overNoise(t, a, 1)
		checked++
		if got := h.judge(); got[0].verdict != healthy {
			t.Errorf("%s is called %s: %v", a.Name, headline(got), got)
		}
	}
	if want := len(names); checked != want && !testing.Short() {
		t.Errorf("%d of %d architectures were looked at", checked, want)
	}
}

// overNoise looks at a small network for noise and random labels.
func overNoise(t *testing.T, a zoo.Architecture, seed uint64) *history {
	t.Helper()
	g := a.Small.Build(seed)
	m, err := model.New(g.Name+".onnx", g, model.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(seed, 3))
	in := &viz.Input{Model: m}
	const n = 8
	p := defaults
	p.Batch = 4
	if m.Prep != nil && m.Head != nil {
		for i := range n {
			img := data.NewImage(64, 64)
			for k := range img.Pix {
				img.Pix[k] = uint8(r.Uint32())
			}
			in.Images = append(in.Images, viz.Image{Name: fmt.Sprint(i), Picture: viz.Held(img), Label: fmt.Sprint(r.IntN(m.Classes()))})
		}
	} else {
		in.Arrays = map[string]*tensor.Tensor{}
		for i, v := range a.Small.Inputs {
			in.Arrays[m.Net.Values[m.Net.Inputs[i]].Name] = words(r, m.Net.Values[m.Net.Inputs[i]].Name, n, v.Shape)
		}
		p.Loss = ofValue // of a language model
		if m.Head != nil {
			p.Loss = crossEntropy
			labels := make([]int64, n)
			for i := range labels {
				labels[i] = r.Int64N(int64(m.Classes()))
			}
			in.Arrays["y"] = tensor.Of(labels, n)
		}
	}
	s, err := newPass(t.Context(), in, m, p)
	if err != nil {
		t.Fatalf("%s: %v", a.Name, err)
	}
	if err := s.run(t.Context(), func(int) {}); err != nil {
		t.Fatalf("%s: %v", a.Name, err)
	}
	return s.conclude()
}

// words are token numbers, and ones for masks.
func words(r *rand.Rand, name string, n int, shape []int) *tensor.Tensor {
	shape = append([]int{n}, shape[1:]...)
	for i, d := range shape {
		if d <= 0 {
			shape[i] = 8
		}
	}
	t := tensor.New(tensor.Int64, shape...)
	for i := range t.I64() {
		switch {
		case strings.Contains(name, "mask"):
			t.I64()[i] = 1
		case !strings.Contains(name, "type"):
			t.I64()[i] = r.Int64N(50)
		}
	}
	return t
}

// TestNonFinite: a weight that is not a number is found, and so is one that makes
// an infinity in the middle of the network.
func TestNonFinite(t *testing.T) {
	m := build(t, plain(8, 16, "Relu", lab.HeGain), 1)
	w := m.Net.Values[m.Net.ValueByName("layers.3.weight")].Const.F32()
	w[5] = float32(math.NaN())
	if got := look(t, m, blobs(1, 40)).judge(); got[0].verdict != nonFinite || !strings.Contains(got[0].text, "came with the loss") {
		t.Errorf("with NaN among the weights: %v", got)
	}
	// The square root of zero has an infinite slope, and what lies behind it is fine.
	g := deepWithRoot()
	m, err := model.New("root.onnx", g, model.Options{})
	if err != nil {
		t.Fatal(err)
	}
	got := look(t, m, blobs(1, 40)).judge()
	if got[0].verdict != nonFinite || !strings.Contains(got[0].text, "first in before.weight at batch 1") {
		t.Errorf("with a root of zero: %v", got)
	}
}

// deepWithRoot adds the root of zero to what a ReLU gives.
func deepWithRoot() *ir.Graph {
	r := rand.New(rand.NewPCG(1, 1))
	g := ir.New("root")
	b := ir.NewBuilder(g, "")
	weight := func(name string, in, out int) ir.ValueID {
		w := make([]float32, in*out)
		for i := range w {
			w[i] = float32(r.NormFloat64())
		}
		v := g.AddConst(name, tensor.Of(w, in, out))
		g.Values[v].Param = true
		return v
	}
	x := g.AddInput("x", tensor.Float32, ir.Shape{ir.Symbol("batch"), ir.Known(lab.Features)})
	y := b.Op("MatMul", nil, x, weight("first.weight", lab.Features, 8))
	y = b.Op("Relu", nil, b.Op("MatMul", nil, y, weight("before.weight", 8, 8)))
	y = b.Op("Add", nil, y, b.Op("Sqrt", nil, b.Op("Sub", nil, y, y)))
	y = b.Op("MatMul", nil, y, weight("behind.weight", 8, 8))
	g.Outputs = []ir.ValueID{b.Op("MatMul", nil, y, weight("last.weight", 8, lab.Kinds))}
	return g
}

// TestDeadUnits: ReLUs whose biases keep them shut are counted and named.
func TestDeadUnits(t *testing.T) {
	m := build(t, plain(5, 32, "Relu", lab.HeGain), 2)
	bias := m.Net.Values[m.Net.ValueByName("layers.2.bias")].Const.F32()
	for i := range 30 {
		bias[i] = -1e6
	}
	h := look(t, m, blobs(2, 64))
	got := h.judge()
	if !slices.ContainsFunc(got, func(f finding) bool { return f.verdict == deadUnits && strings.Contains(f.text, "of 32") }) {
		t.Errorf("with 30 of 32 shut: %v", got)
	}
	for i := range bias {
		bias[i] = -1e6
	}
	got = look(t, m, blobs(2, 64)).judge()
	if !slices.ContainsFunc(got, func(f finding) bool { return f.verdict == cutOff }) {
		t.Errorf("with all shut: %v", got)
	}
}
