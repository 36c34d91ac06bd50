package render

import (
	"sync"
	"unicode"

	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// fontFamilies is the font of all text and, for formats that leave fonts to
// the reader's machine, others with the same widths.
const fontFamilies = `"Liberation Sans", Arimo, Helvetica, Arial, sans-serif`

// A glyph is the outline of a character in ems: x to the right of the pen, y
// down from the baseline.
type glyph struct {
	advance float64
	path    path
	// embedded is whether the character is in the embedded font; if not, the
	// outline is of a font of the system, or an empty box.
	embedded bool
}

// A face finds the glyphs of a font and keeps those it has found.
type face struct {
	font   *sfnt.Font
	mu     sync.Mutex
	buf    sfnt.Buffer
	glyphs map[rune]*glyph
}

var (
	regular = sync.OnceValue(func() *face { return mustFace(liberationsansregular.TTF) })
	strong  = sync.OnceValue(func() *face { return mustFace(liberationsansbold.TTF) })
)

func mustFace(ttf []byte) *face {
	f, err := sfnt.Parse(ttf)
	if err != nil {
		panic("render: the embedded font: " + err.Error())
	}
	return newFace(f)
}

func newFace(f *sfnt.Font) *face { return &face{font: f, glyphs: map[rune]*glyph{}} }

func (f lettering) face() *face {
	if f.bold {
		return strong()
	}
	return regular()
}

// glyph returns how to draw r: with the face, or with one of the system's that
// has it, or as an empty box.
func (f *face) glyph(r rune) *glyph {
	f.mu.Lock()
	defer f.mu.Unlock()
	if g := f.glyphs[r]; g != nil {
		return g
	}
	g := f.load(r)
	switch {
	case g != nil:
		g.embedded = true
	case invisible(r):
		g = &glyph{}
	default:
		g = systemGlyph(r)
	}
	if len(f.glyphs) < 1<<16 {
		f.glyphs[r] = g
	}
	return g
}

func invisible(r rune) bool {
	return unicode.In(r, unicode.Mn, unicode.Me, unicode.C, unicode.Variation_Selector)
}

// load reads a glyph from the font's tables; nil if it has none.
func (f *face) load(r rune) *glyph {
	index, err := f.font.GlyphIndex(&f.buf, r)
	if err != nil || index == 0 {
		return nil
	}
	em := fixed.Int26_6(f.font.UnitsPerEm()) << 6
	advance, err := f.font.GlyphAdvance(&f.buf, index, em, font.HintingNone)
	if err != nil {
		return nil
	}
	segments, err := f.font.LoadGlyph(&f.buf, index, em, nil)
	if err != nil {
		return nil
	}
	return &glyph{advance: float64(advance) / float64(em), path: outline(segments, 1/float64(em))}
}

// outline converts a glyph's segments, scaled; quadratic curves become cubic.
func outline(segments sfnt.Segments, scale float64) (p path) {
	var x, y float64
	for i, s := range segments {
		var at [6]float64
		for j, a := range s.Args {
			at[2*j], at[2*j+1] = float64(a.X)*scale, float64(a.Y)*scale
		}
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			if i > 0 {
				p.close()
			}
			p.move(at[0], at[1])
			x, y = at[0], at[1]
		case sfnt.SegmentOpLineTo:
			p.line(at[0], at[1])
			x, y = at[0], at[1]
		case sfnt.SegmentOpQuadTo:
			p.curve(x+(at[0]-x)*2/3, y+(at[1]-y)*2/3, at[2]+(at[0]-at[2])*2/3, at[3]+(at[1]-at[3])*2/3, at[2], at[3])
			x, y = at[2], at[3]
		case sfnt.SegmentOpCubeTo:
			p.curve(at[0], at[1], at[2], at[3], at[4], at[5])
			x, y = at[4], at[5]
		}
	}
	if len(p.parts) > 0 {
		p.close()
	}
	return p
}

// emptyBox stands for a character that no font has.
func emptyBox(r rune) *glyph {
	w := 0.6
	if wide(r) {
		w = 1
	}
	var p path
	ring := func(x0, y0, x1, y1 float64) {
		p.move(x0, y0).line(x1, y0).line(x1, y1).line(x0, y1).close()
	}
	ring(.08, -.7, w-.08, .02)
	// The other way round, so that it cuts a hole.
	p.move(.14, -.64).line(.14, -.04).line(w-.14, -.04).line(w-.14, -.64).close()
	return &glyph{advance: w, path: p}
}
