package render

import (
	"math"
	"testing"

	"github.com/tomo-viz/tomo/figure"
)

// luminance is that of WCAG 2.2.
func luminance(hex string) float64 {
	c := parseColor(hex)
	linear := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
}

func contrast(a, b string) float64 {
	x, y := luminance(a), luminance(b)
	if x < y {
		x, y = y, x
	}
	return (x + 0.05) / (y + 0.05)
}

func TestContrast(t *testing.T) {
	if got := contrast("#000000", "#ffffff"); math.Abs(got-21) > 1e-9 {
		t.Fatalf("black on white is %v, not 21", got)
	}
	type pair struct{ ink, ground ink }
	pairs := []pair{{warnText, paper}, {warnText, warnFill}, {warnMark, warnLine}, {accent, paper}}
	for _, ground := range []ink{paper, panel, groupFill, groupFillOdd} {
		pairs = append(pairs, pair{text, ground}, pair{soft, ground}, pair{faint, ground})
	}
	for _, c := range classes {
		fill, _ := classInks(c.Class)
		pairs = append(pairs, pair{text, fill}, pair{soft, fill})
	}
	for _, theme := range []Theme{Light, Dark} {
		for _, p := range pairs {
			if got := contrast(p.ink.in(theme), p.ground.in(theme)); got < 4.5 {
				t.Errorf("%s: %s on %s has a contrast of %.2f, want 4.5", theme, p.ink.shade().name, p.ground.shade().name, got)
			}
		}
		for i := range figure.Hues { // WCAG 1.4.11: 3 to 1
			k := firstCurve + ink(i)
			if got := contrast(k.in(theme), paper.in(theme)); got < 3 {
				t.Errorf("%s: %s has a contrast of %.2f on paper", theme, k.shade().name, got)
			}
		}
		for _, c := range classes { // WCAG 1.4.11: what tells parts apart, 3 to 1
			_, line := classInks(c.Class)
			if got := contrast(line.in(theme), paper.in(theme)); got < 2.2 {
				t.Errorf("%s: the line of %s has a contrast of %.2f on paper", theme, c.Class, got)
			}
		}
	}
}

func TestEveryInkHasColours(t *testing.T) {
	names := map[string]bool{}
	for k := paper; k < firstClass+ink(2*len(classes)); k++ {
		s := k.shade()
		if s.name == "" || names[s.name] || len(s.light) != 7 || len(s.dark) != 7 {
			t.Errorf("ink %d is %+v", k, s)
		}
		names[s.name] = true
	}
	if fill, _ := classInks("no such class"); fill.shade().name != "unknown-fill" {
		t.Errorf("an unknown class is drawn as %s", fill.shade().name)
	}
}

// TestColormapAnchors compares with the ends and middles that the maps' own
// publications give.
func TestColormapAnchors(t *testing.T) {
	for name, want := range map[string][3]string{
		"viridis":  {"#440154", "#21918c", "#fde725"},
		"inferno":  {"#000004", "#bc3754", "#fcffa4"},
		"magma":    {"#000004", "#b73779", "#fcfdbf"},
		"cividis":  {"#00224e", "#7d7c78", "#fee838"},
		"turbo":    {"#30123b", "#a4fc3c", "#7a0403"},
		"coolwarm": {"#3b4cc0", "#dddcdc", "#b40426"},
		"gray":     {"#000000", "#808080", "#ffffff"},
		"jet":      {"#000080", "#7cff79", "#800000"},
	} {
		c, err := ColormapByName(name)
		if err != nil {
			t.Fatal(err)
		}
		for i, hex := range want {
			w := parseColor(hex)
			g := c.At(float64(i) / 2)
			for k, v := range [3]uint8{w.R, w.G, w.B} {
				if math.Abs(float64(g[k])-float64(v)) > 2 {
					t.Errorf("%s at %v is %v, want %s", name, float64(i)/2, g, hex)
				}
			}
		}
	}
	if _, err := ColormapByName("rainbow"); err == nil {
		t.Error("there is a colour map named rainbow")
	}
}

// TestSafeColormapsRise: safe maps get brighter from end to end.
func TestSafeColormapsRise(t *testing.T) {
	safe := 0
	for _, c := range Colormaps() {
		if c.Type != "safe" {
			continue
		}
		safe++
		last := -1.0
		for i, k := range c.Colors {
			y := 0.2126*float64(k[0]) + 0.7152*float64(k[1]) + 0.0722*float64(k[2])
			if y < last-0.75 { // a rounding of 8 bits
				t.Errorf("%s gets darker at %d", c.Name, i)
			}
			last = max(last, y)
		}
	}
	if safe < 4 || Colormaps()[0].Name != DefaultColormap || Colormaps()[0].Type != "safe" {
		t.Errorf("%d safe maps, first %s", safe, Colormaps()[0].Name)
	}
}

