package render

import (
	"bytes"
	"encoding/csv"
	"image/png"
	"math"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/figure"
)

// evil is text that out of a model file could do harm where it is not escaped.
var evil = []string{
	`</script><script>alert(1)</script>`,
	`<img src=x onerror=alert(1)>`,
	`" onload="alert(1)" x="`,
	`'><svg onload=alert(1)>`,
	`]]></style></title></desc><script>alert(1)</script><!--`,
	"a\x00b\x07c\x1b[31mred\u202eevil\ufffe\xff\xfe",
	`"]; n0 [label="x" URL="javascript:alert(1)`,
	"=HYPERLINK(\"http://x\")",
	`\n\"\\`,
	"line\nbreak\r\nand\ttab",
	strings.Repeat("long ", 40000),
	strings.Repeat("長", 5000),
	"{{.}} ${x} %s %!d(MISSING)",
}

// hostileFigures carry a text in every place that can hold one.
func hostileFigures(t testing.TB, s string) []figure.Figure {
	about := figure.About{Title: s, Subtitle: s, Facts: []figure.Fact{{Name: s, Value: s}}, Warnings: []string{s}, Source: []figure.Fact{{Name: s, Value: s}}}
	g := chain()
	g.About, g.Legend, g.Totals = about, []string{s, "conv"}, about.Facts
	for i := range g.Nodes {
		n := &g.Nodes[i]
		n.ID, n.Title, n.Lines, n.Class, n.Fold, n.Facts = s, s, []string{s, s}, s, s, about.Facts
	}
	for i := range g.Edges {
		g.Edges[i].Label, g.Edges[i].Value = s, s
	}
	for i := range g.Groups {
		g.Groups[i].Path, g.Groups[i].Title, g.Groups[i].Facts = s, s, about.Facts
	}
	m := bumps(s, s, 3, s, 7, .5, .5)
	m.Warning = s
	h := &figure.Heatmap{About: about, Colormap: s, Panels: []figure.HeatPanel{{Name: s, Image: picture(t, 20, 20),
		Predictions: []figure.Prediction{{Class: 3, Label: s, Score: .5}}, Maps: []figure.Map{m, m}}}}
	row := figure.Row{Cells: []figure.Cell{{Text: s}, {Text: s, Value: 3}}, Depth: 2}
	table := &figure.Table{About: about, Columns: []figure.Column{{Name: s, Unit: s}, {Name: s, Number: true}},
		Rows: []figure.Row{row, row}, Totals: about.Facts}
	curves := &figure.Lines{About: about, Plots: []figure.Plot{{Title: s, X: figure.Axis{Title: s, Unit: s}, Y: figure.Axis{Title: s, Unit: s},
		Curves: []figure.Curve{{Name: s, X: figure.Doubles{1, 2}, Y: figure.Doubles{3, 4}}}, Notes: []figure.Note{{X: 1, Y: 3, Text: s}, {X: math.NaN(), Y: 3, Text: s}}}}}
	report := &figure.Report{About: about}
	for _, fig := range []figure.Figure{nil, h, table, curves, g} {
		report.Sections = append(report.Sections, figure.Section{Title: s, Text: []string{s, s}, Facts: about.Facts, Warnings: about.Warnings, Figure: fig})
	}
	part := figure.Photo(s, s, picture(t, 20, 20))
	part.W, part.H, part.Values, part.High, part.Box = m.W, m.H, m.Values, 1, &figure.Box{X: -5, Y: 3, W: 90, H: 2}
	images := &figure.Images{About: about, Colormap: s, Strips: []figure.Strip{{Title: s, Note: s, Tiles: []figure.Tile{part, part}}}}
	lines := []figure.Line{{Name: s, Note: s, Picture: part.Picture}}
	matrix := &figure.Matrix{About: about, Colormap: s, RowsAre: s, ColumnsAre: s, ValuesAre: s, Rows: lines, Columns: lines, Values: figure.Floats{3}}
	parallel := &figure.Parallel{About: about, Scales: []figure.Scale{{Name: s, Labels: []string{s}}, {Name: s, Low: 1, High: 1, Log: true}},
		Threads: []figure.Thread{{Name: s, Values: figure.Doubles{0, 1}}, {Name: s, Values: figure.Doubles{math.NaN(), math.Inf(1), 3}, Strength: math.MaxFloat64}, {Name: s}}}
	return []figure.Figure{g, h, table, curves, report, images, matrix, parallel}
}

var tag = regexp.MustCompile(`<(/?)([a-zA-Z]+)([^>]*)>`)

