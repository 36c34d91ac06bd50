package render

import (
	"fmt"
	"image/png"
	"math"
	"os"
	"testing"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/internal/shared"
)

// photoSide is that of the examples' photographs.
const photoSide = 224

// picture is a photograph if the reference data is there, else a made-up scene.
func picture(t testing.TB, w, h int) figure.Picture {
	p := figure.Picture{W: w, H: h, Pix: make([]byte, 3*w*h)}
	if dir, ok := os.LookupEnv("TOMO_GALLERY"); ok && dir != "" {
		if tt, ok := t.(*testing.T); ok {
			return cropped(tt, shared.Path(tt, "data/photos/skimage_chelsea.png"), p)
		}
	}
	for y := range h {
		for x := range w {
			u, v := float64(x)/float64(w), float64(y)/float64(h)
			s := 0.5 + 0.5*math.Sin(14*u+6*v*v)
			copy(p.Pix[3*(y*w+x):], []byte{byte(60 + 150*s), byte(90 + 110*v), byte(200 - 120*u*s)})
		}
	}
	return p
}

func cropped(t *testing.T, path string, p figure.Picture) figure.Picture {
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	b := img.Bounds()
	k := float64(min(b.Dx()*p.H/p.W, b.Dy())) / float64(p.H)
	for y := range p.H {
		for x := range p.W {
			x0 := b.Min.X + (b.Dx()-int(k*float64(p.W)))/2
			r, g, bl, _ := img.At(x0+int(k*float64(x)), b.Min.Y+int(k*float64(y))).RGBA()
			copy(p.Pix[3*(y*p.W+x):], []byte{byte(r >> 8), byte(g >> 8), byte(bl >> 8)})
		}
	}
	return p
}

// bumps is a map with one strong place and one weak one.
func bumps(method, layer string, class int, label string, n int, cx, cy float64) figure.Map {
	m := figure.Map{Method: method, Layer: layer, Class: class, Label: label, W: n, H: n, High: 1}
	for y := range n {
		for x := range n {
			u, v := (float64(x)+.5)/float64(n), (float64(y)+.5)/float64(n)
			a := math.Exp(-((u-cx)*(u-cx) + (v-cy)*(v-cy)) / 0.03)
			b := 0.45 * math.Exp(-((u-.2)*(u-.2)+(v-.8)*(v-.8))/0.02)
			m.Values = append(m.Values, float32(min(1, a+b)))
		}
	}
	return m
}

func predictions() []figure.Prediction {
	return []figure.Prediction{
		{Class: 285, Label: "Egyptian cat", Score: 0.6132, Logit: 12.1},
		{Class: 281, Label: "tabby, tabby cat", Score: 0.2419, Logit: 11.2},
		{Class: 282, Label: "tiger cat", Score: 0.1183, Logit: 10.4},
		{Class: 287, Label: "lynx, catamount", Score: 0.0123, Logit: 8.2},
		{Class: 728, Label: "plastic bag", Score: 0.00031, Logit: 4.4},
		{Class: 904, Label: "window screen", Score: 0.0002, Logit: 4.1},
	}
}

func heatmapOf(t testing.TB, panels int, maps ...figure.Map) *figure.Heatmap {
	h := &figure.Heatmap{Colormap: "", Opacity: 0.7}
	h.Title = "Where resnet18 looks for “Egyptian cat”"
	h.Subtitle = "Grad-CAM at layer4: the regions whose features raise the class's score"
	h.Add("prepared", "shorter side to 256 (bilinear), centre 224 × 224")
	h.Add("normalised", "mean 0.485 0.456 0.406, std 0.229 0.224 0.225")
	h.Add("from", "preprocessor_config.json")
	h.Source = []figure.Fact{{Name: "technique", Value: "cam"}, {Name: "model", Value: "resnet18.onnx"}, {Name: "image", Value: "chelsea.png"}}
	for i := range panels {
		p := figure.HeatPanel{Name: fmt.Sprintf("chelsea-%d.png", i+1), Image: picture(t, photoSide, photoSide), Predictions: predictions(), Maps: maps}
		h.Panels = append(h.Panels, p)
	}
	return h
}

