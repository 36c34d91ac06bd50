package report

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/data"
	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/lab"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/viz"
	"github.com/tomo-viz/tomo/viz/attribution"
	"github.com/tomo-viz/tomo/viz/trust"
)

// scan is a bright disc with a brighter rim on black ground, as a slice of a
// head looks.
func scan(side int) figure.Picture {
	img := data.NewImage(side, side)
	for i := range side * side {
		x, y := i%side-side/2, i/side-side/2
		v := byte(0)
		switch r := x*x + y*y; {
		case r < side*side*9/100:
			v = 120
		case r < side*side*14/100:
			v = 230
		}
		copy(img.Pix[3*i:], []byte{v, v, v})
	}
	return seen(img)
}

func seen(img *data.Image) figure.Picture {
	return figure.Picture{W: img.W, H: img.H, Pix: img.Pix}
}

// TestRegionsOfAScan: the ground is found, and the rim lies between it and the
// inside.
func TestRegionsOfAScan(t *testing.T) {
	const side = 100
	byKind := map[regionKind]region{}
	for _, r := range regionsOf(scan(side), nil, side, side) {
		byKind[r.kind] = r
	}
	at := func(k regionKind, x, y int) bool { return byKind[k].area != nil && byKind[k].area[y*side+x] }
	if !at(ground, 2, 2) || !at(inside, 50, 50) || !at(rim, 50, 15) || at(rim, 50, 50) || at(ground, 50, 50) {
		t.Errorf("the regions are wrong: ground %v, inside %v, rim %v", at(ground, 2, 2), at(inside, 50, 50), at(rim, 50, 15))
	}
	if sum := byKind[ground].share + byKind[inside].share + byKind[rim].share; sum < 0.999 || sum > 1.001 {
		t.Errorf("ground, inside and rim are %v of the picture", sum)
	}
}

// TestScenesHaveNoGround: a picture whose edge is not even is no scan.
func TestScenesHaveNoGround(t *testing.T) {
	const side = 64
	img := data.NewImage(side, side)
	for i := range side * side {
		v := byte(i * 37 % 251)
		copy(img.Pix[3*i:], []byte{v, v / 2, 255 - v})
	}
	for _, r := range regionsOf(seen(img), nil, side, side) {
		if r.kind == ground || r.kind == rim {
			t.Errorf("it has %s", r.name)
		}
	}
}

// TestReportOnTheCheater: told what should matter, the report warns that the
// heat lies elsewhere; told of the mark, it finds the heat there.
func TestReportOnTheCheater(t *testing.T) {
	if testing.Short() {
		t.Skip("trains a network")
	}
	m, err := lab.Teach(t.Context(), lab.Cheater, nil, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	warned, found, n := 0, 0, 0
	for _, p := range lab.Pictures(4711, 12, lab.Misleading) {
		if p.Shape == p.Mark {
			continue
		}
		n++
		for _, c := range []struct {
			area  []bool
			count *int
			want  bool
		}{{p.Object, &warned, true}, {p.MarkArea, &found, false}} {
			img := viz.Image{Name: p.Name(), Picture: viz.Held(p.Image), Mask: viz.Held(maskOf(c.area))}
			fig, err := Method.Run(t.Context(), &viz.Input{Model: m, Images: []viz.Image{img}}, nil)
			if err != nil {
				t.Fatal(err)
			}
			short := fig.(*figure.Report).Sections[0]
			if strings.Contains(strings.Join(short.Warnings, " "), "what should matter") == c.want {
				*c.count++
			}
		}
	}
	t.Logf("of %d pictures %d are warned of, and the mark is found in %d", n, warned, found)
	if warned < n*3/4 || found < n*3/4 {
		t.Errorf("of %d pictures %d are warned of, and the mark is found in %d; want three quarters", n, warned, found)
	}
}

func maskOf(area []bool) *data.Image {
	img := data.NewImage(lab.Side, lab.Side)
	for i, in := range area {
		if in {
			copy(img.Pix[3*i:], []byte{255, 255, 255})
		}
	}
	return img
}

// TestCentreOfARing: heat on a ring has its centre in the middle, where there is
// none of it, and is told as scattered; a spot is not.
func TestCentreOfARing(t *testing.T) {
	const side = 64
	p := model.Grid{W: side, H: side}
	ring, spot := make([]float32, side*side), make([]float32, side*side)
	for i := range ring {
		switch r := math.Hypot(float64(i%side)-31.5, float64(i/side)-31.5); {
		case r > 24 && r < 29:
			ring[i] = 1
		case r < 6:
			spot[i] = 1
		}
	}
	if x, y, spread := centre(ring, p); math.Abs(x-0.5) > 0.01 || math.Abs(y-0.5) > 0.01 || spread < scattered {
		t.Errorf("the ring's centre is %v, %v, its spread %v", x, y, spread)
	}
	if _, _, spread := centre(spot, p); spread > 0.3 {
		t.Errorf("the spot's spread is %v", spread)
	}
	even := slices.Repeat([]float32{1}, side*side)
	if _, _, spread := centre(even, p); math.Abs(spread-1) > 0.01 {
		t.Errorf("the spread of heat everywhere is %v, want 1", spread)
	}
}

// TestTwinsAreNoSecondOpinion: two methods with one map do not count twice among
// those that agree.
func TestTwinsAreNoSecondOpinion(t *testing.T) {
	const side = coarse
	a := &account{}
	x := tensor.New(tensor.Float32, 1, 3, side, side)
	g := ir.New("picture")
	g.Outputs = []ir.ValueID{g.AddInput("image", tensor.Float32, ir.Dims(1, 3, side, side))}
	m, err := model.New("picture.onnx", g, model.Options{})
	if err != nil {
		t.Fatal(err)
	}
	answer, err := attribution.AskAny(t.Context(), m, x)
	if err != nil {
		t.Fatal(err)
	}
	for k, title := range []string{"A", "twin of A", "B"} {
		c := &trust.Case{Answer: answer, Method: trust.Method{Title: title}, Heat: make([]float32, side*side)}
		for i := range c.Heat {
			c.Heat[i] = float32(i)
			if k == 2 {
				c.Heat[i] = float32(len(c.Heat) - i)
			}
		}
		a.cases = append(a.cases, c)
	}
	mean, doubles := a.meanAgreement()
	if math.Abs(mean+1) > 1e-6 || len(doubles) != 1 || doubles[0] != [2]string{"A", "twin of A"} {
		t.Errorf("the agreement is %v, doubles %v; want -1 and the twin", mean, doubles)
	}
}
