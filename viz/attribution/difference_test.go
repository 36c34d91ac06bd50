package attribution

import (
	"math"
	"testing"

	"github.com/tomo-viz/tomo/figure"
)

// TestDifference scales both maps first, so that only where they are strong
// counts, and enlarges the coarser one.
func TestDifference(t *testing.T) {
	fine := figure.Map{Method: "A", Layer: "l2", W: 2, H: 2, Values: figure.Floats{0, 10, 5, 0}, Low: 0, High: 10}
	coarse := figure.Map{Method: "B", Layer: "l4", W: 1, H: 1, Values: figure.Floats{3}, Low: 1, High: 5}
	signed := figure.Map{Method: "C", Layer: "l2", W: 2, H: 2, Values: figure.Floats{-4, 2, 0, 0}, Low: -4, High: 4}
	for _, c := range []struct {
		m, from figure.Map
		want    []float32
		high    float32
		layer   string
	}{
		{fine, fine, []float32{0, 0, 0, 0}, 1, "l2"},
		{fine, coarse, []float32{-0.5, 0.5, 0, -0.5}, 0.5, "l2 − l4"},
		{coarse, fine, []float32{0.5, -0.5, 0, 0.5}, 0.5, "l4 − l2"},
		{signed, fine, []float32{-1, -0.5, -0.5, 0}, 1, "l2"},
	} {
		d := Difference(c.m, c.from)
		if d.Method != c.m.Method+" − "+c.from.Method || d.Layer != c.layer || d.Low != -c.high || d.High != c.high {
			t.Errorf("%s at %s from %v to %v, want %s to ±%v", d.Method, d.Layer, d.Low, d.High, c.layer, c.high)
		}
		for i, want := range c.want {
			if math.Abs(float64(d.Values[i]-want)) > 1e-6 {
				t.Errorf("%s: %v, want %v", d.Method, d.Values, c.want)
				break
			}
		}
	}
	if list := Differences([]figure.Map{fine, coarse, signed}); len(list) != 2 || list[1].Method != "C − A" {
		t.Errorf("differences from the first: %v", list)
	}
}