func saliencyMap(n int) figure.Map {
	m := figure.Map{Method: "saliency", Layer: "input", Class: 285, Label: "Egyptian cat", W: n, H: n, Low: 0, High: 0.9}
	s := uint32(1)
	for y := range n {
		for x := range n {
			s = s*1664525 + 1013904223
			u, v := float64(x)/float64(n)-.5, float64(y)/float64(n)-.4
			m.Values = append(m.Values, float32(float64(s>>8)/float64(1<<24)*math.Exp(-(u*u+v*v)/0.05)))
		}
	}
	return m
}

func holedMap() figure.Map {
	m := bumps("rollout", "blocks.11", 281, "tabby", 14, .6, .4)
	for i := range 5 {
		m.Values[30+i], m.Values[44+i] = float32(math.NaN()), float32(math.NaN())
	}
	m.Warning = "5 % of this map is no number: the network overflowed at blocks.7. Run it with --precision float32."
	return m
}

func signedMap() figure.Map {
	m := bumps("input × gradient", "input", 281, "tabby", 28, .55, .4)
	for i := range m.Values {
		m.Values[i] = m.Values[i]*2 - 1
		if i%7 == 3 {
			m.Values[i] *= -0.5
		}
	}
	m.Low, m.High = -1, 1
	return m
}

