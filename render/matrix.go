package render

import (
	"fmt"

	"github.com/tomo-viz/tomo/figure"
)

const (
	mostLines      = 1000  // rows and columns drawn; JSON, CSV and HTML have all
	widestMatrix   = 900.0 // of the cells
	widestName     = 190.0
	thumbSide      = 28.0
	matrixTitles   = 18.0
	columnNameRoom = 16.0
)

var (
	lineFont   = lettering{size: 10, ink: text}
	numberFont = lettering{size: 8.5, ink: onDark, align: center}
)

// matrixDrawing is names on the left and above, and cells.
type matrixDrawing struct {
	*figure.Matrix
	caption        *caption
	colors         *Colormap
	rows, columns  int     // drawn
	cellW, cellH   float64 // of a cell
	names, thumbs  float64 // widths beside the cells
	columnThumbs   float64 // height above them
	inner, bodyTop float64
}

func layOutMatrix(m *figure.Matrix) drawing {
	d := &matrixDrawing{Matrix: m, colors: colormapOr(m.Colormap)}
	if len(m.Values) >= len(m.Rows)*len(m.Columns) {
		d.rows, d.columns = min(len(m.Rows), mostLines), min(len(m.Columns), mostLines)
	}
	d.cellH = cellSide(d.rows, hasPictures(m.Rows))
	d.cellW = min(44, max(widestMatrix/float64(max(d.columns, 1)), 1))
	if hasPictures(m.Rows) && d.cellH >= thumbSide {
		d.thumbs = thumbSide + 6
	}
	if hasPictures(m.Columns) && d.cellW >= thumbSide {
		d.columnThumbs = thumbSide + 4
	}
	for _, l := range m.Rows[:d.rows] {
		d.names = max(d.names, lineFont.width(lineFont.fit(l.Name, widestName))+8)
	}
	d.inner = max(narrowest, d.names+d.thumbs+d.cellW*float64(d.columns))
	d.caption = layOutCaption(&m.About, min(d.inner, widestText))
	d.bodyTop = margin + d.caption.above() + matrixTitles + columnNameRoom + d.columnThumbs
	return d
}

// cellSide is the height of rows: enough for a name or a picture while there
// are few of them.
func cellSide(n int, pictures bool) float64 {
	switch {
	case pictures && n <= 64:
		return thumbSide + 4
	case n <= 120:
		return 16
	case n <= 300:
		return 6
	}
	return 2
}

func hasPictures(lines []figure.Line) bool {
	for _, l := range lines {
		if l.Picture != nil {
			return true
		}
	}
	return false
}

func (d *matrixDrawing) bottom() float64 {
	y := d.bodyTop + d.cellH*float64(d.rows) + 30
	if d.rows < len(d.Rows) || d.columns < len(d.Columns) {
		y += 16
	}
	return y
}

func (d *matrixDrawing) size() (w, h float64) {
	return d.inner + 2*margin, d.bottom() + d.caption.below() + margin
}

func (d *matrixDrawing) draw(c canvas) {
	d.caption.drawAbove(c, margin, margin)
	x := margin + d.names + d.thumbs
	c.text(margin, margin+d.caption.above()+12,
		stripNote.fit(fmt.Sprintf("%s ↓   %s →", d.RowsAre, d.ColumnsAre), d.inner), stripNote)
	d.drawColumnHeads(c, x)
	d.drawRowHeads(c)
	d.drawCells(c, x)
	d.drawLegend(c, x)
	if d.rows < len(d.Rows) || d.columns < len(d.Columns) {
		c.text(margin, d.bottom()-8, fmt.Sprintf("%d of %d rows and %d of %d columns; CSV, JSON and HTML have all",
			d.rows, len(d.Rows), d.columns, len(d.Columns)), leftOverNote)
	}
	d.caption.drawBelow(c, margin, d.bottom())
}