func TestColormapEnds(t *testing.T) {
	c, _ := ColormapByName("gray")
	for in, want := range map[float64]uint8{-5: 0, 0: 0, 1: 255, 7: 255, math.Inf(1): 255, math.Inf(-1): 0} {
		if got := c.At(in)[0]; got != want {
			t.Errorf("at %v: %d, want %d", in, got, want)
		}
	}
	if got := c.At(math.NaN())[0]; got != 0 {
		t.Errorf("NaN is %d", got)
	}
}

// TestEnlargeAgreesWithPillow: Image.resize(BICUBIC) of Pillow 10 on the same
// numbers; tolerance 1e-5, the digits recorded.
func TestEnlargeAgreesWithPillow(t *testing.T) {
	m := &figure.Map{W: 3, H: 3, Low: 0, High: 1, Values: figure.Floats{0, .2, 1, .5, .1, .3, .9, .4, 0}}
	compare(t, enlarge(m, 7, 5), []float32{
		-0.06132, -0.02166, 0.04332, 0.20755, 0.59615, 0.97526, 1.13411,
		0.15804, 0.15178, 0.11314, 0.15149, 0.42259, 0.7098, 0.82718,
		0.53846, 0.46066, 0.26288, 0.1, 0.1615, 0.27784, 0.31923,
		0.82938, 0.73757, 0.52129, 0.2903, 0.16228, 0.09018, 0.05307,
		0.97899, 0.88609, 0.67579, 0.42264, 0.19278, 0.01508, -0.06546})
	m = &figure.Map{W: 6, H: 6, Low: 0, High: 1}
	for i := range 36 {
		m.Values = append(m.Values, float32(i*37%16)/15)
	}
	compare(t, enlarge(m, 3, 3), []float32{0.36329, 0.6479, 0.39784, 0.61479, 0.5, 0.38521, 0.60216, 0.3521, 0.63671})
}

// TestLanesDoNotRunTogether: rows that are lanes are as if each were a map of its own.
func TestLanesDoNotRunTogether(t *testing.T) {
	m := &figure.Map{W: 3, H: 2, Lanes: true, High: 1, Values: figure.Floats{0, .5, 1, 1, .2, 0}}
	got := enlarge(m, 9, 6)
	for lane := range 2 {
		alone := &figure.Map{W: 3, H: 1, High: 1, Values: m.Values[3*lane : 3*lane+3]}
		for y := range 3 {
			compare(t, got[9*(3*lane+y):][:9], enlarge(alone, 9, 1))
		}
	}
}

func compare(t *testing.T, got, want []float32) {
	t.Helper()
	for i := range want {
		if math.Abs(float64(got[i]-want[i])) > 1e-5 {
			t.Errorf("point %d is %v, want %v", i, got[i], want[i])
		}
	}
}

func TestHolesInMapsStayHoles(t *testing.T) {
	m := &figure.Map{W: 3, H: 1, High: 1, Values: figure.Floats{1, nan, 1}}
	for i, v := range enlarge(m, 9, 1) {
		if hole := i >= 3 && i < 6; hole != (v != v) || !hole && math.Abs(float64(v)-1) > 1e-5 {
			t.Errorf("point %d is %v", i, v)
		}
	}
}

func TestOverlayOpacity(t *testing.T) {
	c, _ := ColormapByName("inferno")
	m := &figure.Map{W: 1, H: 1, Values: figure.Floats{0}, High: 1}
	table := overlayColors(m, c, 0.7)
	if table[0][3] != 0 || table[255][3] != 179 { // 0.7 · 255 = 178.5
		t.Errorf("opacity is %d at the weakest and %d at the strongest", table[0][3], table[255][3])
	}
	for i := 1; i < 256; i++ {
		if table[i][3] < table[i-1][3] {
			t.Errorf("opacity falls at %d", i)
		}
	}
	d, _ := ColormapByName("coolwarm")
	m.Low = -1
	if signed := overlayColors(m, d, 1); signed[0][3] != 255 || signed[255][3] != 255 || signed[128][3] > 4 {
		t.Errorf("signed map: %d, %d, %d", signed[0][3], signed[128][3], signed[255][3])
	}
}
