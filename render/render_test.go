package render

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"image"
	"image/png"
	"io"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tomo-viz/tomo/figure"
)

func write(t testing.TB, fig figure.Figure, format string, opt Options) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, fig, format, opt); err != nil {
		t.Fatalf("%s as %s: %v", fig.Kind(), format, err)
	}
	return b.Bytes()
}

// examples are the gallery, and one empty figure of each kind.
func examples(t testing.TB) map[string]figure.Figure {
	all := gallery(t)
	for _, fig := range figure.Kinds() {
		all["empty-"+fig.Kind()] = fig
	}
	return all
}

var pictures = []string{"svg", "png", "pdf", "html"}

func TestEveryKindInEveryFormat(t *testing.T) {
	seen := map[string]bool{}
	for name, fig := range examples(t) {
		for _, format := range Formats(fig) {
			seen[format] = true
			first := write(t, fig, format, Options{Scale: 0.5})
			if len(first) == 0 && format != "txt" && format != "csv" {
				t.Errorf("%s.%s is empty", name, format)
			}
			if bytes.Equal(first, write(t, fig, format, Options{Scale: 0.5, Theme: Dark})) && slices.Contains(pictures, format) {
				t.Errorf("%s.%s is not dark", name, format)
			}
			// fpdf keeps pictures of one width in no order, so that PDFs of
			// more than one may differ in theirs.
			if format == "pdf" && slices.Contains([]string{"heatmap", "images", "matrix", "report"}, fig.Kind()) {
				continue
			}
			if !bytes.Equal(first, write(t, fig, format, Options{Scale: 0.5, Theme: Auto})) {
				t.Errorf("%s.%s differs when written again", name, format)
			}
		}
	}
	for _, f := range formats {
		if !seen[f.name] {
			t.Errorf("no kind can be written as %s", f.name)
		}
	}
}

func TestFormats(t *testing.T) {
	want := map[string][]string{
		"graph":    {"svg", "png", "pdf", "html", "json", "dot"},
		"heatmap":  {"svg", "png", "pdf", "html", "json", "npz", "csv", "txt"},
		"images":   {"svg", "png", "pdf", "html", "json", "npz", "csv", "txt"},
		"matrix":   {"svg", "png", "pdf", "html", "json", "npz", "csv", "txt"},
		"table":    {"svg", "png", "pdf", "html", "json", "npz", "csv", "txt"},
		"lines":    {"svg", "png", "pdf", "html", "json", "npz", "csv", "txt"},
		"parallel": {"svg", "png", "pdf", "html", "json", "npz", "csv"},
		"report":   {"svg", "png", "pdf", "html", "json", "npz", "txt"},
	}
	for _, fig := range figure.Kinds() {
		if got := Formats(fig); !slices.Equal(got, want[fig.Kind()]) {
			t.Errorf("%s: got %v, want %v", fig.Kind(), got, want[fig.Kind()])
		}
	}
}

func TestFormatOf(t *testing.T) {
	for path, want := range map[string]string{"a.png": "png", "x/y.SVG": "svg", "cam.tar.html": "html", "p.htm": "html", "t.npz": "npz"} {
		if got, err := FormatOf(path); err != nil || got != want {
			t.Errorf("%s: got %q, %v", path, got, err)
		}
	}
	for _, path := range []string{"a.jpg", "noext", "", "png"} {
		_, err := FormatOf(path)
		if err == nil || !strings.Contains(err.Error(), ".svg, .png, .pdf") {
			t.Errorf("%q: the error %v does not list the formats", path, err)
		}
	}
}

func TestWriteRefuses(t *testing.T) {
	for _, c := range []struct {
		format string
		opt    Options
		want   string
	}{
		{"csv", Options{}, "it can as svg, png"},
		{"gif", Options{}, "it can as svg, png"},
		{"png", Options{Theme: "blue"}, "auto, light, dark"},
		{"png", Options{Scale: -1}, "scale"},
		{"png", Options{Scale: 1e9}, "scale"},
	} {
		err := Write(io.Discard, &figure.Graph{}, c.format, c.opt)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %+v: got %v, want %q", c.format, c.opt, err, c.want)
		}
	}
}

type brokenWriter struct{ left int }

var errFull = errors.New("disk full")

