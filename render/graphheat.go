package render

import (
	"github.com/tomo-viz/tomo/figure"
)

// heatLegendH is the height of the scale of the nodes' heat.
const heatLegendH = 22.0

// heatColors are those of a node that is painted by its heat, nil of others.
func (d *graphDrawing) heatColors(n *figure.GraphNode) *Colormap {
	if n.Heat == nil || d.Scale == nil {
		return nil
	}
	return colormapOr(d.Scale.Colormap)
}

// drawHeat fills a box with the colour of its heat.
func (d *graphDrawing) drawHeat(c canvas, b figure.Box, n *figure.GraphNode) {
	if b.W > 0 && b.H > 0 {
		c.image(b, cells([]float32{float32(*n.Heat)}, 1, 1, 1, 1, d.heatColors(n), 0, 1))
	}
}

// nodeInks are those of the title and the lines in a box.
func (d *graphDrawing) nodeInks(n *figure.GraphNode) (title, lines ink) {
	colors := d.heatColors(n)
	switch {
	case colors == nil:
		return text, soft
	case isBright(colors.At(*n.Heat)):
		return onBright, onBright
	}
	return onDark, onDark
}

// drawHeatLegend draws the scale at a height.
func (d *graphDrawing) drawHeatLegend(c canvas, y float64) {
	if d.Scale == nil {
		return
	}
	x := margin
	put := func(words string, font lettering) {
		words = font.fit(words, 360)
		c.text(x, y+9.5, words, font)
		x += font.width(words) + 8
	}
	put(d.Scale.Name, legendFont)
	put(number(float32(d.Scale.Low)), scaleFont)
	c.image(figure.Box{X: x, Y: y + 2, W: 110, H: 8}, cells(ramp(), 256, 1, 1, 1, colormapOr(d.Scale.Colormap), 0, 255))
	x += 118
	put(number(float32(d.Scale.High)), scaleFont)
}