// chain builds a graph like a residual network's, laid out by hand.
func chain() *figure.Graph {
	g := &figure.Graph{}
	g.Title = "resnet18"
	g.Subtitle = "resnet18.onnx, ONNX opset 17, PyTorch 2.4"
	g.Totals = []figure.Fact{{Name: "parameters", Value: "11,689,512"}, {Name: "multiply-adds", Value: "1.82 G"}, {Name: "activations", Value: "18.6 MB"}}
	g.Legend = []string{"input", "conv", "norm", "activation", "pool", "math", "linear", "shape", "attention", "embedding", "recurrent", "group", "unknown", "output"}
	g.Add("input", "1 × 3 × 224 × 224")
	g.Warn("Two operators have no shape inference, so shapes after them are not known.")
	y := 0.0
	add := func(title, class string, group int, x float64, lines ...string) int {
		w, h := figure.NodeSize(title, lines)
		w = max(w, 110)
		id := fmt.Sprintf("n%d", len(g.Nodes))
		g.Nodes = append(g.Nodes, figure.GraphNode{ID: id, Title: title, Lines: lines, Class: class, Group: group,
			Facts: []figure.Fact{{Name: "operator", Value: title}, {Name: "parameters", Value: "36,864"}, {Name: "kernel", Value: "3 × 3, stride 1, padding 1"}},
			Box:   figure.Box{X: x - w/2, Y: y, W: w, H: h}})
		y += h + 34
		return len(g.Nodes) - 1
	}
	link := func(a, b int, label string) {
		p, q := g.Nodes[a].Box, g.Nodes[b].Box
		x0, y0, x1, y1 := p.X+p.W/2, p.Y+p.H, q.X+q.W/2, q.Y
		g.Edges = append(g.Edges, figure.GraphEdge{From: a, To: b, Label: label, Value: "/layer/out",
			Path: [][2]float64{{x0, y0}, {x0, y0 + 16}, {x1, y1 - 16}, {x1, y1}}})
	}
	in := add("input", "input", -1, 220, "1×3×224×224")
	c1 := add("Conv", "conv", -1, 220, "conv1", "64 @ 7×7, stride 2", "9,408 parameters")
	link(in, c1, "1×3×224×224")
	r1 := add("Relu", "activation", -1, 220)
	link(c1, r1, "1×64×112×112")
	p1 := add("MaxPool", "pool", -1, 220, "3×3, stride 2")
	link(r1, p1, "")
	y += 22
	top := y - 22
	c2 := add("Conv", "conv", 1, 220, "layer1.0.conv1", "64 @ 3×3")
	link(p1, c2, "1×64×56×56")
	n2 := add("BatchNormalization", "norm", 1, 220, "layer1.0.bn1")
	link(c2, n2, "")
	r2 := add("Relu", "activation", 1, 220)
	link(n2, r2, "")
	c3 := add("Conv", "conv", 1, 220, "layer1.0.conv2", "64 @ 3×3")
	link(r2, c3, "")
	a1 := add("Add", "math", 1, 220)
	link(c3, a1, "")
	q := g.Nodes[p1].Box
	a := g.Nodes[a1].Box
	x0, y0 := q.X+q.W-12, q.Y+q.H
	g.Edges = append(g.Edges, figure.GraphEdge{From: p1, To: a1, Label: "1×64×56×56", Path: [][2]float64{
		{x0, y0}, {x0, y0 + 60}, {380, y0 + 20}, {380, y0 + 120}, {380, y0 + 250}, {a.X + a.W - 12, a.Y - 70}, {a.X + a.W - 12, a.Y}}})
	g.Groups = []figure.GraphGroup{
		{Path: "layer1", Title: "layer1 · Sequential", Parent: -1, Box: figure.Box{X: 80, Y: top - 24, W: 350, H: y - top + 10},
			Facts: []figure.Fact{{Name: "parameters", Value: "147,968"}}},
		{Path: "layer1.0", Title: "0 · BasicBlock", Parent: 0, Box: figure.Box{X: 92, Y: top, W: 326, H: y - top - 26}},
	}
	y += 10
	l2 := add("layer2", "group", -1, 220, "Sequential", "16 operators", "525,568 parameters")
	g.Nodes[l2].Fold = "layer2"
	link(a1, l2, "1×64×56×56")
	row := y
	last := []int{}
	for i, class := range []string{"attention", "embedding", "recurrent", "shape", "unknown"} {
		y = row
		n := add(class, class, -1, -20+120*float64(i), "example", "1×512")
		link(l2, n, "")
		last = append(last, n)
	}
	fc := add("Gemm", "linear", -1, 220, "fc", "1000 × 512", "513,000 parameters")
	for _, n := range last {
		link(n, fc, "")
	}
	out := add("logits", "output", -1, 220, "1×1000")
	link(fc, out, "1×1000")
	back := g.Edges[len(g.Edges)-1]
	back.From, back.To, back.Back = out, fc, true
	b := g.Nodes[out].Box
	back.Path = [][2]float64{{b.X + b.W, b.Y + 10}, {b.X + b.W + 60, b.Y}, {b.X + b.W + 60, b.Y - 50}, {b.X + b.W + 12, b.Y - 55}}
	back.Label = ""
	g.Edges = append(g.Edges, back)
	for i := range g.Nodes {
		g.Nodes[i].X += 90
	}
	for i := range g.Groups {
		g.Groups[i].X += 90
	}
	for i := range g.Edges {
		for j := range g.Edges[i].Path {
			g.Edges[i].Path[j][0] += 90
		}
	}
	g.W, g.H = 640, y-30
	return g
}