// drawColumnHeads writes each name that has room behind the one before.
func (d *matrixDrawing) drawColumnHeads(c canvas, x float64) {
	free := x
	font := lineFont
	font.align = center
	for i, l := range d.Columns[:d.columns] {
		middle := x + (float64(i)+0.5)*d.cellW
		if d.columnThumbs > 0 && l.Picture != nil {
			d.drawThumb(c, middle-thumbSide/2, d.bodyTop-thumbSide-2, l.Picture)
		}
		name := font.fit(l.Name, max(d.cellW-3, 44))
		w := font.width(name)
		if left := middle - w/2; left >= free || i == 0 {
			c.text(max(middle, x+w/2), d.bodyTop-d.columnThumbs-5, name, font)
			free = max(left, x) + w + 5
		}
	}
}

func (d *matrixDrawing) drawRowHeads(c canvas) {
	step := max(1, int(12/d.cellH))
	for i, l := range d.Rows[:d.rows] {
		y := d.bodyTop + float64(i)*d.cellH
		if d.thumbs > 0 && l.Picture != nil {
			d.drawThumb(c, margin+d.names, y+(d.cellH-thumbSide)/2, l.Picture)
		}
		if i%step == 0 {
			c.text(margin, y+d.cellH/2+3.5, lineFont.fit(l.Name, widestName), lineFont)
		}
	}
}

func (d *matrixDrawing) drawThumb(c canvas, x, y float64, p *figure.Picture) {
	photo := photograph(*p)
	if photo == nil {
		return
	}
	k := thumbSide / float64(max(p.W, p.H))
	w, h := k*float64(p.W), k*float64(p.H)
	c.image(figure.Box{X: x + (thumbSide-w)/2, Y: y + (thumbSide-h)/2, W: w, H: h}, photo)
}

func (d *matrixDrawing) drawCells(c canvas, x float64) {
	if d.rows == 0 || d.columns == 0 {
		return
	}
	all, values := d.Shares(), make([]float32, 0, d.rows*d.columns)
	for r := range d.rows {
		values = append(values, all[r*len(d.Columns):r*len(d.Columns)+d.columns]...)
	}
	kx, ky := 1, 1
	if d.rows*d.columns <= 1<<13 { // so that viewers which smooth do not blur the edges
		kx, ky = max(1, int(2*d.cellW)), max(1, int(2*d.cellH))
	}
	b := figure.Box{X: x, Y: d.bodyTop, W: d.cellW * float64(d.columns), H: d.cellH * float64(d.rows)}
	c.image(b, cells(values, d.columns, d.rows, kx, ky, d.colors, 0, 1))
	if d.cellW < 34 || d.cellH < 13 || d.rows*d.columns > 4000 {
		return
	}
	for i, share := range values {
		font := numberFont
		if isBright(d.colors.At(float64(share))) {
			font.ink = onBright
		}
		cx, cy := x+(float64(i%d.columns)+0.5)*d.cellW, d.bodyTop+(float64(i/d.columns)+0.5)*d.cellH
		c.text(cx, cy+3, font.fit(number(d.At(i/d.columns, i%d.columns)), d.cellW-2), font)
	}
}

// isBright reports whether dark text is read better on a colour than white.
func isBright(rgb [3]uint8) bool {
	return 299*int(rgb[0])+587*int(rgb[1])+114*int(rgb[2]) > 140*1000
}

func (d *matrixDrawing) drawLegend(c canvas, x float64) {
	y := d.bodyTop + d.cellH*float64(d.rows) + 18
	low, high := number(d.Low), number(d.High)
	if d.PerColumn {
		low, high = "least", "greatest of the column"
	}
	c.text(x, y, low, scaleFont)
	x += scaleFont.width(low) + 6
	c.image(figure.Box{X: x, Y: y - 7, W: 110, H: 6}, cells(ramp(), 256, 1, 1, 1, d.colors, 0, 255))
	c.text(x+116, y, high, scaleFont)
	c.text(x+116+scaleFont.width(high)+10, y, stripNote.fit(d.ValuesAre, 260), stripNote)
}

// ramp is 0 to 255.
func ramp() []float32 {
	out := make([]float32, 256)
	for i := range out {
		out[i] = float32(i)
	}
	return out
}
