package render

import "fmt"

// Theme is what a figure is drawn for.
type Theme string

// The themes. Auto follows the reader's system where the format can (SVG,
// HTML) and is light elsewhere.
const (
	Auto  Theme = "auto"
	Light Theme = "light"
	Dark  Theme = "dark"
)

// ParseTheme reads a theme's name; an empty one means Auto.
func ParseTheme(name string) (Theme, error) {
	switch t := Theme(name); t {
	case "":
		return Auto, nil
	case Auto, Light, Dark:
		return t, nil
	}
	return "", fmt.Errorf("there is no theme %q; there are auto, light, dark", name)
}

// An ink is a role that a colour plays; which colour that is depends on the
// theme. The zero ink draws nothing.
type ink uint8

const (
	none ink = iota
	paper
	panel
	hairline
	text
	soft
	faint
	accent
	accentSoft
	bar
	track
	edge
	warnFill
	warnLine
	warnText
	warnMark
	void
	contourLine
	contourEdge
	hatch
	groupFill
	groupFillOdd
	groupLine
	// The curves of lines, in the order of figure.Look.Hue.
	firstCurve
	_
	_
	_
	_
	_
	_
	_
	onBright
	onDark
	// The node classes of graphs, a fill and a line each, follow here in the
	// order of classes.
	firstClass
)

type shade struct{ name, light, dark string }

// shades holds the colours of the inks before firstClass. Text on paper and
// on panel has a contrast of 4.5 or more in both themes (WCAG 2.2, 1.4.3).
var shades = [firstClass]shade{
	paper:        {"paper", "#ffffff", "#14171c"},
	panel:        {"panel", "#f5f7fa", "#1d222a"},
	hairline:     {"hairline", "#dde2e9", "#343b46"},
	text:         {"text", "#1d2330", "#e8ebf0"},
	soft:         {"soft", "#4e5766", "#b0b8c4"},
	faint:        {"faint", "#646e7e", "#8f99a8"},
	accent:       {"accent", "#0a66c8", "#69b1ff"},
	accentSoft:   {"accent-soft", "#7fb2e8", "#3f73a8"},
	bar:          {"bar", "#aab4c2", "#5c6675"},
	track:        {"track", "#edf0f4", "#262c35"},
	edge:         {"edge", "#8791a0", "#7b8696"},
	warnFill:     {"warn-fill", "#fff5de", "#33280f"},
	warnLine:     {"warn-line", "#e0a93b", "#b88a2a"},
	warnText:     {"warn-text", "#6d4700", "#f2c66d"},
	warnMark:     {"warn-mark", "#3d2800", "#1f1600"},
	void:         {"void", "#e9ecf1", "#2a303a"},
	contourLine:  {"contour-line", "#ffffff", "#ffffff"},
	contourEdge:  {"contour-edge", "#10141c", "#10141c"},
	hatch:        {"hatch", "#c3cad4", "#454e5b"},
	groupFill:    {"ground", "#f7f9fb", "#1a1e25"},
	groupFillOdd: {"ground-odd", "#f0f3f7", "#20252e"},
	groupLine:    {"ground-line", "#c5cdd8", "#3d4653"},
	// Hues that people with any kind of colour vision tell apart (after Okabe
	// and Ito), moved so far in brightness that they stand out from the paper.
	firstCurve:     {"curve-1", "#0a66c8", "#69b1ff"},
	firstCurve + 1: {"curve-2", "#d05000", "#ff9a52"},
	firstCurve + 2: {"curve-3", "#00805c", "#3cd2a5"},
	firstCurve + 3: {"curve-4", "#a83f8c", "#eaa0d8"},
	firstCurve + 4: {"curve-5", "#8a6a00", "#e2c044"},
	firstCurve + 5: {"curve-6", "#2f93c4", "#a5dcff"},
	firstCurve + 6: {"curve-7", "#4f5a6b", "#c2cad6"},
	firstCurve + 7: {"curve-8", "#8c1f1f", "#ff8f8a"},
	onBright:       {"on-bright", "#14171c", "#14171c"}, // text on colours of data
	onDark:         {"on-dark", "#ffffff", "#ffffff"},
}

// A ClassColors is how nodes of one class are drawn, in #rrggbb.
type ClassColors struct {
	Class string    `json:"class"`
	Fill  [2]string `json:"fill"` // light, dark
	Line  [2]string `json:"line"`
}

// classes are the node classes of graphs in the order of legends. Fills are
// soft, so that dark text stands on all of them; hues differ in brightness
// too where colour-blind eyes would take them for one another, and every box
// says its operator anyway.
var classes = []ClassColors{
	{"input", [2]string{"#ffffff", "#0d0f13"}, [2]string{"#3f4958", "#cfd6df"}},
	{"output", [2]string{"#e3e7ed", "#39424f"}, [2]string{"#3f4958", "#cfd6df"}},
	{"conv", [2]string{"#d9e7fc", "#1b3358"}, [2]string{"#4a82d9", "#6b9df0"}},
	{"linear", [2]string{"#e6defa", "#35295e"}, [2]string{"#8a68d3", "#a78bea"}},
	{"norm", [2]string{"#d3f0ea", "#123f3a"}, [2]string{"#36a08f", "#4cbfad"}},
	{"activation", [2]string{"#fee6cb", "#4d3213"}, [2]string{"#dc8a3c", "#e8a462"}},
	{"pool", [2]string{"#dcf0d0", "#24421b"}, [2]string{"#63a544", "#80c463"}},
	{"shape", [2]string{"#edf0f4", "#2a3039"}, [2]string{"#98a3b2", "#7f8a99"}},
	{"math", [2]string{"#f8f1c4", "#403910"}, [2]string{"#b99c22", "#cfb747"}},
	{"attention", [2]string{"#fcdaec", "#511e3a"}, [2]string{"#d3569a", "#e57fb5"}},
	{"embedding", [2]string{"#d2eef9", "#113d4e"}, [2]string{"#359cc6", "#54b9de"}},
	{"recurrent", [2]string{"#fddad4", "#51211a"}, [2]string{"#d65a44", "#ec806b"}},
	{"control", [2]string{"#ede4d8", "#3b3124"}, [2]string{"#8d7757", "#b8a17c"}},
	{"group", [2]string{"#f0f3f7", "#262c36"}, [2]string{"#7f8b9b", "#8c98a8"}},
	{"unknown", [2]string{"#ffffff", "#14171c"}, [2]string{"#8b95a3", "#8b95a3"}},
}

// Classes lists the colours of the node classes of graphs, in the order of
// legends; the last, unknown, stands for any other class.
func Classes() []ClassColors { return classes }

// classInks returns the fill and the line of a node class.
func classInks(class string) (fill, line ink) {
	i := len(classes) - 1
	for j, c := range classes {
		if c.Class == class {
			i = j
		}
	}
	fill = firstClass + ink(2*i)
	return fill, fill + 1
}

// shade returns an ink's name and colours.
func (k ink) shade() shade {
	if k < firstClass {
		return shades[k]
	}
	c := classes[(k-firstClass)/2]
	if (k-firstClass)%2 == 0 {
		return shade{c.Class + "-fill", c.Fill[0], c.Fill[1]}
	}
	return shade{c.Class + "-line", c.Line[0], c.Line[1]}
}

// in returns the colour of an ink in a theme, as #rrggbb.
func (k ink) in(t Theme) string {
	if t == Dark {
		return k.shade().dark
	}
	return k.shade().light
}
