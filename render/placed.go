package render

import (
	"image"

	"github.com/tomo-viz/tomo/figure"
)

// placedCanvas draws a picture as a part of another: at a place, and smaller
// or larger.
type placedCanvas struct {
	to    canvas
	x, y  float64
	scale float64
}

func (c placedCanvas) box(b figure.Box) figure.Box {
	return figure.Box{X: c.x + c.scale*b.X, Y: c.y + c.scale*b.Y, W: c.scale * b.W, H: c.scale * b.H}
}

func (c placedCanvas) paint(p paint) paint {
	p.width *= c.scale
	return p
}

func (c placedCanvas) rect(b figure.Box, radius float64, p paint) {
	c.to.rect(c.box(b), c.scale*radius, c.paint(p))
}

func (c placedCanvas) path(p *path, a paint) {
	moved := path{parts: make([]pathPart, len(p.parts))}
	for i, part := range p.parts {
		for j := 0; j < len(part.at); j += 2 {
			part.at[j], part.at[j+1] = c.x+c.scale*part.at[j], c.y+c.scale*part.at[j+1]
		}
		moved.parts[i] = part
	}
	c.to.path(&moved, c.paint(a))
}

func (c placedCanvas) text(x, y float64, s string, f lettering) {
	f.size *= c.scale
	c.to.text(c.x+c.scale*x, c.y+c.scale*y, s, f)
}

func (c placedCanvas) image(b figure.Box, img *image.NRGBA) { c.to.image(c.box(b), img) }
func (c placedCanvas) begin(g group)                        { c.to.begin(g) }
func (c placedCanvas) end()                                 { c.to.end() }
