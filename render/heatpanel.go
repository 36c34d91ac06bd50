package render

import (
	"image"
	"math"
	"strconv"

	"github.com/tomo-viz/tomo/figure"
)

var (
	tileNameFont  = lettering{size: 11.5, bold: true, ink: text}
	tileTextFont  = lettering{size: 10.5, ink: soft}
	scaleFont     = lettering{size: 9, ink: faint}
	mapNoticeFont = lettering{size: 10, ink: warnText}
)

// heatPanel is one image with its maps and predictions.
type heatPanel struct {
	*figure.HeatPanel
	*panelStyle
	x, y         float64
	tileW, tileH float64
	captions     []float64 // heights of what is under each row of tiles
}

func layOutPanel(s *panelStyle, p *figure.HeatPanel) *heatPanel {
	l := &heatPanel{HeatPanel: p, panelStyle: s, tileW: s.tile, tileH: s.tile}
	if holdsPixels(p.Image) {
		k := s.tile / float64(max(p.Image.W, p.Image.H))
		l.tileW, l.tileH = max(k*float64(p.Image.W), 2), max(k*float64(p.Image.H), 2)
	}
	for i := range p.Maps {
		if i%s.perRow == 0 {
			l.captions = append(l.captions, tileCaption)
		}
		row := len(l.captions) - 1
		l.captions[row] = max(l.captions[row], tileCaption+noticeLine*float64(len(l.notice(&p.Maps[i]))))
	}
	if len(p.Maps) == 0 {
		l.captions = []float64{inputCaption}
	}
	return l
}

// notice is a map's warning, broken into lines.
func (p *heatPanel) notice(m *figure.Map) []string {
	return mapNoticeFont.wrap(m.Warning, p.tile-16, 4)
}

// barsHeight is the room for predictions, that of four at least.
func (p *heatPanel) barsHeight() float64 {
	if len(p.Predictions) == 0 {
		return 0
	}
	return max(p.tileH, barsHead+predictionHeight*float64(min(4, len(p.Predictions))))
}

func (p *heatPanel) height() float64 {
	h := 0.0
	for _, caption := range p.captions {
		h += p.tileH + caption
	}
	return max(h, p.barsHeight())
}

func (p *heatPanel) draw(c canvas) {
	photo := photograph(p.Image)
	b := figure.Box{X: p.x, Y: p.y, W: p.tileW, H: p.tileH}
	p.drawPhoto(c, b, photo)
	p.drawInputCaption(c, b)
	for i := range p.Maps {
		m, row := &p.Maps[i], i/p.perRow
		at := b
		at.X += float64(1+i%p.perRow) * (p.tile + tileGap)
		for _, caption := range p.captions[:row] {
			at.Y += p.tileH + caption
		}
		c.begin(group{class: "map", index: i, title: mapTitle(m)})
		p.drawPhoto(c, at, photo)
		if over := p.overlay(m, photo); over != nil {
			c.image(at, over)
		}
		p.drawMapCaption(c, at, m)
		c.end()
	}
	if len(p.Predictions) > 0 {
		x := p.x + p.tiles() + barsGap
		drawPredictions(c, figure.Box{X: x, Y: p.y, W: barsWidth, H: p.barsHeight()}, p.HeatPanel)
	}
}

// overlay works a map out at the photograph's size, unless that is far more
// than can be seen.
func (p *heatPanel) overlay(m *figure.Map, photo *image.NRGBA) *image.NRGBA {
	w, h := smallestSide, smallestSide
	if photo != nil {
		size := photo.Rect.Size()
		shrink := min(1, 3*p.tile/float64(max(size.X, size.Y)))
		w, h = max(1, int(shrink*float64(size.X))), max(1, int(shrink*float64(size.Y)))
	}
	return overlay(m, overlayColors(m, p.colors, p.opacity), w, h)
}

func (p *heatPanel) drawPhoto(c canvas, b figure.Box, photo *image.NRGBA) {
	c.rect(b, 0, paint{fill: void, line: hairline, width: 1})
	if photo != nil {
		c.image(b, photo)
	}
}

func (p *heatPanel) drawInputCaption(c canvas, b figure.Box) {
	y := b.Y + b.H + 18
	c.text(b.X, y, tileNameFont.fit(p.Name, p.tile), tileNameFont)
	note := "no picture"
	if holdsPixels(p.Image) {
		note = "the part that the network saw"
	}
	c.text(b.X, y+15, tileTextFont.fit(note, p.tile), tileTextFont)
}

// drawMapCaption writes method, layer and class, and the scale of colours.
func (p *heatPanel) drawMapCaption(c canvas, b figure.Box, m *figure.Map) {
	y := b.Y + b.H + 18
	method := tileNameFont.fit(m.Method, p.tile)
	c.text(b.X, y, method, tileNameFont)
	x := tileNameFont.width(method) + 7
	c.text(b.X+x, y, tileTextFont.fit(m.Layer, p.tile-x), tileTextFont)
	c.text(b.X, y+15, tileTextFont.fit("for "+className(m.Label, m.Class), p.tile), tileTextFont)
	p.drawScale(c, b.X, y+31, m)
	for i, line := range p.notice(m) {
		if i == 0 {
			drawWarningSign(c, b.X+6, y+44, 9)
		}
		c.text(b.X+16, y+47+noticeLine*float64(i), line, mapNoticeFont)
	}
}

// drawScale draws the map's colours between what their ends stand for.
func (p *heatPanel) drawScale(c canvas, x, y float64, m *figure.Map) {
	low, high := number(m.Low), number(m.High)
	from, to := scaleFont.width(low)+6, p.tile-scaleFont.width(high)-6
	end := scaleFont
	end.align = right
	c.text(x, y, low, scaleFont)
	c.image(figure.Box{X: x + from, Y: y - 7, W: max(to-from, 1), H: 6}, overlayColors(m, p.colors, 1).strip())
	c.text(x+p.tile, y, high, end)
}

func mapTitle(m *figure.Map) string {
	return clean(m.Method + " " + m.Layer + " for " + className(m.Label, m.Class))
}

// className is a class's label, or its number if it has none.
func className(label string, class int) string {
	if label == "" {
		return "class " + strconv.Itoa(class)
	}
	return label
}

// number writes the end of a scale in few characters.
func number(v float32) string {
	if math.IsNaN(float64(v)) {
		return "–"
	}
	return strconv.FormatFloat(float64(v), 'g', 3, 32)
}
