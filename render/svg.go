package render

import (
	"encoding/base64"
	"fmt"
	"image"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/tomo-viz/tomo/figure"
)

// svgCanvas writes SVG 1.1. Colours are attributes, which all programs read;
// for the theme Auto a style sheet with a media query replaces them on dark
// systems.
type svgCanvas struct {
	b      strings.Builder
	theme  Theme
	fills  [256]bool // the inks that occur, for the dark style sheet
	lines  [256]bool
	images map[*image.NRGBA]svgImage
	// prefix of the ids of images, since a page may hold several pictures.
	prefix string
	err    error
}

type svgImage struct {
	id  string
	box figure.Box
}

func writeSVG(w io.Writer, fig figure.Figure, opt Options) error {
	svg, err := drawSVG(layOut(fig), fig.Caption(), opt.Theme, "")
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, `<?xml version="1.0" encoding="UTF-8"?>`+"\n"+svg)
	return err
}

// drawSVG returns a drawing as an svg element, whose ids begin with a prefix.
func drawSVG(d drawing, about *figure.About, theme Theme, prefix string) (string, error) {
	c := &svgCanvas{theme: theme, images: map[*image.NRGBA]svgImage{}, prefix: prefix}
	w, h := d.size()
	c.rect(figure.Box{W: w, H: h}, 0, paint{fill: paper})
	d.draw(c)
	if c.err != nil {
		return "", c.err
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="%s" height="%s" viewBox="0 0 %[1]s %[2]s" font-family="%s" role="img" aria-label="%s">`+"\n",
		short(w), short(h), escape(fontFamilies), escape(clean(about.Title)))
	fmt.Fprintf(&b, "<desc>%s</desc>\n", escape(describe(about)))
	if theme == Auto {
		c.writeDarkStyle(&b)
	}
	b.WriteString(c.b.String())
	b.WriteString("</svg>\n")
	return b.String(), nil
}

func (c *svgCanvas) writeDarkStyle(b *strings.Builder) {
	b.WriteString("<style>@media (prefers-color-scheme:dark){")
	for i := range c.fills {
		if c.fills[i] {
			fmt.Fprintf(b, ".f%d{fill:%s}", i, ink(i).in(Dark))
		}
		if c.lines[i] {
			fmt.Fprintf(b, ".s%d{stroke:%s}", i, ink(i).in(Dark))
		}
	}
	b.WriteString("}</style>\n")
}

func (c *svgCanvas) rect(r figure.Box, radius float64, p paint) {
	c.b.WriteString("<rect")
	c.attributes("x", r.X, "y", r.Y, "width", max(r.W, 0), "height", max(r.H, 0))
	if radius > 0 {
		c.attributes("rx", radius)
	}
	c.paint(p)
	c.b.WriteString("/>\n")
}

func (c *svgCanvas) path(p *path, a paint) {
	c.b.WriteString(`<path d="`)
	for _, part := range p.parts {
		c.b.WriteByte(part.op)
		for i, v := range part.at[:part.coordinates()] {
			if i > 0 {
				c.b.WriteByte(' ')
			}
			c.b.WriteString(short(v))
		}
	}
	c.b.WriteByte('"')
	c.paint(a)
	c.b.WriteString("/>\n")
}

func (c *svgCanvas) text(x, y float64, s string, f lettering) {
	if s == "" {
		return
	}
	c.b.WriteString("<text")
	c.attributes("x", x, "y", y, "font-size", f.size)
	if f.bold {
		c.b.WriteString(` font-weight="bold"`)
	}
	switch f.align {
	case center:
		c.b.WriteString(` text-anchor="middle"`)
	case right:
		c.b.WriteString(` text-anchor="end"`)
	}
	c.paint(paint{fill: f.ink})
	c.b.WriteByte('>')
	c.b.WriteString(escape(s))
	c.b.WriteString("</text>\n")
}

func (c *svgCanvas) image(r figure.Box, img *image.NRGBA) {
	if old, ok := c.images[img]; ok && old.box.W == r.W && old.box.H == r.H {
		fmt.Fprintf(&c.b, `<use xlink:href="#%s"`, old.id)
		c.attributes("x", r.X-old.box.X, "y", r.Y-old.box.Y)
		c.b.WriteString("/>\n")
		return
	}
	id := c.prefix + "tomo-image-" + strconv.Itoa(len(c.images))
	c.images[img] = svgImage{id, r}
	fmt.Fprintf(&c.b, `<image id="%s" preserveAspectRatio="none"`, id)
	c.attributes("x", r.X, "y", r.Y, "width", r.W, "height", r.H)
	c.b.WriteString(` xlink:href="data:image/png;base64,`)
	to := base64.NewEncoder(base64.StdEncoding, &c.b)
	if err := encodePNG(to, img, nil); err != nil {
		c.err = err
	}
	to.Close()
	c.b.WriteString("\"/>\n")
}

func (c *svgCanvas) begin(g group) {
	c.b.WriteString("<g")
	if g.class != "" {
		fmt.Fprintf(&c.b, ` class="%s"`, g.class)
		if g.index >= 0 {
			fmt.Fprintf(&c.b, ` data-i="%d"`, g.index)
		}
	}
	c.b.WriteByte('>')
	if g.title != "" {
		fmt.Fprintf(&c.b, "<title>%s</title>", escape(g.title))
	}
	c.b.WriteByte('\n')
}

func (c *svgCanvas) end() { c.b.WriteString("</g>\n") }

// paint writes the colours of a shape as attributes and, for Auto, as the
// classes that the dark style sheet replaces them by.
func (c *svgCanvas) paint(p paint) {
	classes := ""
	if p.fill == none {
		c.b.WriteString(` fill="none"`)
	} else {
		fmt.Fprintf(&c.b, ` fill="%s"`, p.fill.in(c.theme))
		classes = "f" + strconv.Itoa(int(p.fill))
		c.fills[p.fill] = true
	}
	if p.line != none {
		fmt.Fprintf(&c.b, ` stroke="%s" stroke-width="%s"`, p.line.in(c.theme), short(p.width))
		if p.dashed {
			c.b.WriteString(` stroke-dasharray="4 3"`)
		}
		classes = strings.TrimSpace(classes + " s" + strconv.Itoa(int(p.line)))
		c.lines[p.line] = true
	}
	if p.opacity > 0 {
		c.attributes("opacity", p.opacity)
	}
	if c.theme == Auto && classes != "" {
		fmt.Fprintf(&c.b, ` class="%s"`, classes)
	}
}

// attributes writes names and numbers.
func (c *svgCanvas) attributes(pairs ...any) {
	for i := 0; i < len(pairs); i += 2 {
		fmt.Fprintf(&c.b, ` %s="%s"`, pairs[i], short(pairs[i+1].(float64)))
	}
}

// short writes a length with two decimals at most; what is no finite number
// becomes 0, since one such number would spoil the whole picture.
func short(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "0"
	}
	s := strconv.FormatFloat(v, 'f', 2, 64)
	s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	if s == "-0" {
		return "0"
	}
	return s
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "'", "&#39;")

// escape makes text safe inside an element or an attribute of XML and HTML.
// Characters that XML 1.0 (section 2.2) does not allow are left out.
func escape(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == '\t' || r == '\n' || r >= 0x20 && r != 0x7f && r != 0xfffe && r != 0xffff {
			return r
		}
		return -1
	}, s)
	return escaper.Replace(s)
}
