package render

import (
	"github.com/tomo-viz/tomo/figure"
)

const (
	rowHeight  = 19.0
	lineHeight = 14.0 // of the further lines of a row
	cellLines  = 6
	columnGap  = 22.0
	indent     = 13.0
	widestCell = 340.0
	mostRows   = 3000 // drawn; CSV, TXT and HTML have all
)

var (
	columnFont    = lettering{size: 10.5, bold: true, ink: soft}
	cellFont      = lettering{size: 11, ink: text}
	sumFont       = lettering{size: 11, bold: true, ink: text}
	totalNameFont = lettering{size: 11, ink: soft}
)

// tableDrawing is a table with as wide columns as their cells need.
type tableDrawing struct {
	*figure.Table
	caption *caption
	rows    []figure.Row // those drawn
	lines   []int        // of each of them
	widths  []float64    // of the columns
	bars    []barScale   // of those that have bars
	inner   float64
}

func layOutTable(t *figure.Table) drawing {
	d := &tableDrawing{Table: t, rows: t.Rows[:min(len(t.Rows), mostRows)]}
	d.widths = make([]float64, len(t.Columns))
	for i, col := range t.Columns {
		d.widths[i] = columnFont.width(columnFont.fit(columnTitle(col), widestCell))
	}
	for _, r := range d.rows {
		font := rowFont(r)
		for i, cell := range r.Cells[:min(len(r.Cells), len(d.widths))] {
			w := font.width(font.fit(cell.Text, widestCell)) + rowIndent(r, i)
			d.widths[i] = max(d.widths[i], w)
		}
	}
	d.bars = barScales(t)
	for i, col := range t.Columns {
		if col.Bars {
			d.widths[i] += laneGap + barLane
		}
	}
	for _, r := range d.rows {
		d.lines = append(d.lines, d.linesOf(r))
	}
	for i, w := range d.widths {
		if i > 0 {
			d.inner += columnGap
		}
		d.inner += w
	}
	d.inner = max(d.inner, narrowest)
	d.caption = layOutCaption(&t.About, min(d.inner, widestText))
	return d
}

func columnTitle(c figure.Column) string {
	if c.Unit == "" {
		return c.Name
	}
	return c.Name + " (" + c.Unit + ")"
}

func rowFont(r figure.Row) lettering {
	if r.Group {
		return sumFont
	}
	return cellFont
}

// rowIndent is how far a row's cell is moved to the right for its depth.
func rowIndent(r figure.Row, column int) float64 {
	if column > 0 {
		return 0
	}
	return indent * float64(max(0, min(r.Depth, 30)))
}

func (d *tableDrawing) tableHeight() float64 {
	h := rowHeight + 10
	for _, lines := range d.lines {
		h += heightOf(lines)
	}
	if len(d.rows) < len(d.Rows) {
		h += rowHeight
	}
	if n := len(d.Totals); n > 0 {
		h += float64(n)*17 + 14
	}
	return h
}

func (d *tableDrawing) size() (w, h float64) {
	return d.inner + 2*margin, 2*margin + d.caption.above() + d.tableHeight() + d.caption.below()
}

func (d *tableDrawing) draw(c canvas) {
	y := margin
	d.caption.drawAbove(c, margin, y)
	y += d.caption.above()
	for i, col := range d.Columns {
		d.drawCell(c, i, y, columnTitle(col), columnFont, 0)
	}
	y += rowHeight
	c.rect(figure.Box{X: margin, Y: y - 0.5, W: d.inner, H: 1}, 0, paint{fill: faint})
	y += 2
	for i, r := range d.rows {
		d.drawRow(c, i, y, r)
		y += heightOf(d.lines[i])
	}
	if more := len(d.Rows) - len(d.rows); more > 0 {
		note := "… and " + figure.Thousands(int64(more)) + " more rows; CSV, TXT and HTML have all"
		c.text(margin, y+13, note, totalNameFont)
		y += rowHeight
	}
	c.rect(figure.Box{X: margin, Y: y + 1, W: d.inner, H: 1}, 0, paint{fill: faint})
	d.drawTotals(c, y+14)
	d.caption.drawBelow(c, margin, margin+d.caption.above()+d.tableHeight())
}

func (d *tableDrawing) drawRow(c canvas, i int, y float64, r figure.Row) {
	if r.Group {
		c.rect(figure.Box{X: margin - 6, Y: y, W: d.inner + 12, H: heightOf(d.lines[i])}, 0, paint{fill: panel})
	} else if i > 0 {
		c.rect(figure.Box{X: margin, Y: y, W: d.inner, H: 0.5}, 0, paint{fill: hairline})
	}
	for k, cell := range r.Cells[:min(len(r.Cells), len(d.Columns))] {
		for line, s := range d.broken(r, k, cell.Text) {
			d.drawCell(c, k, y+lineHeight*float64(line), s, rowFont(r), rowIndent(r, k))
		}
		if d.Columns[k].Bars && !r.Group {
			d.bars[k].drawBar(c, d.columnStart(k), y, cell.Value)
		}
	}
}

// broken is a cell's text in lines: where it is too long for its column, unless
// that holds numbers.
func (d *tableDrawing) broken(r figure.Row, column int, s string) []string {
	font, room := rowFont(r), d.widths[column]-rowIndent(r, column)+0.01
	if d.Columns[column].Number || font.width(s) <= room {
		return []string{s}
	}
	return font.wrap(s, room, cellLines)
}

// linesOf is how many lines a row has.
func (d *tableDrawing) linesOf(r figure.Row) int {
	lines := 1
	for k, cell := range r.Cells[:min(len(r.Cells), len(d.Columns))] {
		lines = max(lines, len(d.broken(r, k, cell.Text)))
	}
	return lines
}

func heightOf(lines int) float64 { return rowHeight + lineHeight*float64(lines-1) }

// columnStart is where a column begins.
func (d *tableDrawing) columnStart(column int) float64 {
	x := margin
	for _, w := range d.widths[:column] {
		x += w + columnGap
	}
	return x
}

func (d *tableDrawing) drawCell(c canvas, column int, y float64, s string, font lettering, shift float64) {
	x := d.columnStart(column)
	if d.Columns[column].Number {
		font.align = right
		x += d.widths[column]
	}
	c.text(x+shift, y+13, font.fit(s, d.widths[column]-shift+0.01), font)
}

// drawTotals writes names, and values to the right of the longest.
func (d *tableDrawing) drawTotals(c canvas, y float64) {
	names, values := 0.0, 0.0
	for _, t := range d.Totals {
		names = max(names, totalNameFont.width(totalNameFont.fit(t.Name, widestCell)))
		values = max(values, sumFont.width(sumFont.fit(t.Value, widestCell)))
	}
	value := sumFont
	value.align = right
	for _, t := range d.Totals {
		c.text(margin, y+11, totalNameFont.fit(t.Name, widestCell), totalNameFont)
		c.text(margin+names+columnGap+values, y+11, value.fit(t.Value, widestCell), value)
		y += 17
	}
}