func TestHostileTextIsInert(t *testing.T) {
	for i, s := range evil {
		for _, fig := range hostileFigures(t, s) {
			for _, format := range Formats(fig) {
				if i < 10 && i != 5 && (format == "png" || format == "pdf") {
					continue // markup means nothing to them
				}
				raw := write(t, fig, format, Options{Scale: 0.5})
				name := fig.Kind() + "." + format
				switch format {
				case "html":
					scripts := 2 // its data and its code
					if kind := fig.Kind(); kind == "report" || kind == "parallel" {
						scripts = 0
					}
					checkMarkup(t, name, string(raw), scripts)
				case "svg":
					checkMarkup(t, name, string(raw), 0)
					checkCharacters(t, name, string(raw))
				case "txt":
					checkCharacters(t, name, string(raw))
				case "png":
					if _, err := png.DecodeConfig(bytes.NewReader(raw)); err != nil {
						t.Errorf("%s: %v", name, err)
					}
				}
				most := 4 << 20
				if fig.Kind() == "report" { // five of the others
					most *= 5
				}
				if len(raw) > most && format != "json" {
					t.Errorf("%s is %d bytes", name, len(raw))
				}
			}
		}
	}
}

// checkMarkup looks at each tag: none but a page's own scripts, and no
// attribute that runs code or fetches.
func checkMarkup(t *testing.T, name, markup string, scripts int) {
	t.Helper()
	n := 0
	for _, m := range tag.FindAllStringSubmatch(withoutScriptText(markup), -1) {
		element, attributes := strings.ToLower(m[2]), strings.ToLower(unquoted(m[3]))
		if element == "script" && m[1] == "" {
			n++
		}
		if strings.Contains(attributes, "onerror") || strings.Contains(attributes, "onload") || element == "img" || element == "iframe" {
			t.Errorf("%s: hostile markup %s", name, m[0])
		}
	}
	if n != scripts {
		t.Errorf("%s: %d scripts, want %d", name, n, scripts)
	}
}

var scriptText = regexp.MustCompile(`(?s)(<script[^>]*>).*?(</script>)`)
var quoted = regexp.MustCompile(`"[^"]*"`)

func withoutScriptText(s string) string { return scriptText.ReplaceAllString(s, "$1$2") }
func unquoted(s string) string          { return quoted.ReplaceAllString(s, "") }

func checkCharacters(t *testing.T, name, s string) {
	t.Helper()
	for _, r := range s {
		if r < ' ' && r != '\n' || r == 0x202e || r == 0xfffe {
			t.Errorf("%s holds the character %U", name, r)
			return
		}
	}
}

func TestHostileDOT(t *testing.T) {
	dot, err := exec.LookPath("dot")
	for _, s := range evil {
		raw := write(t, hostileFigures(t, s)[0], "dot", Options{})
		for i, line := range strings.Split(strings.TrimSpace(string(raw)), "\n") {
			bare := strings.NewReplacer(`\\`, "", `\"`, "").Replace(line)
			if strings.Count(bare, `"`)%2 != 0 {
				t.Errorf("line %d has an open quote: %.100s", i, line)
			}
		}
		if err != nil {
			continue
		}
		cmd := exec.Command(dot, "-Tplain")
		cmd.Stdin = bytes.NewReader(raw)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("dot: %v %.200s", err, out)
		}
	}
}