func (w *brokenWriter) Write(p []byte) (int, error) {
	if w.left -= len(p); w.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestWriteReportsAFullDisk(t *testing.T) {
	for _, fig := range []figure.Figure{chain(), summary(), training(), sweep(), dossier(t), heatmapOf(t, 1, bumps("m", "l", 1, "c", 7, .5, .5))} {
		for _, format := range Formats(fig) {
			if err := Write(&brokenWriter{100}, fig, format, Options{}); !errors.Is(err, errFull) {
				t.Errorf("%s as %s: got %v", fig.Kind(), format, err)
			}
		}
	}
}

func TestSVGIsXML(t *testing.T) {
	for name, fig := range examples(t) {
		raw := write(t, fig, "svg", Options{})
		dec := xml.NewDecoder(bytes.NewReader(raw))
		depth := 0
		for {
			tok, err := dec.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			switch tok.(type) {
			case xml.StartElement:
				depth++
			case xml.EndElement:
				depth--
			}
		}
		if depth != 0 {
			t.Errorf("%s: elements are not balanced", name)
		}
		if !bytes.Contains(raw, []byte("prefers-color-scheme:dark")) {
			t.Errorf("%s: does not follow the reader's theme", name)
		}
		if bytes.Contains(write(t, fig, "svg", Options{Theme: Dark}), []byte("prefers-color-scheme")) {
			t.Errorf("%s: a dark picture follows the reader's theme", name)
		}
	}
}

func TestPNGSizeAndText(t *testing.T) {
	fig := heatmapOf(t, 1, bumps("gradcam", "layer4", 285, "Egyptian cat", 7, .5, .4))
	w, h := layOut(fig).size()
	for _, scale := range []float64{0, 0.4, 1} {
		raw := write(t, fig, "png", Options{Scale: scale})
		img, err := png.Decode(bytes.NewReader(raw)) // checks every checksum
		if err != nil {
			t.Fatal(err)
		}
		k := scale
		if k == 0 {
			k = defaultScale
		}
		if got, want := img.Bounds().Size(), image.Pt(pixels(k*w), pixels(k*h)); got != want {
			t.Errorf("scale %v: got %v, want %v", scale, got, want)
		}
		if !bytes.Contains(raw, []byte("Title\x00\x00\x00\x00\x00Where resnet18 looks")) || !bytes.Contains(raw, []byte("technique: cam")) {
			t.Error("the file does not say what it shows")
		}
	}
}

func TestPNGOfAHugeGraphIsBounded(t *testing.T) {
	g := ladder(40)
	g.W, g.H = 1e6, 2e3
	img, err := png.DecodeConfig(bytes.NewReader(write(t, g, "png", Options{})))
	if err != nil {
		t.Fatal(err)
	}
	if img.Width != longestSide || img.Height > 100 {
		t.Errorf("%d × %d pixels", img.Width, img.Height)
	}
	for _, size := range [][2]float64{{1e6, 1e6}, {1, 1e6}, {5e5, 3e3}, {8000, 8000}, {0, 0}} {
		w, h := size[0], size[1]
		k := boundScale(w, h, 16)
		if w*k > longestSide+1e-6 || h*k > longestSide+1e-6 || w*h*k*k > mostPixels+1 {
			t.Errorf("%v points become %.0f × %.0f pixels", size, w*k, h*k)
		}
	}
	if got := boundScale(900, 500, 2); got != 2 {
		t.Errorf("a usual picture is drawn at %v", got)
	}
}

// TestEncodePNG compares pixels after a round trip through image/png.
func TestEncodePNG(t *testing.T) {
	for _, alpha := range []bool{false, true} {
		img := image.NewNRGBA(image.Rect(0, 0, 300, 17))
		for i := range img.Pix {
			img.Pix[i] = byte(i * i >> 3)
			if i%4 == 3 && !alpha {
				img.Pix[i] = 255
			}
		}
		var b bytes.Buffer
		if err := encodePNG(&b, img, nil); err != nil {
			t.Fatal(err)
		}
		back, err := png.Decode(&b)
		if err != nil {
			t.Fatal(err)
		}
		for y := range 17 {
			for x := range 300 {
				if r, want := back.At(x, y), img.At(x, y); !sameColor(r, want) {
					t.Fatalf("alpha %v: pixel %d,%d is %v, want %v", alpha, x, y, r, want)
				}
			}
		}
	}
}

func sameColor(a, b interface{ RGBA() (r, g, b, a uint32) }) bool {
	r0, g0, b0, a0 := a.RGBA()
	r1, g1, b1, a1 := b.RGBA()
	return r0 == r1 && g0 == g1 && b0 == b1 && a0 == a1
}

func TestJSONRoundTrip(t *testing.T) {
	for name, fig := range examples(t) {
		raw := write(t, fig, "json", Options{})
		if !bytes.HasPrefix(raw, []byte(`{"kind":"`+fig.Kind()+`"`)) {
			t.Errorf("%s: begins with %.40s", name, raw)
		}
		back, err := ReadJSON(bytes.NewReader(raw))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		// NaN is not equal to itself, so the second writing is compared.
		if again := write(t, back, "json", Options{}); !bytes.Equal(raw, again) {
			t.Errorf("%s: changed in a round trip", name)
		}
	}
	in := summary()
	out, err := ReadJSON(bytes.NewReader(write(t, in, "json", Options{})))
	if err != nil || !reflect.DeepEqual(out, in) {
		t.Errorf("got %+v, %v", out, err)
	}
}

func TestReadJSONRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                              "no figure in JSON",
		"[1]":                           "no figure in JSON",
		`{"a":1}`:                       `kind is ""`,
		`{"kind":"movie"}`:              `kind is "movie"`,
		`{"kind":"graph","nodes":3}`:    "graph is damaged",
		`{"kind":"heatmap","panels":[{`: "no figure in JSON",
		`{"kind":"report","sections":[{"figure":{"kind":"movie"}}]}`:                "kind is \"movie\"",
		`{"kind":"report","sections":[{"figure":{"kind":"report","sections":[]}}]}`: "another report",
		`{"kind":"lines","plots":[{"curves":[{"x":"AAAA"}]}]}`:                      "no whole number of float64",
	} {
		if _, err := ReadJSON(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
}

func TestColormapsAsJSON(t *testing.T) {
	raw, err := json.Marshal(Colormaps()[0])
	if err != nil || !bytes.Contains(raw, []byte(`"name":"inferno"`)) || !bytes.Contains(raw, []byte(`[[0,0,4],`)) {
		t.Errorf("got %.120s, %v", raw, err)
	}
}

// TestManyAtOnce is for the race detector.
func TestManyAtOnce(t *testing.T) {
	fig := chain()
	want := write(t, fig, "pdf", Options{})
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Add(1)
		go func() {
			defer wait.Done()
			var b bytes.Buffer
			format := []string{"pdf", "png", "svg", "html"}[i%4]
			if err := Write(&b, fig, format, Options{}); err != nil {
				t.Error(err)
			}
			if format == "pdf" && !bytes.Equal(b.Bytes(), want) {
				t.Error("a PDF differs when others are written")
			}
		}()
	}
	wait.Wait()
}
