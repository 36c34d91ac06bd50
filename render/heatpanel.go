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
		if p.Truth != nil {
			l.captions[0] += noticeLine
		}
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
		p.drawMap(c, at, m, photo)
		p.drawMapCaption(c, at, m)
		c.end()
	}
	if len(p.Predictions) > 0 {
		x := p.x + p.tiles() + barsGap
		drawPredictions(c, figure.Box{X: x, Y: p.y, W: barsWidth, H: p.barsHeight()}, p.HeatPanel)
	}
}

// drawMap lays a map over a tile. It is worked out at the photograph's size,
// unless that is far more than can be seen.
func (p *heatPanel) drawMap(c canvas, b figure.Box, m *figure.Map, photo *image.NRGBA) {
	w, h := smallestSide, smallestSide
	if photo != nil {
		size := photo.Rect.Size()
		shrink := min(1, 3*p.tile/float64(max(size.X, size.Y)))
		w, h = max(1, int(shrink*float64(size.X))), max(1, int(shrink*float64(size.Y)))
	}
	if !holdsValues(m) {
		return
	}
	strength := enlarge(m, w, h)
	c.image(b, overlay(strength, overlayColors(m, p.colorsOf(m), p.opacity), w, h))
	if p.contour > 0 {
		if isSigned(m, p.colorsOf(m)) {
			for i, t := range strength {
				strength[i] = float32(math.Abs(2*float64(t) - 1))
			}
		}
		drawContour(c, b, isolines(strength, w, h, float32(p.contour)), w, h)
	}
}

// colorsOf returns the map's own colours, or the figure's.
func (s *panelStyle) colorsOf(m *figure.Map) *Colormap {
	if m.Colormap == "" {
		return s.colors
	}
	return colormapOr(m.Colormap)
}

// drawContour draws lines on a field of w×h points over a tile, bright in dark
// so that they are seen on any picture.
func drawContour(c canvas, b figure.Box, lines []isoline, w, h int) {
	var p path
	for _, line := range lines {
		for i, at := range line {
			x, y := b.X+b.W*at[0]/float64(w), b.Y+b.H*at[1]/float64(h)
			if i == 0 {
				p.move(x, y)
			} else {
				p.line(x, y)
			}
		}
	}
	c.path(&p, paint{line: contourEdge, width: 2.6})
	c.path(&p, paint{line: contourLine, width: 1.2})
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
	if p.Truth == nil {
		return
	}
	if label := "labelled " + className(p.Truth.Label, p.Truth.Class); p.isRight() {
		c.text(b.X, y+30, tileTextFont.fit(label, p.tile), tileTextFont)
	} else {
		drawWarningSign(c, b.X+6, y+26, 9)
		c.text(b.X+16, y+30, mapNoticeFont.fit(label+", answered otherwise", p.tile-16), mapNoticeFont)
	}
}

// isRight reports whether the first answer is the class that the image is
// labelled with.
func (p *heatPanel) isRight() bool {
	return len(p.Predictions) > 0 && p.Truth != nil && p.Predictions[0].Class == p.Truth.Class
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
	c.image(figure.Box{X: x + from, Y: y - 7, W: max(to-from, 1), H: 6}, overlayColors(m, p.colorsOf(m), 1).strip())
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