func summary() *figure.Table {
	t := &figure.Table{Columns: []figure.Column{{Name: "layer"}, {Name: "operator"}, {Name: "output shape"},
		{Name: "parameters", Number: true}, {Name: "multiply-adds", Number: true}, {Name: "time", Unit: "ms", Number: true}}}
	t.Title = "resnet18"
	t.Subtitle = "resnet18.onnx, ONNX opset 17"
	row := func(depth int, group bool, name, op, shape string, params, macs int64, ms float64) {
		t.Rows = append(t.Rows, figure.Row{Depth: depth, Group: group, Cells: []figure.Cell{
			figure.Text(name), figure.Text(op), figure.Text(shape), figure.Count(params), figure.Count(macs), {Text: fmt.Sprintf("%.2f", ms), Value: ms}}})
	}
	row(0, false, "conv1", "Conv", "1×64×112×112", 9408, 118013952, 1.31)
	row(0, false, "maxpool", "MaxPool", "1×64×56×56", 0, 1806336, 0.21)
	row(0, true, "layer1", "Sequential", "1×64×56×56", 147456, 462422016, 3.8)
	row(1, true, "0", "BasicBlock", "1×64×56×56", 73728, 231211008, 1.92)
	row(2, false, "conv1", "Conv", "1×64×56×56", 36864, 115605504, 0.94)
	row(2, false, "conv2", "Conv", "1×64×56×56", 36864, 115605504, 0.95)
	row(2, false, "Add", "Add", "1×64×56×56", 0, 200704, 0.03)
	row(1, true, "1", "BasicBlock", "1×64×56×56", 73728, 231211008, 1.88)
	row(2, false, "conv1", "Conv", "1×64×56×56", 36864, 115605504, 0.93)
	row(2, false, "conv2", "Conv", "1×64×56×56", 36864, 115605504, 0.95)
	row(0, false, "fc", "Gemm", "1×1000", 513000, 512000, 0.08)
	t.Totals = []figure.Fact{{Name: "parameters", Value: "11,689,512"}, {Name: "multiply-adds", Value: "1,819,066,368"}, {Name: "size of the weights", Value: "46.8 MB"}}
	t.Add("input", "1 × 3 × 224 × 224, float32")
	t.Add("measured", "median of 20 runs on 2 threads")
	return t
}

// strips are a wall of channels, a few units of a vector, and crops.
func strips(t testing.TB) *figure.Images {
	g := &figure.Images{Colormap: "inferno", Opacity: 0.7}
	g.Title = "What each layer puts out"
	g.Subtitle = "resnet18, chelsea.png"
	wall := figure.Strip{Title: "layer1.0.relu", Note: "Relu · 64 × 56×56, the 30 strongest"}
	for k := range 30 {
		m := bumps("", "", 0, "", 14, float64(k%6)/6, float64(k/6)/5)
		wall.Tiles = append(wall.Tiles, figure.Tile{Name: fmt.Sprintf("channel %d", 7*k), Note: fmt.Sprintf("mean %.2f", 3/float64(k+1)),
			Value: 3 / float64(k+1), W: m.W, H: m.H, Values: m.Values, High: 1})
	}
	vector := figure.Strip{Title: "fc", Note: "Gemm · 1000"}
	for k := range 8 {
		vector.Tiles = append(vector.Tiles, figure.Tile{Name: fmt.Sprint(k), W: 1, H: 1, Values: figure.Floats{float32(k)}, Value: float64(k), High: 7})
	}
	crops := figure.Strip{Title: "What excites unit 17"}
	for k := range 4 {
		p := figure.Photo(fmt.Sprintf("picture %d.png", k), "12.4 at 3, 5", picture(t, 120, 90))
		p.Box = &figure.Box{X: float64(20 * k), Y: 10, W: 40, H: 40}
		if k == 3 {
			m := bumps("", "", 0, "", 7, .5, .5)
			p.W, p.H, p.Values, p.High = m.W, m.H, m.Values, 1
		}
		crops.Tiles = append(crops.Tiles, p)
	}
	g.Strips = []figure.Strip{wall, vector, crops}
	g.Add("input", "1 × 3 × 224 × 224, float32")
	g.Warn("Channel 9 holds numbers that are not finite.")
	return g
}

