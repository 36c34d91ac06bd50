package render

import (
	"github.com/tomo-viz/tomo/figure"
)

const (
	keyWidth    = 22.0
	legendLine  = 18.0
	mostKeys    = 60
	widestKey   = 200.0
	legendBelow = 10.0
)

var keyFont = lettering{size: 11, ink: text}

// A curveLegend names each curve once, in the order of their appearance. A faint
// one that looks like another stands behind it, and needs no name.
type curveLegend struct {
	keys  []legendKey
	lines int
}

type legendKey struct {
	name  string
	look  figure.Look
	faint bool
	x     float64
	line  int
}

func layOutLegend(l *figure.Lines, looks [][]figure.Look, width float64) *curveLegend {
	g := &curveLegend{}
	seen := map[legendKey]bool{}
	strong := map[figure.Look]bool{}
	for i, p := range l.Plots {
		for j, c := range p.Curves {
			strong[looks[i][j]] = strong[looks[i][j]] || !c.Faint
		}
	}
	x := 0.0
	for i, p := range l.Plots {
		for j, c := range p.Curves {
			key := legendKey{name: keyFont.fit(c.Name, widestKey), look: looks[i][j], faint: c.Faint}
			if key.name == "" || seen[key] || c.Faint && strong[key.look] || len(g.keys) == mostKeys {
				continue
			}
			seen[key] = true
			w := keyWidth + 6 + keyFont.width(key.name) + 16
			if g.lines == 0 || x+w > width+16 {
				x, g.lines = 0, g.lines+1
			}
			key.x, key.line = x, g.lines-1
			x += w
			g.keys = append(g.keys, key)
		}
	}
	return g
}

func (g *curveLegend) height() float64 {
	if g.lines == 0 {
		return 0
	}
	return float64(g.lines)*legendLine + legendBelow
}

func (g *curveLegend) draw(c canvas, x, y float64) {
	for _, k := range g.keys {
		how := paint{line: curveInk(k.look), width: 2.2, dashed: k.look.Dashed}
		if k.faint {
			how.width, how.opacity = 1.4, 0.5
		}
		at := y + float64(k.line)*legendLine
		c.path(new(path).move(x+k.x, at+8).line(x+k.x+keyWidth, at+8), how)
		c.text(x+k.x+keyWidth+6, at+12, k.name, keyFont)
	}
}
