package render

import (
	"github.com/tomo-viz/tomo/figure"
)

const (
	reportWidth = 840.0
	// pageHeight makes pages of reports as tall as ISO 216 paper is.
	pageHeight   = (reportWidth + 2*margin) * 1.4142
	sectionGap   = 22.0
	paragraphGap = 7.0
	mostSections = 500 // drawn
	mostTextRows = 60  // of a paragraph
)

var (
	sectionFont   = lettering{size: 14.5, bold: true, ink: text}
	paragraphFont = lettering{size: 12, ink: text}
	reportFact    = lettering{size: 11.5, ink: soft}
	reportValue   = lettering{size: 11.5, bold: true, ink: text}
)

// A block is a part of a report that no page's end cuts.
type block struct {
	height float64
	// with keeps it on the page of what follows.
	with bool
	draw func(c canvas, y float64)
}

// reportDrawing is blocks below one another.
type reportDrawing struct {
	blocks []block
	height float64 // 0 means that of the blocks
}

func (d *reportDrawing) size() (w, h float64) {
	if d.height > 0 {
		return reportWidth + 2*margin, d.height
	}
	for _, b := range d.blocks {
		h += b.height
	}
	return reportWidth + 2*margin, h + 2*margin
}

func (d *reportDrawing) draw(c canvas) {
	y := margin
	for _, b := range d.blocks {
		b.draw(c, y)
		y += b.height
	}
}

// layOutReport lays all blocks on one sheet.
func layOutReport(r *figure.Report) drawing { return &reportDrawing{blocks: reportBlocks(r)} }

// reportPages deals the blocks out to pages. What is taller than a page has one
// of its own, of its height.
func reportPages(r *figure.Report) []drawing {
	var pages []drawing
	page, used := &reportDrawing{height: pageHeight}, 2*margin
	turn := func() {
		if len(page.blocks) > 0 {
			pages = append(pages, page)
		}
		page, used = &reportDrawing{height: pageHeight}, 2*margin
	}
	blocks := reportBlocks(r)
	for i := 0; i < len(blocks); {
		n, h := 1, blocks[i].height
		for ; i+n < len(blocks) && blocks[i+n-1].with; n++ {
			h += blocks[i+n].height
		}
		if used+h > pageHeight {
			turn()
		}
		page.blocks = append(page.blocks, blocks[i:i+n]...)
		used += h
		page.height = max(pageHeight, used)
		i += n
	}
	if turn(); len(pages) == 0 {
		pages = append(pages, page)
	}
	return pages
}

func reportBlocks(r *figure.Report) []block {
	c := layOutCaption(&figure.About{Title: r.Title, Subtitle: r.Subtitle, Warnings: r.Warnings}, reportWidth)
	out := []block{{height: c.above() + c.below(), draw: func(to canvas, y float64) {
		c.drawAbove(to, margin, y)
		c.drawBelow(to, margin, y+c.above())
	}}}
	for i := range r.Sections[:min(len(r.Sections), mostSections)] {
		out = append(out, sectionBlocks(&r.Sections[i])...)
	}
	rest := layOutCaption(&figure.About{Facts: r.Facts, Source: r.Source}, reportWidth)
	return append(out, block{height: rest.below(), draw: func(to canvas, y float64) { rest.drawBelow(to, margin, y) }})
}

func sectionBlocks(s *figure.Section) []block {
	out := []block{gapBlock(sectionGap)}
	out[0].with = true
	if s.Title != "" {
		b := textBlock(sectionFont, s.Title, 20, 3)
		b.height += 4
		b.with = true
		out = append(out, b)
	}
	for _, words := range s.Text {
		b := textBlock(paragraphFont, words, 17, mostTextRows)
		b.height += paragraphGap
		out = append(out, b)
	}
	facts := flow{width: reportWidth}
	facts.addFactsIn(s.Facts, reportFact, reportValue)
	if h := facts.height(); h > 0 {
		out = append(out, block{height: h + paragraphGap, draw: func(c canvas, y float64) { facts.draw(c, margin, y) }})
	}
	for _, words := range s.Warnings {
		lines := warningFont.wrap(words, reportWidth-44, 8)
		h := warningHeight(lines)
		out = append(out, block{height: h + paragraphGap, with: s.Figure != nil, draw: func(c canvas, y float64) {
			drawWarning(c, figure.Box{X: margin, Y: y, W: reportWidth, H: h}, lines)
		}})
	}
	if s.Figure != nil {
		out = append(out, figureBlock(s.Figure))
	}
	return out
}

func gapBlock(h float64) block { return block{height: h, draw: func(canvas, float64) {}} }

func textBlock(font lettering, words string, line float64, most int) block {
	lines := font.wrap(words, reportWidth, most)
	return block{height: line * float64(len(lines)), draw: func(c canvas, y float64) {
		for i, s := range lines {
			c.text(margin, y+font.size+line*float64(i), s, font)
		}
	}}
}

// figureBlock draws a figure without its margin, shrunk to the report's width.
func figureBlock(fig figure.Figure) block {
	d := layOutPart(fig)
	w, h := d.size()
	k := min(1, reportWidth/max(w-2*margin, 1))
	return block{height: k * max(h-2*margin, 0), draw: func(c canvas, y float64) {
		d.draw(placedCanvas{c, margin - k*margin, y - k*margin, k})
	}}
}

// layOutPart returns the drawing of a figure in a report; a report within a
// report, which there should not be, is left out.
func layOutPart(fig figure.Figure) drawing {
	if _, ok := fig.(*figure.Report); ok {
		return &reportDrawing{}
	}
	return layOut(fig)
}
