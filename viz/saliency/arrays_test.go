package saliency

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/viz"
	"github.com/tomo-viz/tomo/viz/attribution"
)

// explainArrays runs the technique on one array.
func explainArrays(t *testing.T, m *model.Model, x *tensor.Tensor, v viz.Values) (*figure.Heatmap, error) {
	t.Helper()
	fig, err := Method.Run(t.Context(), &viz.Input{Model: m, Images: []viz.Image{{Name: "x.npy", Array: x}}}, v)
	if fig == nil {
		return nil, err
	}
	return fig.(*figure.Heatmap), err
}

// TestEveryMethodTakesArrays explains a signal, a volume and maps of four channels
// by every method.
func TestEveryMethodTakesArrays(t *testing.T) {
	for _, name := range arrayNetworks {
		m, arrays := peer(t, name)
		x := arrays["input"]
		for _, v := range Variant("").Choices() {
			h, err := explainArrays(t, m, x, viz.Values{"method": {v.Name}, "class": {"top 4"}, "queries": {"40"}, "segments": {"6"}})
			if err != nil {
				t.Errorf("%s of the %s: %v", v.Name, name, err)
				continue
			}
			panels, shape := 1, x.Shape()
			if name == "volume" {
				panels = 3
			}
			if Variant(v.Name).entry().attribute == nil {
				shape = shape[2:]
			}
			if len(h.Panels) != panels || len(h.Attributions) != 4 || !slices.Equal(h.Attributions[0].Shape, shape) {
				t.Errorf("%s of the %s: %d panels and the attributions %v; want %d, of the shape %v", v.Name, name, len(h.Panels), h.Attributions, panels, shape)
			}
			if v.Name == "guidedgradcam" && name == "signal" {
				continue // Grad-CAM is nowhere positive, in Captum neither
			}
			if !slices.ContainsFunc(h.Panels[0].Maps, func(m figure.Map) bool { return m.Warning == "" }) {
				t.Errorf("%s of the %s says nothing of any class: %s", v.Name, name, h.Panels[0].Maps[0].Warning)
			}
		}
	}
}

// TestSharesOfArraysAddUp asserts completeness: shares sum to the logit less that
// of the baseline.
func TestSharesOfArraysAddUp(t *testing.T) {
	for _, name := range arrayNetworks {
		m, arrays := peer(t, name)
		for _, v := range []Variant{"ig", "deeplift", "kernelshap"} {
			p := probeOf(t, m, arrays["input"], 2, v, func(p *Params) { p.Steps, p.Queries, p.Segments = 200, 300, 7 })
			p.base = arrays["baseline"].F32()
			clean, err := p.Scores(t.Context(), p.target, attribution.Variations{Value: p.Main, N: 1, Fill: func(_ int, row []float32) { copy(row, p.base) }})
			if err != nil {
				t.Fatal(err)
			}
			want := p.Score(p.target) - clean[0]
			var sum float64
			if e := v.entry(); e.attribute != nil {
				shares, err := e.attribute(t.Context(), p)
				if err != nil {
					t.Fatal(err)
				}
				sum = total(shares)
			} else {
				field, err := e.regions(t.Context(), p)
				if err != nil {
					t.Fatal(err)
				}
				of := p.segments().of // every place of a part has the part's value
				for i, v := range field.Values {
					if slices.Index(of, of[i]) == i {
						sum += float64(v)
					}
				}
			}
			if math.Abs(sum-want) > 1e-3*max(math.Abs(want), 0.1) {
				t.Errorf("%s of the %s: shares add up to %v, want %v", v, name, sum, want)
			}
		}
	}
}

