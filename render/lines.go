package render

import (
	"math"

	"github.com/tomo-viz/tomo/figure"
)

const (
	plotGap    = 34.0
	plotTop    = 20.0 // the title of the upright axis
	plotHead   = 16.0 // the plot's own
	plotBottom = 40.0 // numbers and the title of the axis below
	curveWidth = 1.8
)

var (
	plotTitleFont = lettering{size: 12.5, bold: true, ink: text}
	axisTitleFont = lettering{size: 10.5, ink: soft}
	tickFont      = lettering{size: 9.5, ink: faint}
	noteFont      = lettering{size: 10, ink: soft}
)

// linesDrawing has the legend above and the plots in rows.
type linesDrawing struct {
	*figure.Lines
	looks   [][]figure.Look
	caption *caption
	legend  *curveLegend
	plots   []plotDrawing
	inner   float64
	bottom  float64
}

type plotDrawing struct {
	*figure.Plot
	looks []figure.Look
	frame plotFrame
	left  float64 // of all that belongs to the plot
}

func layOutLines(l *figure.Lines) drawing {
	d := &linesDrawing{Lines: l, looks: l.Looks()}
	w, h, perRow := plotSize(len(l.Plots))
	gutters, top, right := 0.0, plotTop, 10.0
	for i := range l.Plots {
		p := plotDrawing{Plot: &l.Plots[i], looks: d.looks[i]}
		p.frame.x, p.frame.y = plotScales(p.Plot, w, h)
		p.left = p.gutter()
		gutters = max(gutters, p.left)
		if p.Title != "" {
			top = plotTop + plotHead
		}
		if n := len(p.frame.x.ticks); n > 0 { // half of the last number stands out
			right = max(right, tickFont.width(p.frame.x.ticks[n-1].text)/2+2)
		}
		d.plots = append(d.plots, p)
	}
	pitch := gutters + w + plotGap
	d.inner = max(float64(min(perRow, len(l.Plots)))*pitch-plotGap+right, narrowest)
	d.caption = layOutCaption(&l.About, min(d.inner, widestText))
	d.legend = layOutLegend(l, d.looks, d.inner)
	y := margin + d.caption.above() + d.legend.height()
	for i := range d.plots {
		p, row := &d.plots[i], i/perRow
		p.left = margin + float64(i%perRow)*pitch
		p.frame.Box = figure.Box{X: p.left + gutters, Y: y + float64(row)*(top+h+plotBottom+10) + top, W: w, H: h}
		d.bottom = p.frame.Y + h + plotBottom
	}
	d.bottom = max(d.bottom, y)
	return d
}

// plotSize returns the size of the area of each of n plots, and how many stand
// side by side.
func plotSize(n int) (w, h float64, perRow int) {
	switch {
	case n <= 1:
		return 600, 320, 1
	case n == 2 || n == 4:
		return 390, 250, 2
	}
	return 290, 200, 3
}

// plotScales returns the scales of a plot's axes for an area of a size.
func plotScales(p *figure.Plot, w, h float64) (x, y *axisScale) {
	var xs, ys []float64
	for _, c := range p.Curves {
		xs = append(xs, c.X...)
		ys = append(ys, c.Y...)
		ys = append(ys, c.Low...)
		ys = append(ys, c.High...)
	}
	return newScale(p.X, xs, int(w/75), false), newScale(p.Y, ys, int(h/45), true)
}

// gutter is the room for the numbers to the left of the area.
func (p plotDrawing) gutter() float64 {
	w := 0.0
	for _, t := range p.frame.y.ticks {
		w = max(w, tickFont.width(t.text))
	}
	return w + 8
}

func (d *linesDrawing) size() (w, h float64) {
	return d.inner + 2*margin, d.bottom + d.caption.below() + margin
}

func (d *linesDrawing) draw(c canvas) {
	d.caption.drawAbove(c, margin, margin)
	d.drawPlots(c)
	d.caption.drawBelow(c, margin, d.bottom)
}

func (d *linesDrawing) drawPlots(c canvas) {
	d.legend.draw(c, margin, margin+d.caption.above())
	for i, p := range d.plots {
		c.begin(group{class: "plot", index: i})
		p.draw(c)
		c.end()
	}
}