func matrixOf(rows, columns int) *figure.Matrix {
	m := &figure.Matrix{RowsAre: "picture", ColumnsAre: "unit", ValuesAre: "mean activation", Colormap: "viridis", High: 1}
	m.Title = "Pictures against units"
	for r := range rows {
		m.Rows = append(m.Rows, figure.Line{Name: fmt.Sprintf("picture %d.png", r)})
	}
	for c := range columns {
		m.Columns = append(m.Columns, figure.Line{Name: fmt.Sprint(c)})
	}
	for i := range rows * columns {
		m.Values = append(m.Values, float32(0.5+0.5*math.Sin(float64(i%columns)/3+float64(i/columns))))
	}
	m.Add("layer", "layer4")
	return m
}

func pictureMatrix(t testing.TB) *figure.Matrix {
	m := matrixOf(12, 64)
	for i := range m.Rows {
		p := picture(t, 32, 32)
		m.Rows[i].Picture = &p
	}
	m.Values[70], m.PerColumn = float32(math.NaN()), true
	return m
}

func smallMatrix() *figure.Matrix {
	m := matrixOf(6, 8)
	m.Colormap, m.Low = "coolwarm", -1
	for i := range m.Values {
		m.Values[i] = 2*m.Values[i] - 1
	}
	return m
}

// gallery is every kind of figure in its usual and its difficult forms.
func gallery(t testing.TB) map[string]figure.Figure {
	cat := bumps("gradcam", "layer4", 285, "Egyptian cat", 7, .48, .42)
	many := heatmapOf(t, 2, cat, bumps("gradcam++", "layer4", 285, "Egyptian cat", 7, .55, .5), bumps("layercam", "layer3", 285, "Egyptian cat", 14, .3, .4),
		bumps("scorecam", "layer4", 281, "tabby", 7, .7, .3), saliencyMap(224), holedMap(), signedMap())
	japanese := heatmapOf(t, 1, bumps("gradcam", "layer4", 0, "エジプトの猫", 7, .5, .4))
	japanese.Panels[0].Predictions = []figure.Prediction{{Class: 0, Label: "エジプトの猫", Score: .7}, {Class: 1, Label: "虎猫 ⚠ مرحبا", Score: math.NaN()}}
	wideImage := heatmapOf(t, 1, cat, signedMap())
	wideImage.Panels[0].Image = picture(t, 320, 180)
	wideImage.Colormap = "coolwarm"
	wideImage.Warn("The image's preparation was guessed: the model names none. A wrong one gives a wrong map. Give --mean and --std, or --prep imagenet.")
	tiny := heatmapOf(t, 1, bumps("gradcam", "layer2", 3, "cat", 8, .5, .5))
	tiny.Panels[0].Image = picture(t, 32, 32)
	tiny.Colormap = "viridis"
	return map[string]figure.Figure{
		"one-map": heatmapOf(t, 1, cat), "many-maps": many, "japanese": japanese,
		"wide-image": wideImage, "tiny-image": tiny, "graph": chain(), "table": summary(),
		"one-plot": training(), "many-plots": manyPlots(), "sweep": sweep(), "report": dossier(t),
		"images": strips(t), "matrix": pictureMatrix(t), "matrix-numbers": smallMatrix(),
	}
}

// TestGallery writes every example in every format into the folder that
// TOMO_GALLERY names, for people to look at.
func TestGallery(t *testing.T) {
	dir, themes := os.Getenv("TOMO_GALLERY"), []Theme{Auto, Dark}
	if dir == "" {
		t.Skip("TOMO_GALLERY names no folder to write to")
	}
	for name, fig := range gallery(t) {
		for _, format := range Formats(fig) {
			for _, theme := range themes {
				file := dir + "/" + name + "." + format
				if theme == Dark {
					file = dir + "/" + name + "-dark." + format
				}
				f, err := os.Create(file)
				if err != nil {
					t.Fatal(err)
				}
				if err := Write(f, fig, format, Options{Theme: theme}); err != nil {
					t.Errorf("%s: %v", file, err)
				}
				if err := f.Close(); err != nil {
					t.Error(err)
				}
			}
		}
	}
}
