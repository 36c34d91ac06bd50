package saliency

import (
	"math"
	"testing"

	"github.com/tomo-viz/tomo/internal/shared"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/viz/attribution"
)

// tolerance of every comparison with another program's attributions, relative to
// the largest one; iterated holds for sums over many runs.
const (
	tolerance = 1e-4
	iterated  = 1e-3
)

// A reference is a file of attributions with what made it.
type reference struct {
	name    string
	variant Variant
	set     func(*Params)
	// peer turns the paper's attributions into the other program's, where it
	// departs from the paper.
	peer func([]float32)
	tol  float64
}

var gradientReferences = []reference{
	{"Saliency", "gradient", nil, func(v []float32) { copy(v, attribution.Magnitudes(v)) }, tolerance},
	{"InputXGradient", "inputxgradient", nil, nil, tolerance},
	{"IG50_zero", "ig", nil, nil, iterated},
	// Captum weighs the trapezoid's n points by 1/n and not by 1/(n-1).
	{"IG20_trapezoid", "ig", func(p *Params) { p.Steps, p.Quadrature = 20, "trapezoid" }, func(v []float32) {
		for i := range v {
			v[i] *= 19.0 / 20
		}
	}, iterated},
}

// ruleReferences are of the network with ReLUs alone.
var ruleReferences = []reference{
	{"GuidedBackprop", "guidedbackprop", nil, nil, tolerance},
	{"Deconvolution", "deconvnet", nil, nil, tolerance},
	{"DeepLift_zero", "deeplift", nil, nil, tolerance},
}

// A subject is a network of the references, with the class they explain.
type subject struct {
	dir   string
	files []string
	class int
}

var (
	resnets = subject{"golden/tinyresnet/", []string{"tinyresnet_op9.onnx", "tinyresnet_op13.onnx", "tinyresnet_op17.onnx"}, 3}
	vits    = subject{"golden/tinyvit/", []string{"tinyvit_op13.onnx", "tinyvit_op17.onnx"}, 2}
)

// TestCaptum compares with Captum's attributions.
func TestCaptum(t *testing.T) {
	for _, s := range []subject{resnets, vits} {
		for _, file := range s.files {
			m := open(t, s.dir+file)
			for _, r := range gradientReferences {
				t.Run(file+"/"+r.name, func(t *testing.T) { s.compare(t, m, r) })
			}
			if s.dir != resnets.dir {
				continue
			}
			for _, r := range ruleReferences {
				t.Run(file+"/"+r.name, func(t *testing.T) { s.compare(t, m, r) })
			}
		}
	}
}

func (s subject) compare(t *testing.T, m *model.Model, r reference) {
	want := golden(t, s.dir+"attr_"+r.name+".npy")
	x := golden(t, s.dir+"input.npy")
	for i := range x.Dim(0) {
		got := attribute(t, m, x.Slice(i, i+1), s.class, r.variant, r.set)
		if r.peer != nil {
			r.peer(got)
		}
		near(t, r.name, got, want.Slice(i, i+1).F32(), r.tol)
	}
}

// attribute returns a share for each number of a prepared picture.
func attribute(t *testing.T, m *model.Model, x *tensor.Tensor, class int, v Variant, set func(*Params)) []float32 {
	t.Helper()
	p := probeOf(t, m, x, class, v, set)
	got, err := v.entry().attribute(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// TestOcclusion compares with Captum's windows of 5×5 every 3 pixels.
func TestOcclusion(t *testing.T) {
	for _, s := range []subject{resnets, vits} {
		for _, file := range s.files {
			m, x, want := open(t, s.dir+file), golden(t, s.dir+"input.npy"), golden(t, s.dir+"attr_Occlusion.npy")
			for i := range x.Dim(0) {
				p := probeOf(t, m, x.Slice(i, i+1), s.class, "occlusion", windows(5, 3))
				got, err := occlusion(t.Context(), p)
				if err != nil {
					t.Fatal(err)
				}
				near(t, file, got.Values, want.Slice(i, i+1).F32()[:got.W*got.H], tolerance)
			}
		}
	}
}

func windows(window, stride int) func(*Params) {
	return func(p *Params) { p.Window, p.Stride = window, stride }
}

func probeOf(t *testing.T, m *model.Model, x *tensor.Tensor, class int, v Variant, set func(*Params)) *probe {
	t.Helper()
	a, err := attribution.Ask(t.Context(), m, x)
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Params: defaults}
	if set != nil {
		set(&o.Params)
	}
	return newProbe(a, attribution.OfClass(m, class, o.Target), v.entry(), o)
}

func open(t *testing.T, path string) *model.Model {
	t.Helper()
	m, err := model.Open(shared.Path(t, path), model.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func golden(t *testing.T, path string) *tensor.Tensor {
	t.Helper()
	x, err := tensor.OpenNPY(shared.Path(t, path))
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// near compares relative to the largest number wanted.
func near(t *testing.T, what string, got, want []float32, tol float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d numbers, want %d", what, len(got), len(want))
	}
	largest, worst := 0.0, 0.0
	for i := range want {
		largest = max(largest, math.Abs(float64(want[i])))
		worst = max(worst, math.Abs(float64(got[i])-float64(want[i])))
	}
	if !(worst <= tol*largest) {
		t.Errorf("%s: differs by %.2g of %.2g", what, worst, largest)
	}
}
