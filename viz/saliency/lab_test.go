package saliency

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tomo-viz/tomo/data"
	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/lab"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/viz"
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
	m := cheater(t)
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

// taught is the network that cheats, trained once.
var taught = sync.OnceValues(func() (*model.Model, error) {
	return lab.Teach(context.Background(), lab.Cheater, nil, nil, nil)
})

func cheater(t *testing.T) *model.Model {
	t.Helper()
	m, err := taught()
	if err != nil {
		t.Fatal(err)
	}
	return m
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
	one, err := Explain(t.Context(), a, attribution.OfClass(m, class, o.Target), v, o)
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

// TestCompareOnTheLab: on pictures whose truth is known Random comes last, each
// method has its score in the pointing game, and most of them point at the mark
// that the cheating network looks at far more often than chance does.
func TestCompareOnTheLab(t *testing.T) {
	if testing.Short() {
		t.Skip("trains a network")
	}
	m := cheater(t)
	var images []viz.Image
	for _, p := range lab.Pictures(4711, 6, lab.Misleading) {
		mask := data.NewImage(lab.Side, lab.Side)
		for i, in := range widened(p.MarkArea, 3) {
			if in {
				copy(mask.Pix[3*i:], []byte{255, 255, 255})
			}
		}
		images = append(images, viz.Image{Name: p.Name(), Picture: viz.Held(p.Image), Mask: viz.Held(mask)})
	}
	fig, err := Method.Run(t.Context(), &viz.Input{Model: m, Images: images}, viz.Values{
		"compare": {"true"}, "method": {"inputxgradient", "ig", "deeplift", "lrp"}})
	if err != nil {
		t.Fatal(err)
	}
	var table *figure.Table
	for _, s := range fig.(*figure.Report).Sections {
		if found, ok := s.Figure.(*figure.Table); ok && found.Columns[1].Number {
			table = found
		}
	}
	column := slices.IndexFunc(table.Columns, func(c figure.Column) bool { return strings.Contains(c.Name, "pointing game") })
	if column < 0 || len(table.Rows) != 5 {
		t.Fatalf("the table has %d rows and the columns %v", len(table.Rows), table.Columns)
	}
	for _, row := range table.Rows {
		name, score := row.Cells[0].Text, row.Cells[column].Value
		t.Logf("%-22s mean rank %s, pointing game %.2f", name, row.Cells[1].Text, score)
		if !(score >= 0 && score <= 1) {
			t.Errorf("%s has %v in the pointing game", name, score)
		}
		if !strings.Contains(name, "Random") && score < 0.7 {
			t.Errorf("%s points at the mark in %.2f of the pictures, want 0.7", name, score)
		}
	}
	if last := table.Rows[len(table.Rows)-1].Cells[0].Text; last != "Random (baseline)" {
		t.Errorf("%s is last and not Random", last)
	}
}
