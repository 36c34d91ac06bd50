package figure

import (
	"encoding/json"
	"math"
	"reflect"
	"testing"
)

func TestNumbersThatAreNotFiniteSurviveJSON(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	in := &Heatmap{Panels: []HeatPanel{{
		Predictions: []Prediction{{Class: 7, Label: "a", Score: nan, Logit: inf}, {Class: 8, Score: 0.25, Logit: -3}},
		Maps: []Map{{Method: "m", W: 1, H: 2, Low: float32(nan), High: 2.5,
			Values: Floats{float32(nan), float32(math.Inf(-1))}}},
	}}}
	raw, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	var out Heatmap
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	p, m := out.Panels[0].Predictions, out.Panels[0].Maps[0]
	if !math.IsNaN(p[0].Score) || !math.IsNaN(p[0].Logit) || p[0].Class != 7 || p[0].Label != "a" {
		t.Errorf("got %+v", p[0])
	}
	if p[1] != in.Panels[0].Predictions[1] {
		t.Errorf("got %+v", p[1])
	}
	if m.Low == m.Low || m.High != 2.5 || m.Method != "m" || m.W != 1 || m.H != 2 {
		t.Errorf("got %+v", m)
	}
	if v := m.Values; v[0] == v[0] || v[1] != float32(math.Inf(-1)) {
		t.Errorf("got %v", v)
	}
}

func TestTableJSON(t *testing.T) {
	in := &Table{
		Columns: []Column{{Name: "layer"}, {Name: "params", Unit: "count", Number: true}},
		Rows:    []Row{{Cells: []Cell{Text("conv1"), Count(9408)}, Depth: 1}, {Cells: []Cell{{Text: "x"}}, Group: true}},
	}
	raw, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	out := New("table")
	if err := json.Unmarshal(raw, out); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(in, out) {
		t.Errorf("got %+v, want %+v", out, in)
	}
}

func TestTextWidth(t *testing.T) {
	// Arial's widths: H and i are 1479 and 455 of 2048 units.
	if got, want := TextWidth("Hi", 2048, false), 1479.0+455; got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := TextWidth("日本", 10, false); got != 20 {
		t.Errorf("two ideographs of size 10 are %v wide, want 20", got)
	}
	w, h := NodeSize("Conv", []string{"64×112×112", "3×3"})
	if w < TextWidth("64×112×112", NodeLineSize, false) || h != NodeTitleLine+2*NodeLineHeight+2*NodePadY {
		t.Errorf("got %v × %v", w, h)
	}
}

func TestReportJSON(t *testing.T) {
	in := &Report{Sections: []Section{
		{Title: "words", Text: []string{"a", "b"}, Facts: []Fact{{"n", "v"}}, Warnings: []string{"w"}},
		{Figure: &Table{Columns: []Column{{Name: "layer"}}}},
		{Figure: &Lines{Plots: []Plot{{X: Axis{Log: true, Range: &[2]float64{1, 2}}, Notes: []Note{{X: 3, Y: 4, Text: "here"}},
			Curves: []Curve{{Name: "c", X: Doubles{16777217, math.Inf(1)}, Y: Doubles{1e-300, -1}, Hue: 3, Faint: true}}}}}},
	}}
	raw, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	out := New("report")
	if err := json.Unmarshal(raw, out); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(in, out) {
		t.Errorf("got %+v, want %+v", out, in)
	}
}

func TestLooks(t *testing.T) {
	l := &Lines{Plots: []Plot{
		{Curves: []Curve{{Name: "a"}, {Name: "b", Hue: 1}, {Name: "c", Dashed: true}}},
		{Curves: []Curve{{Name: "c"}, {Name: "d", Hue: Hues + 2}}},
	}}
	want := [][]Look{{{2, false}, {1, false}, {3, true}}, {{3, false}, {2, true}}}
	if got := l.Looks(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
