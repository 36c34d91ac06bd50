package attribution

import (
	"testing"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/model"
)

// TestSlices cuts a volume of 2×3×4 whose values are their places.
func TestSlices(t *testing.T) {
	in := model.Grid{Channels: 1, D: 2, H: 6, W: 4}
	panel := figure.HeatPanel{Name: "v", Image: figure.Picture{W: 4, H: 6, Pix: make([]byte, 3*24)}}
	values := make(figure.Floats, 24)
	for i := range values {
		values[i] = float32(i)
		panel.Image.Pix[3*i] = byte(i)
	}
	panel.Maps = []figure.Map{{W: 4, H: 6, Values: values}}
	cuts := Slices("hottest").Cut(panel, in) // the hottest place is the last
	for i, want := range []struct {
		w, h        int
		first, last float32
	}{{4, 3, 12, 23}, {4, 2, 8, 23}, {3, 2, 3, 23}} {
		m := cuts[i].Maps[0]
		if n := len(m.Values); m.W != want.w || m.H != want.h || n != want.w*want.h || m.Values[0] != want.first || m.Values[n-1] != want.last {
			t.Errorf("cut %d is %+v, want %+v", i, m, want)
		}
		if got := cuts[i].Image; got.W != want.w || got.H != want.h || got.Pix[0] != byte(want.first) {
			t.Errorf("cut %d has the picture %+v", i, got)
		}
	}
	if all := Slices("all").Cut(panel, in); len(all) != 2 || all[1].Name != "v, slice 2 of 2 in depth" {
		t.Errorf("all slices are %d, the last %q", len(all), all[len(all)-1].Name)
	}
}
