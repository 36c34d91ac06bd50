package render

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/figure"
)

// training is curves as they come out of training, with all that a plot may
// hold.
func training() *figure.Lines {
	curve := func(name string, from, to, rate, noise float64) figure.Curve {
		c := figure.Curve{Name: name}
		for e := range 60 {
			x := float64(e + 1)
			y := to + (from-to)*math.Exp(-x*rate) + noise*math.Sin(2.1*x)*math.Sin(0.7*x)
			c.X, c.Y = append(c.X, x), append(c.Y, y)
		}
		return c
	}
	train, held := curve("training", 2.3, 0.05, 0.09, 0.05), curve("validation", 2.3, 0.42, 0.12, 0.03)
	for i, y := range held.Y {
		held.Y[i] = y + 0.00012*held.X[i]*held.X[i]
		held.Low, held.High = append(held.Low, held.Y[i]-0.08), append(held.High, held.Y[i]+0.1)
	}
	held.Y[40] = math.NaN()
	raw := curve("training, each step", 2.3, 0.05, 0.09, 0.3)
	raw.Faint, raw.Hue, train.Hue = true, 1, 1
	l := &figure.Lines{Plots: []figure.Plot{{X: figure.Axis{Title: "epoch"}, Y: figure.Axis{Title: "loss", Unit: "nats"}, Curves: []figure.Curve{raw, train, held},
		Notes: []figure.Note{{X: 34, Y: math.NaN(), Text: "early stop"}, {X: 21, Y: held.Y[20], Text: "best"}, {X: math.NaN(), Y: 2.303, Text: "chance"}}}}}
	l.Title = "Loss over training"
	l.Subtitle = "mean of three runs; the band is the range of the runs"
	l.Add("runs", "3")
	return l
}

// manyPlots has plots in rows, a logarithmic axis, marks and more curves than
// hues.
func manyPlots() *figure.Lines {
	l := &figure.Lines{}
	l.Title = "Deletion, insertion and ROAD"
	for i, title := range []string{"Deletion", "Insertion", "ROAD", "Learning rate"} {
		p := figure.Plot{Title: title, X: figure.Axis{Title: "share of the picture", Unit: "%"}, Y: figure.Axis{Title: "probability", Range: &[2]float64{0, 1}}}
		for m := range 10 {
			c := figure.Curve{Name: fmt.Sprintf("method %d", m+1), Marked: i == 2}
			for s := range 11 {
				c.X = append(c.X, float64(10*s))
				c.Y = append(c.Y, math.Exp(-float64(s)*(0.1+0.03*float64(m))))
			}
			p.Curves = append(p.Curves, c)
		}
		if i == 3 {
			p.Y = figure.Axis{Title: "learning rate", Log: true}
			p.X = figure.Axis{Title: "step"}
			for j := range p.Curves {
				for k := range p.Curves[j].X {
					p.Curves[j].X[k] *= 2000
					p.Curves[j].Y[k] = math.Pow(p.Curves[j].Y[k], 6)
				}
			}
		}
		l.Plots = append(l.Plots, p)
	}
	return l
}

func dossier(t testing.TB) *figure.Report {
	r := &figure.Report{}
	r.Title = "Why resnet18 says “Egyptian cat”"
	r.Subtitle = "chelsea.png, for a reader who did not train it"
	r.Warn("How pictures are prepared is only guessed.")
	long := strings.Repeat("The heat lies on the head of the animal, and four fifths of it inside the outline that was given. ", 5)
	r.Sections = []figure.Section{
		{Title: "In short", Text: []string{"The network is fairly sure, and it looks at the cat.", long}, Facts: []figure.Fact{{Name: "answer", Value: "Egyptian cat"}, {Name: "probability", Value: "61 %"}}},
		{Title: "Where it looks", Text: []string{"Three methods agree."}, Figure: heatmapOf(t, 1, bumps("gradcam", "layer4", 285, "Egyptian cat", 7, .48, .42), bumps("layercam", "layer4", 285, "Egyptian cat", 7, .5, .4), saliencyMap(56))},
		{Title: "How far to trust the maps", Figure: summary()},
		{Title: "When the heat is taken away", Warnings: []string{"One of the curves is flat."}, Figure: manyPlots()},
	}
	r.Add("model", "resnet18.onnx")
	r.Source = []figure.Fact{{Name: "technique", Value: "report"}}
	return r
}

