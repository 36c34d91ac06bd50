package render

import (
	"bytes"
	"encoding/csv"
	"math"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/nn/tensor"
)

func TestNPZHoldsTheRawMaps(t *testing.T) {
	h := heatmapOf(t, 2, bumps("gradcam", "layer4", 285, "cat", 7, .5, .4), holedMap())
	h.Panels[1].Name = h.Panels[0].Name // the same name twice must not lose a map
	h.Panels[0].Maps[0].Layer = "../../etc/passwd"
	raw := write(t, h, "npz", Options{})
	arrays, err := tensor.ReadNPZ(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	if len(arrays) != 4 {
		t.Fatalf("%d arrays, want 4", len(arrays))
	}
	for name, a := range arrays {
		if strings.Contains(name, "..") || strings.HasPrefix(name, "/") {
			t.Errorf("unpacking %q would leave the folder", name)
		}
		if a.Dim(0) != a.Dim(1) || a.DType() != tensor.Float32 {
			t.Errorf("%s is %v %v", name, a.DType(), a.Shape())
		}
	}
	got, want := arrays["chelsea-1.png/rollout/blocks.11/281"], h.Panels[0].Maps[1].Values
	for i, v := range want {
		if g := got.F32()[i]; math.Float32bits(g) != math.Float32bits(v) {
			t.Fatalf("value %d is %v, want %v", i, g, v)
		}
	}
}

func TestNPZOfATable(t *testing.T) {
	raw := write(t, summary(), "npz", Options{})
	arrays, err := tensor.ReadNPZ(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	if got := tensor.Data[float64](arrays["parameters"]); got[0] != 9408 || got[10] != 513000 {
		t.Errorf("got %v", got)
	}
}

func TestCSV(t *testing.T) {
	raw := write(t, summary(), "csv", Options{})
	if !bytes.HasSuffix(raw, []byte("\r\n")) {
		t.Error("lines do not end in CRLF")
	}
	rows, err := csv.NewReader(bytes.NewReader(raw)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(rows[0], "|"); got != "layer|operator|output shape|parameters|multiply-adds|time (ms)|depth|group" {
		t.Errorf("head %s", got)
	}
	if got := strings.Join(rows[3], "|"); got != "layer1|Sequential|1×64×56×56|147456|462422016|3.8|0|true" {
		t.Errorf("row %s", got)
	}
	plain := &figure.Table{Columns: []figure.Column{{Name: `a"b`}}, Rows: []figure.Row{{Cells: []figure.Cell{{Text: "x,y"}}}}}
	if got, want := string(write(t, plain, "csv", Options{})), "\"a\"\"b\"\r\n\"x,y\"\r\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestCSVOfAHeatmap: a line for each number of the maps, or of the attributions
// behind them if there are any, each at its index.
func TestCSVOfAHeatmap(t *testing.T) {
	h := &figure.Heatmap{Panels: []figure.HeatPanel{{Name: "x.npy", Maps: []figure.Map{
		{Method: "ig", Layer: "input", Class: 3, W: 2, H: 1, Values: figure.Floats{1.5, nan}}}}}}
	if got, want := string(write(t, h, "csv", Options{})), "map,axis 0,axis 1,value\r\nx.npy/ig/input/3,0,0,1.5\r\nx.npy/ig/input/3,0,1,\r\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	h.Attributions = []figure.Attribution{
		{Name: "a", Shape: []int{1, 2, 2}, Values: figure.Floats{1, 2, 3, 4}},
		{Name: "=b", Shape: []int{2}, Values: figure.Floats{5, 6}},
	}
	rows, err := csv.NewReader(bytes.NewReader(write(t, h, "csv", Options{}))).ReadAll()
	if err != nil || len(rows) != 7 {
		t.Fatalf("got %v, %v", rows, err)
	}
	if got := strings.Join(rows[4], " ") + "; " + strings.Join(rows[6], " "); got != "a 0 1 1 4; '=b 1   6" {
		t.Errorf("got %q", got)
	}
	arrays := h.Arrays()
	if last := arrays[1]; last.Name != "attributions/a" || !slices.Equal(last.Shape, []int{1, 2, 2}) {
		t.Errorf("the arrays are %+v", arrays)
	}
}

func TestTXT(t *testing.T) {
	table := &figure.Table{
		Columns: []figure.Column{{Name: "layer"}, {Name: "params", Number: true}},
		Rows: []figure.Row{
			{Cells: []figure.Cell{figure.Text("層一"), figure.Count(1234567)}, Group: true},
			{Cells: []figure.Cell{figure.Text("fc"), figure.Count(12)}, Depth: 1},
		},
		Totals: []figure.Fact{{Name: "parameters", Value: "1,234,579"}, {Name: "MACs", Value: "2"}},
	}
	table.Title = "net"
	table.Warn("half of it is guessed")
	want := `net

layer     params
────────────────
層一   1,234,567
  fc          12
────────────────
parameters  1,234,579
MACs        2

Warning: half of it is guessed
`
	if got := string(write(t, table, "txt", Options{})); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestTXTOfAHeatmap(t *testing.T) {
	h := &figure.Heatmap{Panels: []figure.HeatPanel{{Name: "cat.png", Predictions: predictions()[:1], Maps: []figure.Map{
		{Method: "Grad-CAM", Layer: "layer4", Class: 285, Label: "Egyptian cat", W: 4, H: 2, High: 1,
			Values: figure.Floats{nan, 0, 0, 1, 0.1, 0.1, 0, 0.3}},
		{Method: "CAM", Layer: "fc", Class: 7, W: 1, H: 1, Values: figure.Floats{nan}, High: 1},
	}}}}
	h.Title = "Where it looks"
	want := `Where it looks

cat.png
    61.3 %  Egyptian cat
  Grad-CAM, layer4, for Egyptian cat: hottest at the top right (88 % from the left, 25 % from the top); half of the heat lies in 12 % of the picture
  CAM, fc, for class 7: no heat anywhere
`
	if got := string(write(t, h, "txt", Options{})); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// TestTextWidthsAgree holds figure's table of widths against the font.
func TestTextWidthsAgree(t *testing.T) {
	for _, bold := range []bool{false, true} {
		f := lettering{size: 2048, bold: bold}
		for r := rune(' '); r < 0x7f; r++ {
			if got, want := figure.TextWidth(string(r), 2048, bold), f.width(string(r)); math.Abs(got-want) > 1e-6 {
				t.Errorf("%q bold %v: %v, the font says %v", r, bold, got, want)
			}
		}
		for _, s := range []string{"äößéñ", "Привет", "×→…·–", "日本語"} {
			if got, want := figure.TextWidth(s, 2048, bold), f.width(s); got < want*0.85 {
				t.Errorf("%q bold %v: %v is too narrow, the font says %v", s, bold, got, want)
			}
		}
	}
}

func TestFit(t *testing.T) {
	f := lettering{size: 10}
	for _, s := range []string{"", "short", "a rather long label that will not fit", "長い名前の分類である", "\xff\xfe broken", strings.Repeat("é", 1e5)} {
		for _, width := range []float64{0, 3, 20, 55.5, 1e9} {
			got := f.fit(s, width)
			if !utf8.ValidString(got) {
				t.Errorf("fit(%.20q, %v) = %q is no UTF-8", s, width, got)
			}
			if w := f.width(got); w > width+1e-6 && got != "…" {
				t.Errorf("fit(%.20q, %v) = %q is %v wide", s, width, got, w)
			}
		}
	}
	if got := f.fit("input", f.width("input")); got != "input" {
		t.Errorf("text that just fits became %q", got)
	}
	if got := f.fit("ab\x00c\nd\u202e", 1e3); got != "abc d" {
		t.Errorf("got %q", got)
	}
}

func TestWrap(t *testing.T) {
	f := lettering{size: 10}
	text := "The image's preparation was guessed: the model names none. Averyverylongwordthatdoesnotfitintooneline ends."
	lines := f.wrap(text, 120, 99)
	if strings.ReplaceAll(strings.Join(lines, ""), " ", "") != strings.ReplaceAll(text, " ", "") {
		t.Errorf("words were lost: %q", lines)
	}
	for _, line := range lines {
		if f.width(line) > 120 {
			t.Errorf("%q is too wide", line)
		}
	}
	if short := f.wrap(text, 120, 2); len(short) != 2 || !strings.HasSuffix(short[1], "…") {
		t.Errorf("got %q", short)
	}
}

// TestMissingCharacters draws what the embedded font lacks.
func TestMissingCharacters(t *testing.T) {
	for _, r := range "エ猫مĀ\U0001F600\U0010FFFD" {
		if g := regular().glyph(r); g.advance <= 0 && !invisible(r) {
			t.Errorf("%q has no width", r)
		}
	}
	if g := emptyBox('猫'); g.advance != 1 || len(g.path.parts) == 0 {
		t.Errorf("the box of an ideograph is %+v", g)
	}
	if n := likelihood("NotoSansCJK-Regular.ttc"); n < 0 || n >= likelihood("NotoSansCJK-Bold.ttc") {
		t.Errorf("regular fonts do not come first: %d", n)
	}
	for _, name := range []string{"readme.txt", "NotoSerifCJK.ttc", "unknown.ttf"} {
		if likelihood(name) >= 0 {
			t.Errorf("%s is taken for a likely font", name)
		}
	}
	if got := openFonts([]string{t.TempDir(), "/no/such/folder"}); len(got) != 0 {
		t.Errorf("found fonts in empty folders: %v", got)
	}
}
