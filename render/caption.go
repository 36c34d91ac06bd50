package render

import (
	"strings"

	"github.com/tomo-viz/tomo/figure"
)

// Lengths of the frame around every figure, in points.
const (
	margin       = 24.0
	titleSize    = 17.0
	subtitleSize = 12.0
	factSize     = 10.5
	warningSize  = 11.0
)

var (
	titleFont    = lettering{size: titleSize, bold: true, ink: text}
	subtitleFont = lettering{size: subtitleSize, ink: soft}
	warningFont  = lettering{size: warningSize, ink: warnText}
	nameFont     = lettering{size: factSize, ink: faint}
	valueFont    = lettering{size: factSize, ink: soft}
)

// A caption is what stands above and below a figure, broken into lines for a
// width: title and subtitle above, warnings, facts and source below.
type caption struct {
	width           float64
	title, subtitle []string
	warnings        [][]string
	facts, source   flow
}

func layOutCaption(about *figure.About, width float64) *caption {
	c := &caption{
		width:    width,
		title:    titleFont.wrap(about.Title, width, 2),
		subtitle: subtitleFont.wrap(about.Subtitle, width, 3),
		facts:    flow{width: width},
		source:   flow{width: width},
	}
	for _, w := range about.Warnings[:min(len(about.Warnings), 8)] {
		c.warnings = append(c.warnings, warningFont.wrap(w, width-44, 4))
	}
	c.facts.addFacts(about.Facts)
	c.source.addFacts(about.Source)
	return c
}

func (c *caption) above() float64 {
	h := float64(len(c.title))*22 + float64(len(c.subtitle))*16
	if h > 0 {
		h += 10
	}
	return h
}

func (c *caption) below() float64 {
	h := 0.0
	for _, lines := range c.warnings {
		h += warningHeight(lines) + 6
	}
	for _, f := range []flow{c.facts, c.source} {
		if n := f.height(); n > 0 {
			h += n + 6
		}
	}
	if h > 0 {
		h += 10
	}
	return h
}

func (c *caption) drawAbove(to canvas, x, y float64) {
	for _, line := range c.title {
		to.text(x, y+titleSize*0.9, line, titleFont)
		y += 22
	}
	for _, line := range c.subtitle {
		to.text(x, y+subtitleSize, line, subtitleFont)
		y += 16
	}
}

func (c *caption) drawBelow(to canvas, x, y float64) {
	y += 10
	for _, lines := range c.warnings {
		drawWarning(to, figure.Box{X: x, Y: y, W: c.width, H: warningHeight(lines)}, lines)
		y += warningHeight(lines) + 6
	}
	for _, f := range []flow{c.facts, c.source} {
		f.draw(to, x, y)
		if n := f.height(); n > 0 {
			y += n + 6
		}
	}
}

func warningHeight(lines []string) float64 { return float64(len(lines))*15 + 11 }

func drawWarning(to canvas, b figure.Box, lines []string) {
	to.rect(b, 5, paint{fill: warnFill, line: warnLine, width: 1})
	drawWarningSign(to, b.X+18, b.Y+warningHeight(nil)/2+7.5, 14)
	for i, line := range lines {
		to.text(b.X+34, b.Y+17+float64(i)*15, line, warningFont)
	}
}

// drawWarningSign draws a triangle with an exclamation mark around a centre.
func drawWarningSign(to canvas, x, y, size float64) {
	r := size / 2
	var p path
	p.move(x, y-r).line(x+r, y+0.8*r).line(x-r, y+0.8*r).close()
	to.path(&p, paint{fill: warnLine, line: warnLine, width: 0.16 * size})
	mark := lettering{size: 0.75 * size, bold: true, ink: warnMark, align: center}
	to.text(x, y+0.62*r, "!", mark)
}

// A flow is names and values set like a paragraph.
type flow struct {
	width float64
	runs  []run
	x     float64 // of the pen
	line  int
}

// A run is neighbouring words in one font, so that they can be selected and
// searched as such.
type run struct {
	x    float64
	line int
	text string
	font lettering
}

const flowLine = 15.0

func (f *flow) addFacts(facts []figure.Fact) { f.addFactsIn(facts, nameFont, valueFont) }

func (f *flow) addFactsIn(facts []figure.Fact, name, value lettering) {
	for _, fact := range facts[:min(len(facts), 60)] {
		f.start(name, clean(fact.Name))
		f.x += 5
		for i, s := range firstWords(fact.Value, 80) {
			if i == 0 {
				f.start(value, s)
			} else {
				f.join(value, s)
			}
		}
		f.x += 13
	}
}

// start begins a run at the pen, or on the next line if it does not fit.
func (f *flow) start(font lettering, s string) {
	s = font.fit(s, f.width)
	w := font.width(s)
	if f.x > 0 && f.x+w > f.width {
		f.x, f.line = 0, f.line+1
	}
	f.runs = append(f.runs, run{f.x, f.line, s, font})
	f.x += w
}

// join lengthens the last run by a word, or begins one on the next line.
func (f *flow) join(font lettering, s string) {
	w := font.width(" " + s)
	if f.x+w > f.width {
		f.x = f.width
		f.start(font, s)
		return
	}
	f.runs[len(f.runs)-1].text += " " + s
	f.x += w
}

func (f *flow) height() float64 {
	if len(f.runs) == 0 {
		return 0
	}
	return float64(f.line+1) * flowLine
}

func (f *flow) draw(to canvas, x, y float64) {
	for _, r := range f.runs {
		to.text(x+r.x, y+float64(r.line)*flowLine+11, r.text, r.font)
	}
}

// firstWords cleans text and returns its first n words, with a mark if there
// are more.
func firstWords(s string, n int) []string {
	words := strings.Fields(clean(s))
	if len(words) > n {
		words = append(words[:n], "…")
	}
	return words
}