func TestAxisTicks(t *testing.T) {
	for _, c := range []struct {
		axis   figure.Axis
		values []float64
		want   string
	}{
		{figure.Axis{}, []float64{0, 1}, "0 0.2 0.4 0.6 0.8 1"},
		{figure.Axis{}, []float64{-3, 12}, "−5 0 5 10 15"},
		{figure.Axis{}, []float64{0.013, 0.02}, "0.012 0.014 0.016 0.018 0.02"},
		{figure.Axis{}, []float64{0, 48000}, "0 10,000 20,000 30,000 40,000 50,000"},
		{figure.Axis{}, []float64{0, 3e-6}, "0 1e−6 2e−6 3e−6"},
		{figure.Axis{Log: true}, []float64{0.001, 8}, "0.001 0.01 0.1 1 10"},
		{figure.Axis{Log: true}, []float64{2, 30, -1, 0}, "1 2 5 10 20 50 100"},
		{figure.Axis{Range: &[2]float64{0, 1}}, []float64{-3, 7}, "0 0.2 0.4 0.6 0.8 1"},
		{figure.Axis{}, nil, "0 0.2 0.4 0.6 0.8 1"},
	} {
		var texts []string
		for _, k := range newScale(c.axis, c.values, 5, true).ticks {
			if k.text != "" {
				texts = append(texts, k.text)
			}
		}
		if got := strings.Join(texts, " "); got != c.want {
			t.Errorf("%v %v: %s, want %s", c.axis, c.values, got, c.want)
		}
	}
}

// TestCurvesAreCutAtTheBox: no point of a stroke lies outside, and a curve that
// leaves and comes back is in pieces.
func TestCurvesAreCutAtTheBox(t *testing.T) {
	f := plotFrame{Box: figure.Box{W: 10, H: 10}, x: &axisScale{high: 10}, y: &axisScale{high: 10}}
	pieces := f.strokes([]float64{0, 2, 4, 6, 8}, []float64{5, 15, 5, 5, -5})
	if len(pieces) != 2 {
		t.Fatalf("%d pieces, want 2: %v", len(pieces), pieces)
	}
	for _, p := range pieces {
		for _, at := range p {
			if !f.inside(at) {
				t.Errorf("%v lies outside", at)
			}
		}
	}
	if first := pieces[0][1]; math.Abs(first[0]-1) > 1e-9 || math.Abs(first[1]) > 1e-9 {
		t.Errorf("the curve leaves at %v, want 1, 0", first)
	}
}

// TestLongCurvesAreThinned keeps every extreme that is seen.
func TestLongCurvesAreThinned(t *testing.T) {
	const n = 1 << 20
	l := &figure.Lines{Plots: []figure.Plot{{Curves: []figure.Curve{{Name: "loss"}}}}}
	c := &l.Plots[0].Curves[0]
	for i := range n {
		c.X, c.Y = append(c.X, float64(i)), append(c.Y, math.Sin(float64(i)/1e5))
	}
	c.Y[777777] = 40 // a spike of one step
	d := layOutLines(l).(*linesDrawing)
	f := d.plots[0].frame
	points, top := 0, math.Inf(1)
	for _, piece := range f.strokes(c.X, c.Y) {
		points += len(piece)
		for _, at := range piece {
			top = min(top, at[1])
		}
	}
	spike, _ := f.place(777777, 40)
	if points > 20*int(f.W) || top != spike[1] {
		t.Errorf("%d points, the highest at %v, want %v", points, top, spike[1])
	}
	if raw := write(t, l, "svg", Options{}); len(raw) > 400<<10 {
		t.Errorf("the SVG has %d bytes", len(raw))
	}
}

func TestLinesAsCSV(t *testing.T) {
	rows, err := csv.NewReader(bytes.NewReader(write(t, training(), "csv", Options{}))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 1+3*60 || strings.Join(rows[0], " ") != "plot curve x y low high" || rows[61][1] != "training" || rows[61][2] != "1" {
		t.Errorf("%d rows: %v, %v", len(rows), rows[0], rows[61])
	}
}

func TestReportPages(t *testing.T) {
	r := dossier(t)
	blocks, pages := reportBlocks(r), reportPages(r)
	if len(pages) < 2 {
		t.Fatalf("%d pages", len(pages))
	}
	n := 0
	for i, p := range pages {
		d := p.(*reportDrawing)
		n += len(d.blocks)
		if last := d.blocks[len(d.blocks)-1]; last.with && i < len(pages)-1 {
			t.Errorf("page %d ends with a heading", i+1)
		}
		if w, h := d.size(); math.Abs(h/w-1.4142) > 1e-3 {
			t.Errorf("page %d is %v × %v", i+1, w, h)
		}
	}
	if n != len(blocks) {
		t.Errorf("%d blocks on the pages, want %d", n, len(blocks))
	}
}
