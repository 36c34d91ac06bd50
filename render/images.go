package render

import (
	"fmt"
	"image"
	"math"

	"github.com/tomo-viz/tomo/figure"
)

const (
	imagesWidth  = 960.0 // of a page of tiles
	stripHead    = 40.0
	stripGap     = 20.0
	smallGap     = 8.0
	tileLine     = 12.0
	mostTiles    = 3000 // drawn; JSON, NPZ and HTML have all
	tileTextRoom = 5.0
)

var (
	stripFont    = lettering{size: 13, bold: true, ink: text}
	stripNote    = lettering{size: 10.5, ink: soft}
	smallName    = lettering{size: 9.5, bold: true, ink: text}
	smallNote    = lettering{size: 9, ink: soft}
	leftOverNote = lettering{size: 11, ink: soft}
)

// imagesDrawing has a block for each strip: its title, and its tiles in rows.
type imagesDrawing struct {
	*figure.Images
	caption *caption
	colors  *Colormap
	strips  []*stripDrawing
	left    int // tiles that are not drawn
	inner   float64
	bottom  float64
}

func layOutImages(g *figure.Images) drawing {
	d := &imagesDrawing{Images: g, colors: colormapOr(g.Colormap), inner: narrowest}
	room := mostTiles
	for i := range g.Strips {
		s := layOutStrip(&g.Strips[i], min(room, len(g.Strips[i].Tiles)))
		room -= s.shown
		d.left += len(s.Tiles) - s.shown
		d.inner = max(d.inner, s.width())
		d.strips = append(d.strips, s)
	}
	d.caption = layOutCaption(&g.About, min(d.inner, widestText))
	y := margin + d.caption.above()
	for _, s := range d.strips {
		s.y = y
		y += s.height() + stripGap
	}
	if d.left > 0 {
		y += stripGap
	}
	d.bottom = y
	return d
}

func (d *imagesDrawing) size() (w, h float64) {
	return d.inner + 2*margin, d.bottom + d.caption.below() + margin
}

func (d *imagesDrawing) draw(c canvas) {
	d.caption.drawAbove(c, margin, margin)
	for _, s := range d.strips {
		d.drawStrip(c, s)
	}
	if d.left > 0 {
		c.text(margin, d.bottom-6, "… and "+figure.Thousands(int64(d.left))+" more; HTML, JSON and NPZ have all", leftOverNote)
	}
	d.caption.drawBelow(c, margin, d.bottom)
}

// A stripDrawing is tiles of one size in rows.
type stripDrawing struct {
	*figure.Strip
	shown, perRow int
	tile          float64
	head          float64 // height of the title and the note
	lines         float64 // of text under a tile
	y             float64
	rows          []float64 // heights of the pictures in each row
}

func layOutStrip(s *figure.Strip, shown int) *stripDrawing {
	d := &stripDrawing{Strip: s, shown: shown, tile: tileSide(s.Tiles), head: stripHead}
	if s.Note == "" {
		d.head -= stripNote.size + 6
	}
	d.perRow = max(1, int((imagesWidth+smallGap)/(d.tile+smallGap)))
	for i, t := range s.Tiles[:shown] {
		if i%d.perRow == 0 {
			d.rows = append(d.rows, 0)
		}
		_, h := d.extent(&t)
		d.rows[len(d.rows)-1] = max(d.rows[len(d.rows)-1], h)
		if t.Name != "" {
			d.lines = max(d.lines, 1)
		}
		if t.Note != "" {
			d.lines = 2
		}
	}
	return d
}

// tileSide is the longer side of tiles, smaller the more there are; a single
// number needs no more room than its name.
func tileSide(tiles []figure.Tile) float64 {
	most := 0
	for _, t := range tiles {
		most = max(most, t.W*t.H)
		if t.Picture != nil {
			most = max(most, t.Picture.W*t.Picture.H)
		}
	}
	switch {
	case most == 1 || len(tiles) > 8:
		return 72
	case len(tiles) <= 6:
		return 152
	}
	return 112 // eight in a row
}

// extent is the size of a tile in the proportions of what it shows.
func (d *stripDrawing) extent(t *figure.Tile) (w, h float64) {
	pw, ph := t.W, t.H
	if t.Picture != nil {
		pw, ph = t.Picture.W, t.Picture.H
	}
	if pw <= 0 || ph <= 0 {
		return d.tile, d.tile
	}
	k := d.tile / float64(max(pw, ph))
	return max(k*float64(pw), 3), max(k*float64(ph), 3)
}

func (d *stripDrawing) width() float64 {
	n := float64(min(d.perRow, max(d.shown, 1)))
	head := max(stripFont.width(stripFont.fit(d.Title, imagesWidth)), stripNote.width(stripNote.fit(d.Note, imagesWidth)))
	return max(n*(d.tile+smallGap)-smallGap, head)
}

