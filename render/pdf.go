package render

import (
	"bytes"
	"fmt"
	"image"
	"io"
	"strconv"
	"time"

	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"codeberg.org/go-pdf/fpdf"

	"github.com/tomo-viz/tomo/figure"
)

// longestPage is the most that PDF viewers open, in points (ISO 32000-1,
// annex C.2).
const longestPage = 14400

// pdfCanvas writes PDF pages with real text in embedded fonts. Characters
// that the fonts lack are drawn as outlines.
type pdfCanvas struct {
	doc    *fpdf.Fpdf
	scale  float64
	theme  Theme
	images map[*image.NRGBA]string
}

func writePDF(w io.Writer, fig figure.Figure, opt Options) error {
	pages := layOutPages(fig)
	_, first := pageSize(pages[0])
	doc := fpdf.NewCustom(&fpdf.InitType{UnitStr: "pt", Size: first})
	doc.SetMargins(0, 0, 0)
	doc.SetAutoPageBreak(false, 0)
	signPDF(doc, fig.Caption())
	doc.AddUTF8FontFromBytes("sans", "", liberationsansregular.TTF)
	doc.AddUTF8FontFromBytes("sans", "B", liberationsansbold.TTF)
	c := &pdfCanvas{doc: doc, theme: opt.Theme, images: map[*image.NRGBA]string{}}
	for _, d := range pages {
		scale, size := pageSize(d)
		doc.AddPageFormat("P", size)
		c.scale = scale
		width, height := d.size()
		c.rect(figure.Box{W: width, H: height}, 0, paint{fill: paper})
		d.draw(c)
	}
	return doc.Output(w)
}

// layOutPages returns the pages of a figure: one, but for reports.
func layOutPages(fig figure.Figure) []drawing {
	if r, ok := fig.(*figure.Report); ok {
		return reportPages(r)
	}
	return []drawing{layOut(fig)}
}

// pageSize returns the size of a drawing's page, and how far it must shrink to
// be one.
func pageSize(d drawing) (scale float64, size fpdf.SizeType) {
	width, height := d.size()
	scale = min(1, longestPage/max(width, 1), longestPage/max(height, 1))
	return scale, fpdf.SizeType{Wd: max(width*scale, 3), Ht: max(height*scale, 3)}
}

// signPDF says what the page is. Its dates are fixed, so that the same figure
// gives the same file, but for the order of pictures of one width.
func signPDF(doc *fpdf.Fpdf, about *figure.About) {
	doc.SetTitle(clean(about.Title), true)
	doc.SetSubject(describe(about), true)
	doc.SetCreator(software, true)
	doc.SetCatalogSort(true)
	epoch := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	doc.SetCreationDate(epoch)
	doc.SetModificationDate(epoch)
}

func (c *pdfCanvas) rect(r figure.Box, radius float64, p paint) {
	style := c.paint(p)
	if style == "" || r.W <= 0 || r.H <= 0 {
		return
	}
	defer c.fade(p)()
	s := c.scale
	if radius = min(radius, r.W/2, r.H/2); radius > 0 {
		c.doc.RoundedRect(r.X*s, r.Y*s, r.W*s, r.H*s, radius*s, "1234", style)
		return
	}
	c.doc.Rect(r.X*s, r.Y*s, r.W*s, r.H*s, style)
}

func (c *pdfCanvas) path(p *path, a paint) {
	if style := c.paint(a); style != "" && len(p.parts) > 0 {
		defer c.fade(a)()
		c.trace(p, 0, 0, c.scale)
		c.doc.DrawPath(style)
	}
}

// trace adds a path to the page, moved and scaled.
func (c *pdfCanvas) trace(p *path, x, y, scale float64) {
	for _, part := range p.parts {
		var at [6]float64
		for i := 0; i < 6; i += 2 {
			at[i], at[i+1] = x+part.at[i]*scale, y+part.at[i+1]*scale
		}
		switch part.op {
		case 'M':
			c.doc.MoveTo(at[0], at[1])
		case 'L':
			c.doc.LineTo(at[0], at[1])
		case 'C':
			c.doc.CurveBezierCubicTo(at[0], at[1], at[2], at[3], at[4], at[5])
		case 'Z':
			c.doc.ClosePath()
		}
	}
}

// paint sets the colours and returns the operator's letters, "" for nothing.
func (c *pdfCanvas) paint(p paint) string {
	style := ""
	if p.fill != none {
		k := parseColor(p.fill.in(c.theme))
		c.doc.SetFillColor(int(k.R), int(k.G), int(k.B))
		style = "F"
	}
	if p.line != none {
		k := parseColor(p.line.in(c.theme))
		c.doc.SetDrawColor(int(k.R), int(k.G), int(k.B))
		c.doc.SetLineWidth(p.width * c.scale)
		dash := []float64{}
		if p.dashed {
			dash = []float64{4 * c.scale, 3 * c.scale}
		}
		c.doc.SetDashPattern(dash, 0)
		style += "D"
	}
	return style
}

// fade sets the opacity of what is drawn until the function that it returns is
// called.
func (c *pdfCanvas) fade(p paint) func() {
	if p.opacity <= 0 {
		return func() {}
	}
	c.doc.SetAlpha(p.opacity, "Normal")
	return func() { c.doc.SetAlpha(1, "Normal") }
}

func (c *pdfCanvas) text(x, y float64, s string, f lettering) {
	switch f.align {
	case center:
		x -= f.width(s) / 2
	case right:
		x -= f.width(s)
	}
	style := ""
	if f.bold {
		style = "B"
	}
	c.doc.SetFont("sans", style, f.size*c.scale)
	k := parseColor(f.ink.in(c.theme))
	c.doc.SetTextColor(int(k.R), int(k.G), int(k.B))
	face := f.face()
	for run, embedded := range runs(face, s) {
		if embedded {
			c.doc.Text(x*c.scale, y*c.scale, run)
			x += f.width(run)
			continue
		}
		c.paint(paint{fill: f.ink})
		for _, r := range run {
			g := face.glyph(r)
			if len(g.path.parts) > 0 {
				c.trace(&g.path, x*c.scale, y*c.scale, f.size*c.scale)
				c.doc.DrawPath("F")
			}
			x += g.advance * f.size
		}
	}
}

// runs cuts a text where the embedded font's characters and others meet.
func runs(face *face, s string) func(yield func(run string, embedded bool) bool) {
	return func(yield func(string, bool) bool) {
		from, in := 0, false
		for i, r := range s {
			now := face.glyph(r).embedded
			if i > from && now != in {
				if !yield(s[from:i], in) {
					return
				}
				from = i
			}
			in = now
		}
		if from < len(s) {
			yield(s[from:], in)
		}
	}
}

func (c *pdfCanvas) image(r figure.Box, img *image.NRGBA) {
	name, known := c.images[img]
	options := fpdf.ImageOptions{ImageType: "PNG"}
	if !known {
		name = "image" + strconv.Itoa(len(c.images))
		c.images[img] = name
		var b bytes.Buffer
		if err := encodePNG(&b, img, nil); err != nil {
			c.doc.SetError(fmt.Errorf("picture: %w", err))
			return
		}
		c.doc.RegisterImageOptionsReader(name, options, &b)
	}
	s := c.scale
	c.doc.ImageOptions(name, r.X*s, r.Y*s, r.W*s, r.H*s, false, options, 0, "")
}

func (c *pdfCanvas) begin(group) {}
func (c *pdfCanvas) end()        {}
