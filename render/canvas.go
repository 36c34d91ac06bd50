package render

import (
	"image"

	"github.com/tomo-viz/tomo/figure"
)

// A canvas is what figures are drawn on: one implementation for each picture
// format. Lengths are points, x to the right and y down.
type canvas interface {
	rect(b figure.Box, radius float64, p paint)
	path(p *path, a paint)
	// text writes one line with its baseline at y. Callers see to it that it
	// fits; its width is lettering.width.
	text(x, y float64, s string, f lettering)
	// image stretches a picture over a box. Drawing the same *image.NRGBA
	// twice may store it once.
	image(b figure.Box, img *image.NRGBA)
	// begin opens a group of what is drawn until end, for formats that can
	// show a tooltip.
	begin(g group)
	end()
}

// A drawing is a figure laid out: its size is known, and it can be drawn on
// any canvas.
type drawing interface {
	size() (w, h float64)
	draw(c canvas)
}

// paint is how a shape is filled and outlined.
type paint struct {
	fill, line ink
	width      float64 // of the line
	dashed     bool
	opacity    float64 // of both, between 0 and 1; 0 means 1
}

// group says what a part of a picture is.
type group struct {
	class string // fixed word for scripts and style sheets: "node"
	index int    // of the node, or -1
	title string // tooltip
}

type align uint8

const (
	left align = iota
	center
	right
)

// lettering is how a line of text is written; x is where align says.
type lettering struct {
	size  float64
	bold  bool
	ink   ink
	align align
}

// A path is a sequence of pen movements.
type path struct{ parts []pathPart }

type pathPart struct {
	op byte // M move, L line, C cubic Bézier, Z close
	at [6]float64
}

func (p *path) move(x, y float64) *path { return p.add('M', x, y) }
func (p *path) line(x, y float64) *path { return p.add('L', x, y) }
func (p *path) close() *path            { return p.add('Z') }

func (p *path) curve(x1, y1, x2, y2, x, y float64) *path {
	return p.add('C', x1, y1, x2, y2, x, y)
}

func (p *path) add(op byte, at ...float64) *path {
	part := pathPart{op: op}
	copy(part.at[:], at)
	p.parts = append(p.parts, part)
	return p
}

// coordinates returns how many numbers of at an operation uses.
func (p pathPart) coordinates() int {
	switch p.op {
	case 'C':
		return 6
	case 'Z':
		return 0
	}
	return 2
}