// TestGradientOfArrays compares with central differences.
func TestGradientOfArrays(t *testing.T) {
	const h = 1e-2 // networks of ReLU are linear about most places
	for _, name := range arrayNetworks {
		m, arrays := peer(t, name)
		x := arrays["input"]
		p := probeOf(t, m, x, 1, "gradient", nil)
		g, err := gradient(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		near, checked := 0, 0
		at := func(i int, d float32) float64 {
			y := x.Clone()
			y.F32()[i] += d
			a, err := attribution.Ask(t.Context(), m, y)
			if err != nil {
				t.Fatal(err)
			}
			return float64(a.Logits.F32()[1])
		}
		for i := 0; i < len(g); i += 7 {
			checked++
			slope := (at(i, h) - at(i, -h)) / (2 * h)
			if math.Abs(slope-float64(g[i])) < 2e-2*largest(g) {
				near++
			}
		}
		if near*10 < checked*9 { // the others straddle a kink
			t.Errorf("%s: %d of %d slopes are near the central difference", name, near, checked)
		}
	}
}

// TestVolumeOfOneSlice: a volume that is one slice deep is maps, and every method
// gives it their maps.
func TestVolumeOfOneSlice(t *testing.T) {
	flat, deep := smallNet(t, false), smallNet(t, true)
	x := tensor.New(tensor.Float32, 1, 4, 6, 8)
	for i := range x.F32() {
		x.F32()[i] = float32(math.Sin(float64(i * i)))
	}
	for _, v := range Variant("").Choices() {
		set := viz.Values{"method": {v.Name}, "queries": {"30"}, "segments": {"5"}, "baseline": {"blurred"}}
		want, err := explainArrays(t, flat, x, set)
		if err != nil {
			t.Fatalf("%s: %v", v.Name, err)
		}
		got, err := explainArrays(t, deep, x.Reshape(1, 4, 1, 6, 8), set)
		if err != nil {
			t.Fatalf("%s: %v", v.Name, err)
		}
		near(t, v.Name, got.Panels[0].Maps[0].Values, want.Panels[0].Maps[0].Values, 1e-4)
	}
}

// smallNet is a convolution and a dense layer on maps [N,4,6,8], or on a volume
// of one slice of them.
func smallNet(t *testing.T, volume bool) *model.Model {
	t.Helper()
	g := ir.New("small")
	b := ir.NewBuilder(g, "")
	weights := func(name string, shape ...int) ir.ValueID {
		w := tensor.New(tensor.Float32, shape...)
		for i := range w.F32() {
			w.F32()[i] = float32(math.Cos(float64(3*i))) / 4
		}
		return g.AddConst(name, w)
	}
	dims := ir.Dims(0, 4, 6, 8)
	if volume {
		dims = ir.Dims(0, 4, 1, 6, 8)
	}
	dims[0] = ir.Symbol("n")
	x := g.AddInput("x", tensor.Float32, dims)
	y := x
	if volume {
		y = b.Op("Squeeze", nil, x, b.Ints(2))
	}
	y = b.Op("Relu", nil, b.Op("Conv", ir.Pairs("pads", []int{1, 1, 1, 1}), y, weights("w", 5, 4, 3, 3)))
	y = b.Op("Flatten", nil, b.Op("AveragePool", ir.Pairs("kernel_shape", []int{3, 4}, "strides", []int{3, 4}), y))
	g.Outputs = []ir.ValueID{b.Op("MatMul", nil, y, weights("v", 20, 3))}
	m, err := model.New("small.onnx", g, model.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestValueInPlaceOfClass explains a value of the graph by its name, as networks
// need that are no classifiers.
func TestValueInPlaceOfClass(t *testing.T) {
	m, arrays := peer(t, "signal")
	for _, v := range []string{"ig", "deeplift", "lrp", "occlusion"} {
		class, err := explainArrays(t, m, arrays["input"], viz.Values{"method": {v}, "class": {"1"}})
		if err != nil {
			t.Fatal(err)
		}
		value, err := explainArrays(t, m, arrays["input"], viz.Values{"method": {v}, "value": {"logits[0,1]"}})
		if err != nil {
			t.Fatal(err)
		}
		near(t, v, value.Attributions[0].Values, class.Attributions[0].Values, 1e-6)
	}
}

// TestLanesOfSignals: each channel of a signal lies over its own lane, unless its
// channels are to be added up.
func TestLanesOfSignals(t *testing.T) {
	m, arrays := peer(t, "signal")
	h, err := explainArrays(t, m, arrays["input"], nil)
	if err != nil {
		t.Fatal(err)
	}
	lanes := h.Panels[0].Maps[0]
	if !lanes.Lanes || lanes.H != 2 || !slices.Equal(lanes.Values, h.Attributions[0].Values) {
		t.Errorf("the map has %d rows, lanes %t", lanes.H, lanes.Lanes)
	}
	if h, err = explainArrays(t, m, arrays["input"], viz.Values{"channels": {"sum"}}); err != nil {
		t.Fatal(err)
	}
	sum := h.Panels[0].Maps[0]
	for i, v := range sum.Values {
		if want := lanes.Values[i] + lanes.Values[i+sum.W]; sum.H != 1 || math.Abs(float64(v-want)) > 1e-6 {
			t.Fatalf("sample %d of %d rows is %v, want %v", i, sum.H, v, want)
		}
	}
}

// TestWhatArraysDoNotHave is refused with a sentence.
func TestWhatArraysDoNotHave(t *testing.T) {
	for _, c := range []struct {
		network string
		set     viz.Values
		says    string
	}{
		{"signal", viz.Values{"baseline": {"black"}}, "take zero"},
		{"volume", viz.Values{"method": {"occlusion"}, "baseline": {"white"}}, "take zero"},
		{"signal", viz.Values{"method": {"lrp"}, "first-rule": {"box"}}, "wsquare"},
		{"signal", viz.Values{"compare": {"true"}}, "takes pictures"},
		{"signal", viz.Values{"value": {"logits[0,9]"}}, "none of them"},
	} {
		m, arrays := peer(t, c.network)
		if _, err := explainArrays(t, m, arrays["input"], c.set); !viz.IsUser(err) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%v: %v, which does not say %q", c.set, err, c.says)
		}
	}
}
