package cam

import (
	"context"
	"math"
	"testing"

	"github.com/tomo-viz/tomo/data"
	"github.com/tomo-viz/tomo/internal/shared"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/tensor"

	"github.com/tomo-viz/tomo/viz/attribution"
)

// class is the one that all reference maps explain.
const class = 3

// tolerance of every comparison with another program's maps: absolute on maps
// scaled to 0 to 1, relative to the largest value on raw ones.
const tolerance = 1e-4

var exports = []string{"tinyresnet_op9.onnx", "tinyresnet_op11.onnx", "tinyresnet_op13.onnx", "tinyresnet_op16.onnx", "tinyresnet_op17.onnx"}

// TestTorchCAM compares with TorchCAM's maps, raw and scaled, for the two
// pictures of its batch, whichever opset the network was exported in.
func TestTorchCAM(t *testing.T) {
	cases := []struct {
		variant Variant
		name    string
		layers  []string
	}{
		{"gradcam", "GradCAM", []string{"layer2", "layer4"}},
		{"xgradcam", "XGradCAM", []string{"layer2", "layer4"}},
		{"layercam", "LayerCAM", []string{"layer2", "layer4"}},
		{"cam", "CAM", []string{"layer4"}},
	}
	for _, file := range exports {
		m := open(t, file)
		for _, c := range cases {
			for _, layer := range c.layers {
				raw := golden(t, "cam_"+c.name+"_"+layer+"_raw.npy")
				scaled := golden(t, "cam_"+c.name+"_"+layer+".npy")
				for i, s := range stacks(t, m, layer) {
					got := c.variant.entry().weigh(s)
					what := file + " " + c.name + " " + layer
					compare(t, what+" raw", got, row(raw, i), largest(row(raw, i)))
					compare(t, what, attribution.Normalize(got), row(scaled, i), 1)
				}
			}
		}
	}
}

// TestGradCAMpp reproduces what the peer computes under its quirk: it loses
// the division by α's denominator, so that w = Σ g² ReLU(g). Tomo's own map
// follows the paper, and must differ from that.
func TestGradCAMpp(t *testing.T) {
	m := open(t, "tinyresnet_op13.onnx")
	undivided := func(s stack) []float32 {
		return relu(s.sum(func(k int) float64 {
			_, g := s.channel(k)
			w := 0.0
			for _, v := range g {
				w += float64(v) * float64(v) * math.Max(float64(v), 0)
			}
			return w
		}))
	}
	for _, layer := range []string{"layer2", "layer4"} {
		want := golden(t, "cam_GradCAMpp_"+layer+".npy")
		for i, s := range stacks(t, m, layer) {
			compare(t, "Grad-CAM++ without its division at "+layer, attribution.Normalize(undivided(s)), row(want, i), 1)
			if d := distance(attribution.Normalize(gradCAMpp(s)), row(want, i)); layer == "layer2" && d < 0.01 {
				t.Errorf("at %s the paper's Grad-CAM++ is within %v of the peer's, which lacks the division", layer, d)
			}
		}
	}
}

// TestGradCAMppByHand works eq. 19 of the paper out for one channel of two
// places: A = (1, 3), g = (2, -1), so that ΣA = 4,
// α = (4 / (8 + 4·8), ·), w = 4/40 · 2 = 0.2, and the map is w·A.
func TestGradCAMppByHand(t *testing.T) {
	s := stack{grid: model.Grid{Channels: 1, W: 2, H: 1}, channels: 1, area: 2, acts: []float32{1, 3}, grads: []float32{2, -1}}
	compare(t, "Grad-CAM++", gradCAMpp(s), []float32{0.2, 0.6}, 1)
}

// TestGradCAMLibrary compares with pytorch-grad-cam at the last stage, whose
// maps are scaled to 0 to 1, enlarged to the picture as OpenCV does it, and
// scaled again.
func TestGradCAMLibrary(t *testing.T) {
	for _, file := range exports {
		m := open(t, file)
		for variant, name := range map[Variant]string{"hirescam": "HiResCAM", "eigencam": "EigenCAM"} {
			want := golden(t, "pgc_"+name+".npy")
			for i, s := range stacks(t, m, "layer4") {
				large, err := data.ResizeFloat(attribution.Normalize(variant.entry().weigh(s)), s.grid.W, s.grid.H, 32, 32, data.PlainBilinear)
				if err != nil {
					t.Fatal(err)
				}
				compare(t, file+" "+name, attribution.Normalize(large), row(want, i), 1)
			}
		}
	}
}

// TestCAMIsGradCAM asserts what the Grad-CAM paper proves (arXiv 1610.02391,
// section 3.1): where CAM is defined, Grad-CAM is its positive part over the
// number of places.
func TestCAMIsGradCAM(t *testing.T) {
	m := open(t, "tinyresnet_op13.onnx")
	for _, s := range stacks(t, m, "layer4") {
		cam := classCAM(s)
		for i := range cam {
			cam[i] /= float32(s.area)
		}
		grad := gradCAM(s)
		compare(t, "CAM over Z", relu(cam), grad, largest(grad))
	}
}

func open(t *testing.T, name string) *model.Model {
	t.Helper()
	m, err := model.Open(shared.Path(t, "golden/tinyresnet/"+name), model.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// stacks runs the network on the two pictures of the references.
func stacks(t *testing.T, m *model.Model, layer string) []stack {
	t.Helper()
	layers, err := pickLayers(m, []string{layer}, m.Head.Logits)
	if err != nil {
		t.Fatal(err)
	}
	x := golden(t, "input.npy")
	var out []stack
	for i := range x.Dim(0) {
		look, err := Look(context.Background(), m, x.Slice(i, i+1), layers)
		if err != nil {
			t.Fatal(err)
		}
		grads, err := look.gradient(context.Background(), 0, attribution.OfClass(m, class, attribution.Logit))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, newStack(look.Grids[0], look.Acts[0], grads))
	}
	return out
}

func golden(t *testing.T, name string) *tensor.Tensor {
	t.Helper()
	x, err := tensor.OpenNPY(shared.Path(t, "golden/tinyresnet/"+name))
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func row(x *tensor.Tensor, i int) []float32 { return x.Slice(i, i+1).F32() }

func largest(v []float32) float64 {
	m := 0.0
	for _, x := range v {
		m = max(m, math.Abs(float64(x)))
	}
	return m
}

func distance(a, b []float32) float64 {
	d := 0.0
	for i := range a {
		d = max(d, math.Abs(float64(a[i])-float64(b[i])))
	}
	return d
}

func compare(t *testing.T, what string, got, want []float32, scale float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	if d := distance(got, want); !(d <= tolerance*scale) {
		t.Errorf("%s: differs by %.2g of %.2g", what, d, scale)
	}
}
