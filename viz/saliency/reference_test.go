package saliency

import (
	"slices"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A peerCase is an attribution of testdata/references.py: which variant and
// options it is.
type peerCase struct {
	variant Variant
	set     func(*Params)
	tol     float64
}

var peerCases = map[string]peerCase{
	"gradient":          {"gradient", nil, tolerance},
	"ig_gausslegendre":  {"ig", steps(17, "gauss-legendre"), iterated},
	"ig_riemann_left":   {"ig", steps(17, "left"), iterated},
	"ig_riemann_right":  {"ig", steps(17, "right"), iterated},
	"ig_riemann_middle": {"ig", steps(17, "middle"), iterated},
	"guidedbackprop":    {"guidedbackprop", nil, tolerance},
	"deconvnet":         {"deconvnet", nil, tolerance},
	"deeplift":          {"deeplift", nil, tolerance},
	"lrpepsilon":        {"lrpepsilon", epsilon(1e-6), tolerance},
	"inputxgradient":    {"inputxgradient", nil, tolerance},
	"smoothgrad":        {"smoothgrad", func(p *Params) { p.Noise, p.Samples = 0, 3 }, tolerance},
	"lrpepsilon_large":  {"lrpepsilon", epsilon(0.05), tolerance},
	"lrpgamma":          {"lrpgamma", epsilon(1e-9), tolerance},
	"attnlrp":           {"lrpepsilon", epsilon(1e-9), tolerance},
	"lrpalphabeta":      {"lrpalphabeta", func(p *Params) { p.Alpha, p.Epsilon = 1, 1e-9 }, tolerance},
}

func steps(n int, q Quadrature) func(*Params) {
	return func(p *Params) { p.Steps, p.Quadrature = n, q }
}

func epsilon(e float64) func(*Params) { return func(p *Params) { p.Epsilon = e } }

// peerNetworks take pictures, arrayNetworks a signal, a volume and maps of four
// channels.
var (
	peerNetworks  = []string{"vgg", "nobias", "norm", "smooth", "residual", "relu6", "attention"}
	arrayNetworks = []string{"signal", "volume", "bands"}
	rowNetwork    = "row"
)

// TestReferences compares with Captum 0.9 on small networks: with and without
// bias, batch normalization, residual sums, groups, dilation and pooling. LRP
// through attention is compared with PyTorch's gradient of a network that it is.
func TestReferences(t *testing.T) {
	for _, name := range slices.Concat(peerNetworks, arrayNetworks, []string{rowNetwork}) {
		m, arrays := peer(t, name)
		for what, want := range arrays {
			c, ok := peerCases[what]
			if !ok {
				continue
			}
			t.Run(name+"/"+what, func(t *testing.T) {
				p := probeOf(t, m, arrays["input"], 1, c.variant, c.set)
				p.base = arrays["baseline"].F32()
				got, err := c.variant.entry().attribute(t.Context(), p)
				if err != nil {
					t.Fatal(err)
				}
				near(t, what, got, want.F32(), c.tol)
			})
		}
	}
}

// TestReferencesAreUsed fails on an array that no test knows.
func TestReferencesAreUsed(t *testing.T) {
	for _, name := range slices.Concat(peerNetworks, arrayNetworks, []string{rowNetwork}) {
		_, arrays := peer(t, name)
		for what := range arrays {
			_, ok := peerCases[what]
			if !ok && what != "input" && what != "baseline" && what != "kernelshap" && !strings.HasPrefix(what, "occlusion_") {
				t.Errorf("nothing compares with %s of %s", what, name)
			}
		}
	}
}

func peer(t *testing.T, name string) (*model.Model, map[string]*tensor.Tensor) {
	t.Helper()
	m, err := model.Open("testdata/"+name+".onnx", model.Options{})
	if err != nil {
		t.Fatal(err)
	}
	arrays, err := tensor.OpenNPZ("testdata/" + name + ".npz")
	if err != nil {
		t.Fatal(err)
	}
	return m, arrays
}
