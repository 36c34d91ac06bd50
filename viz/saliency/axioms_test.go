package saliency

import (
	"math"
	"testing"

	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/viz/attribution"
)

// TestSharesAddUp asserts completeness: shares sum to the logit less that of the
// baseline, or to the logit itself where nothing has a bias.
func TestSharesAddUp(t *testing.T) {
	cases := []struct {
		network string
		variant Variant
		set     func(*Params)
		whole   bool // of the logit, without a baseline
		tol     float64
	}{
		{"smooth", "ig", steps(100, "gauss-legendre"), false, 1e-3},
		{"relu6", "ig", steps(300, "gauss-legendre"), false, 1e-2},
		{"vgg", "deeplift", nil, false, 1e-4},
		{"relu6", "deeplift", nil, false, 1e-3},
		{"residual", "deeplift", nil, false, 1e-4},
		{"nobias", "lrpepsilon", epsilon(1e-9), true, 1e-4},
		{"nobias", "lrpgamma", epsilon(1e-9), true, 1e-4},
		{"nobias", "lrp", epsilon(1e-9), true, 1e-4},
		{"nobias", "lrpalphabeta", epsilon(1e-9), true, 1e-4},
	}
	for _, c := range cases {
		m, arrays := peer(t, c.network)
		for class := range 4 {
			p := probeOf(t, m, arrays["input"], class, c.variant, c.set)
			p.base = arrays["baseline"].F32()
			got, err := c.variant.entry().attribute(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			want := p.Score(p.target)
			if !c.whole {
				want -= scoreOf(t, m, p.base, class)
			}
			if sum := total(got); math.Abs(sum-want) > c.tol*max(math.Abs(want), 0.1) {
				t.Errorf("%s of %s: class %d: shares add up to %v, want %v", c.variant, c.network, class, sum, want)
			}
		}
	}
}

// TestDeepLIFTOfAttention asserts completeness through softmax, products and
// layer normalization, spelled as one operator and as many.
func TestDeepLIFTOfAttention(t *testing.T) {
	for _, file := range vits.files {
		m, x := open(t, vits.dir+file), golden(t, vits.dir+"input.npy")
		for _, base := range []Baseline{"zero", "black", "random"} {
			p := probeOf(t, m, x, vits.class, "deeplift", func(p *Params) { p.Baseline = base })
			p.base = p.baseline()
			got, err := deepLIFT(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			want := p.Score(p.target) - scoreOf(t, m, p.base, vits.class)
			if sum := total(got); math.Abs(sum-want) > 1e-3*math.Abs(want) {
				t.Errorf("%s, %s: shares add up to %v, want %v", file, base, sum, want)
			}
		}
	}
}

// TestSpellingDoesNotMatter asserts implementation invariance over exports: the
// normalizations are their own nodes in one and in the convolutions of others.
func TestSpellingDoesNotMatter(t *testing.T) {
	x := golden(t, resnets.dir+"input.npy").Slice(0, 1)
	for _, v := range []Variant{"gradient", "ig", "deeplift", "guidedbackprop", "lrp", "lrpepsilon", "lrpgamma", "lrpalphabeta", "guidedgradcam"} {
		apart := attribute(t, open(t, resnets.dir+"tinyresnet_op13.onnx"), x, 3, v, nil)
		joined := attribute(t, open(t, resnets.dir+"tinyresnet_op17.onnx"), x, 3, v, nil)
		near(t, string(v), apart, joined, iterated)
	}
	x = golden(t, vits.dir+"input.npy")
	for _, v := range []Variant{"gradient", "ig", "deeplift", "lrp", "lrpepsilon"} {
		apart := attribute(t, open(t, vits.dir+"tinyvit_op13.onnx"), x, 2, v, nil)
		joined := attribute(t, open(t, vits.dir+"tinyvit_op17.onnx"), x, 2, v, nil)
		near(t, string(v), apart, joined, iterated)
	}
}

// TestGradientShapApproachesIntegratedGradients: with one baseline and no noise
// both are the same integral.
func TestGradientShapApproachesIntegratedGradients(t *testing.T) {
	m, arrays := peer(t, "smooth")
	want := attribute(t, m, arrays["input"], 1, "ig", nil)
	got := attribute(t, m, arrays["input"], 1, "gradientshap", func(p *Params) { p.Noise, p.Samples = 0, 1000 })
	near(t, "GradientSHAP", got, want, 0.05)
}

// TestSmoothGradWithoutNoise is the gradient.
func TestSmoothGradWithoutNoise(t *testing.T) {
	m, arrays := peer(t, "vgg")
	quiet := func(p *Params) { p.Noise, p.Samples = 0, 3 }
	g := attribute(t, m, arrays["input"], 1, "gradient", nil)
	near(t, "SmoothGrad", attribute(t, m, arrays["input"], 1, "smoothgrad", quiet), g, 1e-5)
	squares := make([]float32, len(g))
	for i, v := range g {
		squares[i] = v * v
	}
	near(t, "SmoothGrad²", attribute(t, m, arrays["input"], 1, "smoothgradsquared", quiet), squares, 1e-5)
	for i, v := range attribute(t, m, arrays["input"], 1, "vargrad", quiet) {
		if v > 1e-6*max(squares[i], 1e-6) {
			t.Fatalf("VarGrad of no noise is %v where the squared gradient is %v", v, squares[i])
		}
	}
}

func total(v []float32) float64 {
	sum := 0.0
	for _, x := range v {
		sum += float64(x)
	}
	return sum
}

func scoreOf(t *testing.T, m *model.Model, x []float32, class int) float64 {
	t.Helper()
	shape := []int{1, 3, m.Prep.Height, m.Prep.Width}
	a, err := attribution.Ask(t.Context(), m, tensor.Of(x, shape...))
	if err != nil {
		t.Fatal(err)
	}
	return float64(a.Logits.F32()[class])
}
