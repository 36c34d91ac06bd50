package cam

import (
	"context"
	"sync"
	"testing"

	"github.com/tomo-viz/tomo/data"
	"github.com/tomo-viz/tomo/lab"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/viz/attribution"
)

// held are pictures that neither network has seen in training.
const held = 60

// TestGradCAMFindsTheTruth trains both networks of the lab and asserts what
// their pictures show: the heat of the honest one lies on the object, that of
// the cheater on the mark and not on the object. The share of heat that would
// lie there by chance is the share of the area.
func TestGradCAMFindsTheTruth(t *testing.T) {
	if testing.Short() {
		t.Skip("trains two networks")
	}
	honest, cheater := teach(t, lab.Honest), teach(t, lab.Cheater)
	plain, marked := lab.Pictures(99, held, lab.Plain), lab.Pictures(99, held, lab.Misleading)

	onObject := measure(t, honest, plain, func(p *lab.Picture) []bool { return p.Object })
	onMark := measure(t, cheater, marked, func(p *lab.Picture) []bool { return p.MarkArea })
	cheaterOnObject := measure(t, cheater, marked, func(p *lab.Picture) []bool { return p.Object })
	t.Logf("honest on the object: %v", onObject)
	t.Logf("cheater on the mark: %v", onMark)
	t.Logf("cheater on the object: %v", cheaterOnObject)

	if onObject.right < 0.9 || onMark.right < 0.9 {
		t.Errorf("the networks name %.2f and %.2f of the pictures rightly, want 0.9", onObject.right, onMark.right)
	}
	if onObject.mass < 0.5 || onObject.mass < 2.5*onObject.area || onObject.pointing < 0.85 {
		t.Errorf("the honest network's heat is not on the object: %v", onObject)
	}
	if onMark.mass < 0.5 || onMark.mass < 5*onMark.area || onMark.pointing < 0.85 {
		t.Errorf("the cheater's heat is not on the mark: %v", onMark)
	}
	if cheaterOnObject.mass > 1.5*cheaterOnObject.area {
		t.Errorf("the cheater's heat is on the object: %v", cheaterOnObject)
	}
}

// A score is a mean over pictures.
type score struct {
	right    float64 // pictures that are named rightly
	mass     float64 // share of the heat inside the area
	area     float64 // share of the picture that the area takes
	pointing float64 // pictures whose hottest place is inside (pointing game, arXiv 1608.00507)
}

// taught are the networks of the lab, each trained once for all tests.
var taught = map[string]func() (*model.Model, error){
	lab.Honest.Name:  sync.OnceValues(func() (*model.Model, error) { return lab.Teach(context.Background(), lab.Honest, nil, nil, nil) }),
	lab.Cheater.Name: sync.OnceValues(func() (*model.Model, error) { return lab.Teach(context.Background(), lab.Cheater, nil, nil, nil) }),
}

func teach(t *testing.T, l lab.Lesson) *model.Model {
	t.Helper()
	m, err := taught[l.Name]()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// measure explains the class each picture is labelled with.
func measure(t *testing.T, m *model.Model, pictures []*lab.Picture, areaOf func(*lab.Picture) []bool) score {
	t.Helper()
	layers, err := pickLayers(m, nil, m.Head.Logits)
	if err != nil {
		t.Fatal(err)
	}
	var sum score
	for _, p := range pictures {
		ready, err := m.Prep.Prepare(p.Image)
		if err != nil {
			t.Fatal(err)
		}
		look, err := Look(context.Background(), m, ready.Tensor, layers)
		if err != nil {
			t.Fatal(err)
		}
		maps, err := look.Maps(context.Background(), attribution.OfClass(m, p.Class, attribution.Logit), []Variant{"gradcam"}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		heat, err := data.ResizeFloat(maps[0].Values, maps[0].W, maps[0].H, lab.Side, lab.Side, data.PlainBilinear)
		if err != nil {
			t.Fatal(err)
		}
		if m.Rank(look.Logits.F32())[0].Class == p.Class {
			sum.right++
		}
		sum.add(heat, widen(areaOf(p), lab.Side/maps[0].W))
	}
	n := float64(len(pictures))
	return score{sum.right / n, sum.mass / n, sum.area / n, sum.pointing / n}
}

func (s *score) add(heat []float32, area []bool) {
	total, inside, size, hottest := 0.0, 0.0, 0.0, 0
	for i, v := range heat {
		total += float64(v)
		if area[i] {
			inside += float64(v)
			size++
		}
		if v > heat[hottest] {
			hottest = i
		}
	}
	if total > 0 {
		s.mass += inside / total
	}
	s.area += size / float64(len(area))
	if area[hottest] {
		s.pointing++
	}
}

// widen grows an area by n pixels, one place of the map, since a map cannot
// tell closer than that.
func widen(area []bool, n int) []bool {
	out := make([]bool, len(area))
	for i, in := range area {
		if !in {
			continue
		}
		x, y := i%lab.Side, i/lab.Side
		for v := max(0, y-n); v <= min(lab.Side-1, y+n); v++ {
			for u := max(0, x-n); u <= min(lab.Side-1, x+n); u++ {
				out[v*lab.Side+u] = true
			}
		}
	}
	return out
}
