package activations

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/lab"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/viz"
	"github.com/tomo-viz/tomo/viz/attribution"
)

// TestUnitOfKnownPictures: the red unit's pictures are the red ones, the
// stronger first.
func TestUnitOfKnownPictures(t *testing.T) {
	g := runView(t, handMade(t), colours(), viz.Values{"view": {"units"}, "layer": {"relu"}, "unit": {"0"}, "top": {"3"}}).(*figure.Images)
	got := ""
	for _, tile := range g.Strips[0].Tiles {
		got += fmt.Sprintf("%s %.3f; ", tile.Name, tile.Value)
	}
	if want := "red 1.000; weak red 0.498; weak green 0.000; "; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, tile := range g.Strips[1].Tiles {
		if tile.Picture.W != tile.Picture.H || tile.Picture.W >= g.Strips[0].Tiles[0].Picture.W {
			t.Errorf("the crop of a unit that sees one pixel has %d×%d", tile.Picture.W, tile.Picture.H)
		}
	}
	if _, err := Method.Run(context.Background(), &viz.Input{Model: handMade(t), Images: colours()}, viz.Values{"view": {"units"}, "layer": {"relu"}, "unit": {"4"}}); !viz.IsUser(err) {
		t.Errorf("a unit that is not there gives %v", err)
	}
}

func labImages(pictures []*lab.Picture) []viz.Image {
	var out []viz.Image
	for i, p := range pictures {
		out = append(out, viz.Image{Name: fmt.Sprintf("%02d %s.png", i, p.Name()), Label: lab.Classes[p.Class], Picture: viz.Held(p.Image)})
	}
	return out
}

func teach(t *testing.T, l lab.Lesson) *model.Model {
	t.Helper()
	if testing.Short() {
		t.Skip("trains a network")
	}
	m, err := taught[l]()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// taught are the lab's networks, each trained once for all tests.
var taught = map[lab.Lesson]func() (*model.Model, error){
	lab.Cheater: sync.OnceValues(func() (*model.Model, error) { return lab.Teach(context.Background(), lab.Cheater, nil, nil, nil) }),
}

// TestUnitThatFindsTheMark: of the network that was taught to cheat, the unit
// whose numbers are concentrated most on the mark, as other pictures tell, is
// excited most by marks: they lie in its crops.
func TestUnitThatFindsTheMark(t *testing.T) {
	m := teach(t, lab.Cheater)
	const layer = "features.5"
	unit := markUnit(t, m, layer, lab.Pictures(77, 60, lab.Misleading))
	pictures := lab.Pictures(99, 120, lab.Misleading)
	g := runView(t, m, labImages(pictures), viz.Values{"view": {"units"}, "layer": {layer}, "unit": {fmt.Sprint(unit)}, "top": {"12"}}).(*figure.Images)
	hits := 0
	for _, tile := range g.Strips[0].Tiles {
		var index int
		if _, err := fmt.Sscanf(tile.Name, "%d ", &index); err != nil {
			t.Fatal(err)
		}
		if holdsMark(pictures[index], tile) {
			hits++
		}
	}
	t.Logf("unit %d of %s: the mark lies in %d of %d crops", unit, layer, hits, len(g.Strips[0].Tiles))
	if hits < 11 || len(g.Strips[0].Tiles) != 12 {
		t.Errorf("the mark lies in %d of %d crops, want 11 of 12", hits, len(g.Strips[0].Tiles))
	}
}

// holdsMark reports whether a quarter of the mark at least lies in a tile's box;
// boxes of 15 pixels would do so by chance in one of seven.
func holdsMark(p *lab.Picture, tile figure.Tile) bool {
	zoom := tile.Picture.W / lab.Side
	inside, all := 0, 0
	for i, is := range p.MarkArea {
		if !is {
			continue
		}
		all++
		x, y := float64(i%lab.Side*zoom), float64(i/lab.Side*zoom)
		if x >= tile.Box.X && x < tile.Box.X+tile.Box.W && y >= tile.Box.Y && y < tile.Box.Y+tile.Box.H {
			inside++
		}
	}
	return 4*inside >= all
}

// markUnit is the unit with the largest share of its numbers on the mark.
func markUnit(t *testing.T, m *model.Model, layer string, pictures []*lab.Picture) int {
	t.Helper()
	s, err := newSurvey(&viz.Input{Model: m, Images: labImages(pictures)}, Params{View: "wall", Layer: []string{layer}})
	if err != nil {
		t.Fatal(err)
	}
	var on, all []float64
	for i, p := range pictures {
		subject, err := attribution.Ready(t.Context(), s.in, i, attribution.Readying{})
		if err != nil {
			t.Fatal(err)
		}
		r, err := s.read(t.Context(), subject)
		if err != nil {
			t.Fatal(err)
		}
		maps := &r.maps[0]
		if on == nil {
			on, all = make([]float64, maps.Channels), make([]float64, maps.Channels)
		}
		step := lab.Side / maps.W
		for k := range maps.Channels {
			for j, v := range maps.channel(k) {
				all[k] += float64(v)
				if p.MarkArea[(j/maps.W*step)*lab.Side+j%maps.W*step] {
					on[k] += float64(v)
				}
			}
		}
	}
	best := 0
	for k := range on {
		if on[k]/(all[k]+1) > on[best]/(all[best]+1) {
			best = k
		}
	}
	return best
}
