package gradlog

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestNames: every name that is written is recognized as what it is.
func TestNames(t *testing.T) {
	for _, parameter := range []string{"fc.weight", "layer1/conv/kernel:0", ""} {
		for _, m := range []Measure{Norm, Mean, Std, Min, Max, Zeros, NonFinite, Turn, WeightNorm, Update} {
			if parameter == "" && m != Norm {
				continue
			}
			if got, ok := Recognize(Name(parameter, m)); !ok || got != (Known{parameter, m}) {
				t.Errorf("%q is taken for %+v", Name(parameter, m), got)
			}
		}
	}
	if got, ok := RecognizeHistogram(Name("fc.weight", Distribution)); !ok || got.Parameter != "fc.weight" {
		t.Errorf("the histogram is taken for %+v", got)
	}
}

// TestLoggers: names as the loggers write them.
func TestLoggers(t *testing.T) {
	for name, want := range map[string]Known{
		"grad_2.0_norm/model.layers.0.weight": {"model.layers.0.weight", Norm}, // Lightning 2
		"grad_2.0_norm_total":                 {"", Norm},
		"grad_2_norm_conv1.weight":            {"conv1.weight", Norm}, // Lightning 1
		"train/grad_norm":                     {"", Norm},             // Hugging Face through W&B
		"grad_norm":                           {"", Norm},
		"train/global_grad_norm":              {"", Norm}, // DeepSpeed
		"grad-norm":                           {"", Norm}, // Megatron
		"gnorm":                               {"", Norm}, // fairseq
		"grad_norm/encoder.0.bias":            {"encoder.0.bias", Norm},
		"encoder.0.bias/grad_norm":            {"encoder.0.bias", Norm},
	} {
		if got, ok := Recognize(name); !ok || got != want {
			t.Errorf("%q is taken for %+v, want %+v", name, got, want)
		}
	}
	for _, name := range []string{"loss", "train/loss", "grade", "grad_inf_norm/fc.weight", "lr", "weight_norm", "norm", "upgrades/x/norm", "learning_rate"} {
		if got, ok := Recognize(name); ok {
			t.Errorf("%q is taken for %+v", name, got)
		}
	}
	for name, want := range map[string]string{
		"gradients/fc.weight":      "fc.weight", // wandb.watch
		"gradients/graph_1fc.bias": "graph_1fc.bias",
		"grad/conv1":               "conv1",
		"conv1.weight/grad":        "conv1.weight",
		"dense/kernel_gradient":    "dense/kernel",
		"dense_1/kernel_0_grad:0":  "dense_1/kernel_0",
		"layers.0.weight.grad":     "layers.0.weight",
	} {
		if got, ok := RecognizeHistogram(name); !ok || got.Parameter != want {
			t.Errorf("the histogram %q is taken for %+v, want %q", name, got, want)
		}
	}
	for _, name := range []string{"parameters/fc.weight", "weights", "upgrade/x", "activations/relu"} {
		if got, ok := RecognizeHistogram(name); ok {
			t.Errorf("the histogram %q is taken for %+v", name, got)
		}
	}
}

// TestStats compares with the definitions, and joined parts with the whole.
func TestStats(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	x := make([]float32, 1000)
	for i := range x {
		x[i] = float32(r.NormFloat64()*3 + 1)
	}
	x[3], x[700] = 0, 0
	mean, square := 0.0, 0.0
	for _, v := range x {
		mean += float64(v) / 1000
		square += float64(v) * float64(v)
	}
	variance := 0.0
	for _, v := range x {
		variance += (float64(v) - mean) * (float64(v) - mean) / 1000
	}
	want := Stats{N: 1000, Zeros: 2, NonFinite: 0, Norm: math.Sqrt(square), Mean: mean, Std: math.Sqrt(variance)}
	for name, got := range map[string]Stats{"whole": Of(x), "joined": Join(Join(Of(nil), Of(x[:300])), Of(x[300:]))} {
		if got.N != want.N || got.Zeros != want.Zeros || !near(got.Norm, want.Norm) || !near(got.Mean, want.Mean) || !near(got.Std, want.Std) || got.Zeroed() != 0.002 {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
	bad := Of([]float32{1, float32(math.NaN()), float32(math.Inf(1)), -2})
	if bad.NonFinite != 2 || bad.N != 2 || bad.Min != -2 || bad.Max != 1 || !near(bad.Norm, math.Sqrt(5)) {
		t.Errorf("with what is not finite: %+v", bad)
	}
	if s := Of([]float32{1e-30, 1e30}); !near(s.Norm/1e30, float64(float32(1e30))/1e30) || s.Zeros != 0 {
		t.Errorf("of extremes: %+v", s)
	}
}

func TestCosine(t *testing.T) {
	a, b := []float32{1, 2, 3}, []float32{-2, 1, 0}
	for _, c := range []struct {
		a, b []float32
		want float64
	}{{a, a, 1}, {a, []float32{-1, -2, -3}, -1}, {a, b, 0}, {a, []float32{0, 0, 0}, math.NaN()}, {[]float32{1e-25}, []float32{1e-25}, 1}} {
		if got := Cosine(c.a, c.b); !(math.Abs(got-c.want) < 1e-12) && !(math.IsNaN(got) && math.IsNaN(c.want)) {
			t.Errorf("the cosine between %v and %v is %v, want %v", c.a, c.b, got, c.want)
		}
	}
	if got := Distance(a, b); !near(got, math.Sqrt(9+1+9)) {
		t.Errorf("the distance is %v", got)
	}
}

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9*(1+math.Abs(b)) }