func TestHostileCSV(t *testing.T) {
	for _, s := range evil {
		rows, err := csv.NewReader(bytes.NewReader(write(t, hostileFigures(t, s)[2], "csv", Options{}))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, cell := range append(rows[0], rows[1][0]) {
			if cell != "" && strings.ContainsRune("=+@", rune(cell[0])) {
				t.Errorf("a spreadsheet would run %.40q", cell)
			}
		}
		if len(rows) != 3 || rows[1][1] != "3" {
			t.Errorf("got %.200q", rows)
		}
	}
}

// TestBrokenFigures draws what no technique should make.
func TestBrokenFigures(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	ring := &figure.Graph{W: nan, H: inf, Groups: []figure.GraphGroup{{Parent: 1}, {Parent: 0}, {Parent: 3}, {Parent: 2}, {Parent: 99}},
		Nodes: []figure.GraphNode{{Group: 0}, {Group: 2}, {Group: 77, Box: figure.Box{X: -1e300, Y: 1e300, W: 1e300, H: 1e300}}, {Group: -9, Box: figure.Box{W: -5, H: -5}}, {Title: "x", Box: figure.Box{X: nan, Y: inf, W: inf, H: nan}}},
		Edges: []figure.GraphEdge{{From: 0, To: 1, Label: "x"}, {From: -1, To: 99, Label: "x", Path: [][2]float64{{0, 0}, {1, 1}, {1, 1}, {1, 1}, {9, 9}}},
			{From: 0, To: 1, Label: "x", Path: [][2]float64{{0, 0}, {0, 0}, {0, 0}, {0, 0}}},
			{From: 2, To: 3, Path: [][2]float64{{1e300, -1e300}, {-1e300, 1e300}, {1e9, 1e9}, {1e12, -1e12}}}}}
	wrong := figure.Map{Method: "m", W: 7, H: 7, Values: figure.Floats{1, 2}}
	huge := figure.Map{W: math.MaxInt / 2, H: 4}
	empty := figure.Map{}
	flat := figure.Map{W: 2, H: 1, Values: figure.Floats{3, 3}, Low: 3, High: 3}
	lost := figure.Map{W: 1, H: 1, Values: figure.Floats{float32(nan)}, Low: float32(nan), High: float32(inf)}
	maps := []figure.Map{wrong, huge, empty, flat, lost}
	heat := &figure.Heatmap{Opacity: -3, Panels: []figure.HeatPanel{
		{Maps: maps, Image: figure.Picture{W: 5, H: 5, Pix: []byte{1, 2, 3}}, Predictions: []figure.Prediction{{Score: nan}, {Score: -3}, {Score: inf}}},
		{Maps: maps, Image: figure.Picture{W: -1, H: 1 << 40}},
		{Maps: maps, Image: figure.Picture{W: 900, H: 1, Pix: make([]byte, 2700)}},
		{Maps: maps, Image: figure.Picture{W: 1, H: 1, Pix: make([]byte, 3)}},
	}}
	table := &figure.Table{Columns: []figure.Column{{Name: "a", Number: true}, {Name: "b"}},
		Rows: []figure.Row{{}, {Depth: -4, Cells: make([]figure.Cell, 9)}, {Depth: 1 << 40, Cells: []figure.Cell{{Value: nan}}}}}
	curves := &figure.Lines{Plots: []figure.Plot{{}, {Curves: []figure.Curve{
		{X: figure.Doubles{nan, 1, inf, -1e308, 1e308, 2}, Y: figure.Doubles{1, nan, -inf, 1e308, -1e308}},
		{X: figure.Doubles{1}, Y: figure.Doubles{1}, Low: figure.Doubles{nan}, High: figure.Doubles{1, 2, 3}, Hue: math.MaxInt},
		{X: figure.Doubles{1, 2}, Hue: math.MinInt}, {Y: figure.Doubles{1, 2}}}, Notes: []figure.Note{{X: nan, Y: nan}, {X: inf, Y: 1}, {X: 1e308, Y: -1e308}}},
		{X: figure.Axis{Log: true, Range: &[2]float64{-1, 5}}, Y: figure.Axis{Log: true}, Curves: []figure.Curve{{X: figure.Doubles{-1, 0, 1e-300, 1e300}, Y: figure.Doubles{0, -1, 1e300, 1e-300}}}},
		{Y: figure.Axis{Range: &[2]float64{3, 3}}, Curves: []figure.Curve{{X: figure.Doubles{1e17, 1e17 + 16}, Y: figure.Doubles{3, 3 + 1e-15}}}}}}
	report := &figure.Report{Sections: []figure.Section{{}, {Figure: heat}, {Figure: curves}, {Figure: table}, {Figure: &figure.Report{}}}}
	var tiles []figure.Tile
	for _, m := range maps {
		tile := figure.Tile{W: m.W, H: m.H, Values: m.Values, Low: m.Low, High: m.High, Value: nan}
		onPicture := tile
		onPicture.Picture, onPicture.Box = &figure.Picture{W: 5, H: 5, Pix: []byte{1, 2, 3}}, &figure.Box{X: 1e300, W: 1e-300, H: 1}
		tiles = append(tiles, tile, onPicture)
	}
	images := &figure.Images{Opacity: 7, Strips: []figure.Strip{{}, {Tiles: tiles}}}
	matrix := &figure.Matrix{Rows: make([]figure.Line, 3), Columns: make([]figure.Line, 4), Values: figure.Floats{1, 2}, Low: float32(nan), High: float32(inf)}
	for _, fig := range []figure.Figure{ring, heat, images, matrix, table, curves, report, &figure.Table{Rows: []figure.Row{{Cells: make([]figure.Cell, 3)}}}} {
		for _, format := range Formats(fig) {
			if (fig == figure.Figure(ring) || fig == figure.Figure(report)) && format == "json" || format == "npz" {
				continue // lengths that are no numbers have no JSON, and maps too short no shape
			}
			raw := write(t, fig, format, Options{})
			if (format == "svg" || format == "pdf") && bytes.Contains(raw, []byte("NaN")) {
				t.Errorf("%s as picture has a length that is no number", fig.Kind())
			}
		}
	}
}