func (d *stripDrawing) below() float64 { return d.lines*tileLine + tileTextRoom + smallGap }

func (d *stripDrawing) height() float64 {
	h := d.head
	for _, row := range d.rows {
		h += row + d.below()
	}
	return h
}

func (d *imagesDrawing) drawStrip(c canvas, s *stripDrawing) {
	c.text(margin, s.y+13, stripFont.fit(s.Title, d.inner), stripFont)
	c.text(margin, s.y+28, stripNote.fit(s.Note, d.inner), stripNote)
	y := s.y + s.head
	for i := range s.shown {
		if column := i % s.perRow; column == 0 && i > 0 {
			y += s.rows[i/s.perRow-1] + s.below()
		}
		t := &s.Tiles[i]
		x := margin + float64(i%s.perRow)*(s.tile+smallGap)
		w, h := s.extent(t)
		c.begin(group{class: "tile", index: i, title: tileTitle(t)})
		d.drawTile(c, figure.Box{X: x, Y: y, W: w, H: h}, t)
		c.text(x, y+h+tileLine-1, smallName.fit(t.Name, s.tile), smallName)
		c.text(x, y+h+2*tileLine-1, smallNote.fit(t.Note, s.tile), smallNote)
		c.end()
	}
}

// tileTitle tells in a tooltip all there is to know of a tile.
func tileTitle(t *figure.Tile) string {
	s := t.Name
	if t.Note != "" {
		s += ", " + t.Note
	}
	if t.W > 0 {
		s += fmt.Sprintf("; %d×%d, %s to %s", t.W, t.H, number(t.Low), number(t.High))
	}
	return clean(s)
}

func (d *imagesDrawing) drawTile(c canvas, b figure.Box, t *figure.Tile) {
	c.rect(b, 0, paint{fill: void})
	if t.Picture != nil {
		if photo := photograph(*t.Picture); photo != nil {
			c.image(b, photo)
		}
	}
	if img := d.mapOf(t, max(b.W, b.H)); img != nil {
		c.image(b, img)
	}
	if t.Box != nil && t.Picture != nil {
		drawBoxOn(c, b, *t.Box, t.Picture)
	}
}

// mapOf colours a tile's map: over a picture as heat that fades where it is
// weak, and else cell by cell.
func (d *imagesDrawing) mapOf(t *figure.Tile, side float64) *image.NRGBA {
	m := &figure.Map{W: t.W, H: t.H, Values: t.Values, Low: t.Low, High: t.High}
	if !holdsValues(m) {
		return nil
	}
	if t.Picture != nil {
		w, h := max(t.Picture.W, smallestSide), max(t.Picture.H, smallestSide)
		return overlay(enlarge(m, w, h), overlayColors(m, d.colors, d.Opacity), w, h)
	}
	k := max(1, int(2*side/float64(max(t.W, t.H))+0.5)) // so that viewers which smooth do not blur the edges
	return cells(t.Values, t.W, t.H, k, k, d.colors, t.Low, t.High)
}

// cells colours numbers, each kx×ky pixels; what is no number is hatched.
func cells(values []float32, w, h, kx, ky int, colors *Colormap, low, high float32) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w*kx, h*ky))
	span := float64(high) - float64(low)
	for i := range w * kx * h * ky {
		x, y := i%(w*kx), i/(w*kx)
		v := float64(values[y/ky*w+x/kx])
		pix := img.Pix[4*i : 4*i+4]
		if v != v {
			hatchPixel(pix, x, y)
			continue
		}
		t := 0.0
		if span > 0 && !math.IsInf(span, 0) {
			t = (v - float64(low)) / span
		}
		rgb := colors.At(t)
		pix[0], pix[1], pix[2], pix[3] = rgb[0], rgb[1], rgb[2], 255
	}
	return img
}

// drawBoxOn outlines a part of a picture that is drawn in b, dark around light,
// so that it is seen on any.
func drawBoxOn(c canvas, b, part figure.Box, p *figure.Picture) {
	kx, ky := b.W/float64(max(p.W, 1)), b.H/float64(max(p.H, 1))
	x0, y0 := max(b.X, b.X+kx*part.X), max(b.Y, b.Y+ky*part.Y)
	x1, y1 := min(b.X+b.W, b.X+kx*(part.X+part.W)), min(b.Y+b.H, b.Y+ky*(part.Y+part.H))
	if !(x1 > x0 && y1 > y0) {
		return
	}
	at := figure.Box{X: x0, Y: y0, W: x1 - x0, H: y1 - y0}
	c.rect(at, 0, paint{line: paper, width: 3})
	c.rect(at, 0, paint{line: accent, width: 1.5})
}
