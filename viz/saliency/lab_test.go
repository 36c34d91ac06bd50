package saliency

import (
	"testing"

	"github.com/tomo-viz/tomo/lab"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/viz/attribution"
)

// held are pictures that the network has not seen in training.
const held = 20

// TestMethodsFindTheMark trains the network that cheats and asserts that maps
// show what it looks at: the mark, and not the object whose class the mark
// stands for. By chance a map would point there as often as the mark has area.
func TestMethodsFindTheMark(t *testing.T) {
	if testing.Short() {
		t.Skip("trains a network")
	}
	m, err := lab.Teach(t.Context(), lab.Cheater, nil, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	pictures := lab.Pictures(99, held, lab.Misleading)
	for _, v := range []Variant{"gradient", "inputxgradient", "ig", "gradientshap", "smoothgrad", "deeplift", "lrp", "guidedbackprop", "occlusion"} {
		onMark, onObject, area := 0.0, 0.0, 0.0
		for _, picture := range pictures {
			ready, err := m.Prep.Prepare(picture.Image)
			if err != nil {
				t.Fatal(err)
			}
			heat := heatOf(t, m, ready.Tensor, picture.Class, v)
			mark := widened(picture.MarkArea, 3)
			onMark += share(heat, mark)
			onObject += share(heat, picture.Object)
			area += share(uniform(len(heat)), mark)
		}
		t.Logf("%-15s %.2f of the magnitude on the mark, which has %.2f of the area; %.2f on the object", v, onMark/held, area/held, onObject/held)
		if onMark < 3*area || onMark < onObject {
			t.Errorf("%s does not find the mark: %.2f of its magnitude is there, and %.2f on the object", v, onMark/held, onObject/held)
		}
	}
}

// heatOf is the magnitude of a map for each pixel.
func heatOf(t *testing.T, m *model.Model, x *tensor.Tensor, class int, v Variant) []float32 {
	t.Helper()
	a, err := attribution.Ask(t.Context(), m, x)
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Params: defaults}
	o.Sign = absolute
	one, err := Explain(t.Context(), a, class, v, o)
	if err != nil {
		t.Fatal(err)
	}
	return one.Values
}

func uniform(n int) []float32 {
	out := make([]float32, n)
	for i := range out {
		out[i] = 1
	}
	return out
}

// share is how much of the heat lies inside.
func share(heat []float32, inside []bool) float64 {
	in, all := 0.0, 0.0
	for i, v := range heat {
		all += float64(v)
		if inside[i] {
			in += float64(v)
		}
	}
	return in / all
}

// widened grows an area by n pixels.
func widened(area []bool, n int) []bool {
	out := make([]bool, len(area))
	for i, in := range area {
		for v := i/lab.Side - n; in && v <= i/lab.Side+n; v++ {
			for u := i%lab.Side - n; u <= i%lab.Side+n; u++ {
				if u >= 0 && v >= 0 && u < lab.Side && v < lab.Side {
					out[v*lab.Side+u] = true
				}
			}
		}
	}
	return out
}
