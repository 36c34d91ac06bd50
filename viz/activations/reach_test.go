package activations

import (
	"image"
	"math"
	"testing"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/lab"
	"github.com/tomo-viz/tomo/viz"
)

// TestReachOfOnePixel: of a layer whose places see one pixel each, the map is
// its activity, pixel by pixel.
func TestReachOfOnePixel(t *testing.T) {
	img := plain("dot", "", [3]uint8{0, 0, 0})
	img.Pix[3*(2*side+5)] = 255
	g := runView(t, handMade(t), []viz.Image{img}, viz.Values{"view": {"reach"}, "layer": {"relu"}}).(*figure.Images)
	m := g.Strips[0].Tiles[1]
	for i, v := range m.Values {
		want := 1.0 // the idle unit, 2 − 1
		if i == 2*side+5 {
			want = math.Sqrt(2)
		}
		if math.Abs(float64(v)-want) > 1e-6 {
			t.Errorf("pixel %d has %v, want %v", i, v, want)
		}
	}
}

// TestReachIsBounded: with one active place, nothing lies outside its field, and
// a map of one number everywhere stays that number.
func TestReachIsBounded(t *testing.T) {
	m := teach(t, lab.Cheater)
	s, err := newSurvey(&viz.Input{Model: m, Images: labImages(lab.Pictures(3, 1, lab.Plain))}, Params{View: "reach", Layer: []string{"features.5"}})
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.read(t.Context(), s.in.Images[0].Image, 0)
	if err != nil {
		t.Fatal(err)
	}
	o, err := (&projector{survey: s}).lookOut(s.layers[0], &r.maps[0])
	if err != nil {
		t.Fatal(err)
	}
	g := r.maps[0].Grid
	flat, one := make([]float64, g.Places()), make([]float64, g.Places())
	for i := range flat {
		flat[i] = 3
	}
	one[5*g.W+9] = 1
	for _, v := range o.project(flat) {
		if math.Abs(float64(v)-3) > 1e-5 {
			t.Fatalf("of 3 everywhere a pixel has %v", v)
		}
	}
	field := m.Field(s.layers[0].Value, image.Rect(9, 5, 10, 6))
	for i, v := range o.project(one) {
		if p := image.Pt(i%lab.Side, i/lab.Side); v > 0 != p.In(field) {
			t.Fatalf("pixel %v has %v; the field is %v", p, v, field)
		}
	}
}
