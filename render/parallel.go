package render

import (
	"encoding/csv"

	"github.com/tomo-viz/tomo/figure"
)

const (
	scalePitch  = 150.0
	scaleHeight = 340.0
	scaleNames  = 20.0
	scaleTicks  = 60.0 // room on the left of the first axis
)

// parallelDrawing is axes side by side with lines across.
type parallelDrawing struct {
	*figure.Parallel
	caption *caption
	scales  []*axisScale
	inner   float64
	top     float64
}

func layOutParallel(p *figure.Parallel) drawing {
	d := &parallelDrawing{Parallel: p}
	for _, s := range p.Scales {
		d.scales = append(d.scales, placedScale(s))
	}
	d.inner = max(narrowest, scaleTicks+scalePitch*float64(len(p.Scales)))
	d.caption = layOutCaption(&p.About, min(d.inner, widestText))
	d.top = margin + d.caption.above() + scaleNames
	return d
}

// placedScale is the scale of an axis, with a tick at each label.
func placedScale(s figure.Scale) *axisScale {
	if len(s.Labels) == 0 {
		return newScale(figure.Axis{Log: s.Log}, []float64{s.Low, s.High}, 7, true)
	}
	out := &axisScale{low: -0.5, high: float64(len(s.Labels)) - 0.5}
	every := 1 + len(s.Labels)/24
	for i := 0; i < len(s.Labels); i += every {
		out.ticks = append(out.ticks, tick{float64(i), s.Labels[i]})
	}
	return out
}

func (d *parallelDrawing) size() (w, h float64) {
	return d.inner + 2*margin, d.top + scaleHeight + 12 + d.caption.below() + margin
}

// x is where an axis stands, y where a value lies on it.
func (d *parallelDrawing) x(axis int) float64 { return margin + scaleTicks + scalePitch*float64(axis) }

func (d *parallelDrawing) y(axis int, v float64) float64 {
	return d.top + scaleHeight*(1-d.scales[axis].at(v))
}

func (d *parallelDrawing) draw(c canvas) {
	d.caption.drawAbove(c, margin, margin)
	for i, t := range d.Threads {
		c.begin(group{class: "thread", index: i, title: clean(t.Name)})
		d.drawThread(c, t)
		c.end()
	}
	for i, s := range d.Scales {
		d.drawScale(c, i, s)
	}
	d.caption.drawBelow(c, margin, d.top+scaleHeight+12)
}

// drawThread draws a line in pieces between values that are missing.
func (d *parallelDrawing) drawThread(c canvas, t figure.Thread) {
	how := paint{line: firstCurve, width: 1 + t.Strength, opacity: 0.1 + 0.8*max(0, min(1, t.Strength))}
	var piece [][2]float64
	flush := func() {
		if len(piece) > 1 {
			c.path(polyline(piece), how)
		} else if len(piece) == 1 {
			c.rect(figure.Box{X: piece[0][0] - 2, Y: piece[0][1] - 2, W: 4, H: 4}, 2, paint{fill: firstCurve, opacity: how.opacity})
		}
		piece = nil
	}
	for i := range min(len(t.Values), len(d.scales)) {
		if v := t.Values[i]; d.scales[i].shows(v) && d.scales[i].at(v) >= -1e-9 && d.scales[i].at(v) <= 1+1e-9 {
			piece = append(piece, [2]float64{d.x(i), d.y(i, v)})
		} else {
			flush()
		}
	}
	flush()
}

func (d *parallelDrawing) drawScale(c canvas, i int, s figure.Scale) {
	x := d.x(i)
	name := columnFont
	name.align = center
	c.text(x, d.top-9, name.fit(s.Name, scalePitch-10), name)
	c.rect(figure.Box{X: x - 0.5, Y: d.top, W: 1, H: scaleHeight}, 0, paint{fill: faint})
	number := tickFont
	number.align = right
	for _, t := range d.scales[i].ticks {
		y := d.y(i, t.value)
		c.rect(figure.Box{X: x - 4, Y: y - 0.35, W: 4, H: 0.7}, 0, paint{fill: faint})
		if words := number.fit(t.text, scaleTicks-8); words != "" {
			w := number.width(words)
			c.rect(figure.Box{X: x - 7 - w, Y: y - 6, W: w + 2, H: 12}, 2, paint{fill: paper, opacity: 0.8})
			c.text(x-6, y+3.3, words, number)
		}
	}
}

// writeParallelCSV writes a line for each thread.
func writeParallelCSV(out *csv.Writer, p *figure.Parallel) error {
	line := []string{"name"}
	for _, s := range p.Scales {
		line = append(line, safeCell(s.Name))
	}
	if err := out.Write(line); err != nil {
		return err
	}
	for _, t := range p.Threads {
		line = append(line[:0], safeCell(t.Name))
		for i, s := range p.Scales {
			text := csvNumber(t.Values, i)
			if i < len(t.Values) && len(s.Labels) > 0 {
				text = ""
				if v := int(t.Values[i]); t.Values[i] >= 0 && v < len(s.Labels) {
					text = safeCell(s.Labels[v])
				}
			}
			line = append(line, text)
		}
		if err := out.Write(line); err != nil {
			return err
		}
	}
	return nil
}

// parallelPage is the picture, without the caption that the page has as text.
func parallelPage(p *figure.Parallel, theme Theme) (page, error) {
	svg, err := drawSVG(part{layOutParallel(&figure.Parallel{Scales: p.Scales, Threads: p.Threads})}, &p.About, theme, "")
	return page{main: svg}, err
}