func (p plotDrawing) draw(c canvas) {
	p.drawAxes(c)
	for i, curve := range p.Curves {
		k := curveInk(p.looks[i])
		for _, outline := range p.frame.bands(curve) {
			c.path(polyline(outline).close(), paint{fill: k, opacity: 0.18})
		}
	}
	for _, faintOnes := range []bool{true, false} { // those to compare with lie below
		for i, curve := range p.Curves {
			if curve.Faint == faintOnes {
				p.drawCurve(c, curve, p.looks[i])
			}
		}
	}
	for _, n := range p.Notes {
		p.drawNote(c, n)
	}
}

func (p plotDrawing) drawAxes(c canvas) {
	f := p.frame
	if p.Title != "" {
		c.text(f.X, f.Y-20, plotTitleFont.fit(p.Title, f.W), plotTitleFont)
	}
	c.text(f.X, f.Y-6, axisTitleFont.fit(axisTitle(p.Y), f.W), axisTitleFont)
	number := tickFont
	number.align = right
	for _, t := range f.y.ticks {
		y := f.Y + f.H*(1-f.y.at(t.value))
		c.rect(figure.Box{X: f.X, Y: y - 0.35, W: f.W, H: 0.7}, 0, paint{fill: hairline})
		c.text(f.X-6, y+3.3, t.text, number)
	}
	number.align = center
	for _, t := range f.x.ticks {
		x := f.X + f.W*f.x.at(t.value)
		c.rect(figure.Box{X: x - 0.35, Y: f.Y + f.H, W: 0.7, H: 4}, 0, paint{fill: faint})
		c.text(x, f.Y+f.H+15, t.text, number)
	}
	c.rect(figure.Box{X: f.X, Y: f.Y + f.H - 0.5, W: f.W, H: 1}, 0, paint{fill: faint})
	title := axisTitleFont
	title.align = center
	c.text(f.X+f.W/2, f.Y+f.H+31, title.fit(axisTitle(p.X), f.W), title)
}

func (p plotDrawing) drawCurve(c canvas, curve figure.Curve, look figure.Look) {
	c.begin(group{class: "curve", index: -1, title: clean(curve.Name)})
	defer c.end()
	how := paint{line: curveInk(look), width: curveWidth, dashed: look.Dashed}
	if curve.Faint {
		how.width, how.opacity = 1.1, 0.45
	}
	dot := paint{fill: how.line, opacity: how.opacity}
	for _, piece := range p.frame.strokes(curve.X, curve.Y) {
		if len(piece) > 1 {
			c.path(polyline(piece), how)
		} else if !curve.Marked { // a point between gaps
			c.rect(figure.Box{X: piece[0][0] - 1.5, Y: piece[0][1] - 1.5, W: 3, H: 3}, 1.5, dot)
		}
		for _, at := range piece {
			if curve.Marked {
				c.rect(figure.Box{X: at[0] - 2.4, Y: at[1] - 2.4, W: 4.8, H: 4.8}, 2.4, dot)
			}
		}
	}
}

func (p plotDrawing) drawNote(c canvas, n figure.Note) {
	f := p.frame
	line := paint{line: faint, width: 1, dashed: true}
	at, ok := f.place(n.X, n.Y)
	font := noteFont
	switch {
	case ok && f.inside(at):
		c.rect(figure.Box{X: at[0] - 3.5, Y: at[1] - 3.5, W: 7, H: 7}, 3.5, paint{fill: paper, line: text, width: 1.4})
		at[0], at[1] = at[0]+8, at[1]-5
	case math.IsNaN(n.Y) && f.x.shows(n.X) && f.x.at(n.X) >= 0 && f.x.at(n.X) <= 1:
		x := f.X + f.W*f.x.at(n.X)
		c.path(new(path).move(x, f.Y).line(x, f.Y+f.H), line)
		at = [2]float64{x + 5, f.Y + 11}
	case math.IsNaN(n.X) && f.y.shows(n.Y) && f.y.at(n.Y) >= 0 && f.y.at(n.Y) <= 1:
		y := f.Y + f.H*(1-f.y.at(n.Y))
		c.path(new(path).move(f.X, y).line(f.X+f.W, y), line)
		at = [2]float64{f.X + 5, y - 4}
	default:
		return
	}
	words := font.fit(n.Text, f.W/2)
	if w := font.width(words); at[0]+w > f.X+f.W {
		at[0] = max(f.X, at[0]-w-14)
	}
	c.text(at[0], max(at[1], f.Y+9), words, font)
}

func polyline(points [][2]float64) *path {
	p := &path{}
	for i, at := range points {
		if i == 0 {
			p.move(at[0], at[1])
		} else {
			p.line(at[0], at[1])
		}
	}
	return p
}

func curveInk(l figure.Look) ink { return firstCurve + ink(l.Hue-1) }
