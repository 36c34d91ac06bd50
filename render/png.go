package render

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"io"
	"math"

	"git.sr.ht/~sbinet/gg"
	"golang.org/x/image/draw"
	"golang.org/x/image/vector"

	"github.com/tomo-viz/tomo/figure"
)

const (
	defaultScale = 2        // pixels per point: 144 dpi, sharp on paper and screens
	longestSide  = 16384    // pixels; what viewers and browsers still open
	mostPixels   = 40 << 20 // 160 MB while drawing
	stripHeight  = 26       // pixels, of the note under a picture that had to shrink
)

// pngCanvas draws on pixels.
type pngCanvas struct {
	dc    *gg.Context
	img   *image.RGBA
	scale float64
	theme Theme
	pen   vector.Rasterizer
	// The photograph drawn last, as it was drawn: every map lies on one.
	photo  *image.NRGBA
	scaled *image.RGBA
}

func writePNG(w io.Writer, fig figure.Figure, opt Options) error {
	d := layOut(fig)
	width, height := d.size()
	wanted := opt.Scale
	if wanted == 0 {
		wanted = defaultScale
	}
	scale := boundScale(width, height, wanted)
	img := image.NewRGBA(image.Rect(0, 0, pixels(width*scale), pixels(height*scale)+shrunkStrip(scale, wanted)))
	c := &pngCanvas{dc: gg.NewContextForRGBA(img), img: img, scale: scale, theme: opt.Theme}
	draw.Draw(img, img.Rect, c.uniform(paper), image.Point{}, draw.Src)
	d.draw(c)
	if scale < wanted {
		c.noteShrunk(wanted)
	}
	// All pixels are opaque, so premultiplied or not makes no difference.
	return encodePNG(w, &image.NRGBA{Pix: img.Pix, Stride: img.Stride, Rect: img.Rect}, pngText(fig.Caption(), scale))
}

// boundScale lowers a scale so far that a picture is of a size that can be
// opened.
func boundScale(w, h, scale float64) float64 {
	scale = min(scale, longestSide/max(w, 1), longestSide/max(h, 1))
	return min(scale, math.Sqrt(mostPixels/max(w*h, 1)))
}

func pixels(v float64) int { return max(1, int(math.Ceil(v-1e-6))) }

func shrunkStrip(scale, wanted float64) int {
	if scale < wanted {
		return stripHeight
	}
	return 0
}

// noteShrunk says below the picture, at a readable size, that it is not at the
// scale asked for.
func (c *pngCanvas) noteShrunk(wanted float64) {
	note := fmt.Sprintf("Shrunk to %.0f %% to stay a size that can be opened. Written as SVG, PDF or HTML, it keeps every detail.", 100*c.scale/wanted)
	h := float64(c.img.Rect.Dy())
	c.scale = 1
	f := lettering{size: 13, ink: soft}
	c.text(8, h-9, f.fit(note, float64(c.img.Rect.Dx())-16), f)
}

func (c *pngCanvas) rect(r figure.Box, radius float64, p paint) {
	s := c.scale
	x, y, w, h := c.at(r.X), c.at(r.Y), c.at(r.X+r.W)-c.at(r.X), c.at(r.Y+r.H)-c.at(r.Y)
	if radius > 0 {
		c.dc.DrawRoundedRectangle(x, y, w, h, min(radius*s, w/2, h/2))
	} else {
		c.dc.DrawRectangle(x, y, w, h)
	}
	c.finish(p)
}

func (c *pngCanvas) path(p *path, a paint) {
	for _, part := range p.parts {
		var at [6]float64
		for i := range at {
			at[i] = c.at(part.at[i])
		}
		switch part.op {
		case 'M':
			c.dc.MoveTo(at[0], at[1])
		case 'L':
			c.dc.LineTo(at[0], at[1])
		case 'C':
			c.dc.CubicTo(at[0], at[1], at[2], at[3], at[4], at[5])
		case 'Z':
			c.dc.ClosePath()
		}
	}
	c.finish(a)
}

// finish fills and outlines the path begun in the context.
func (c *pngCanvas) finish(p paint) {
	if p.fill != none {
		c.dc.SetColor(c.paintColor(p.fill, p.opacity))
		c.dc.FillPreserve()
	}
	if p.line != none {
		c.dc.SetColor(c.paintColor(p.line, p.opacity))
		c.dc.SetLineWidth(max(p.width*c.scale, 0.6))
		c.dc.SetDash()
		if p.dashed {
			c.dc.SetDash(4*c.scale, 3*c.scale)
		}
		c.dc.StrokePreserve()
	}
	c.dc.ClearPath()
}

// at converts a coordinate to pixels. Those far outside are brought near, as
// the rasterizer's numbers have few bits.
func (c *pngCanvas) at(v float64) float64 {
	return max(-longestSide, min(2*longestSide, v*c.scale))
}

func (c *pngCanvas) text(x, y float64, s string, f lettering) {
	size := f.size * c.scale
	if size < 1.5 {
		return // no pixel would tell of it
	}
	width := f.width(s)
	switch f.align {
	case center:
		x -= width / 2
	case right:
		x -= width
	}
	x, y = x*c.scale, y*c.scale
	area := image.Rect(
		int(x-size/2), int(y-1.3*size), int(x+width*c.scale+size/2)+1, int(y+0.5*size)+1,
	).Intersect(c.img.Rect)
	if area.Empty() {
		return
	}
	c.pen.Reset(area.Dx(), area.Dy())
	x, y = x-float64(area.Min.X), y-float64(area.Min.Y)
	face := f.face()
	for _, r := range s {
		g := face.glyph(r)
		c.trace(&g.path, x, y, size)
		x += g.advance * size
	}
	c.pen.Draw(c.img, area, c.uniform(f.ink), image.Point{})
}

// trace adds a glyph's outline to the pen.
func (c *pngCanvas) trace(p *path, x, y, size float64) {
	for _, part := range p.parts {
		var at [6]float32
		for i := 0; i < 6; i += 2 {
			at[i] = float32(x + part.at[i]*size)
			at[i+1] = float32(y + part.at[i+1]*size)
		}
		switch part.op {
		case 'M':
			c.pen.MoveTo(at[0], at[1])
		case 'L':
			c.pen.LineTo(at[0], at[1])
		case 'C':
			c.pen.CubeTo(at[0], at[1], at[2], at[3], at[4], at[5])
		case 'Z':
			c.pen.ClosePath()
		}
	}
}

func (c *pngCanvas) image(r figure.Box, img *image.NRGBA) {
	area := image.Rect(
		int(math.Round(r.X*c.scale)), int(math.Round(r.Y*c.scale)),
		int(math.Round((r.X+r.W)*c.scale)), int(math.Round((r.Y+r.H)*c.scale)))
	if !img.Opaque() {
		draw.BiLinear.Scale(c.img, area, img, img.Rect, draw.Over, nil)
		return
	}
	if c.photo != img || c.scaled.Rect.Size() != area.Size() {
		c.photo, c.scaled = img, image.NewRGBA(image.Rectangle{Max: area.Size()})
		draw.BiLinear.Scale(c.scaled, c.scaled.Rect, img, img.Rect, draw.Src, nil)
	}
	draw.Draw(c.img, area, c.scaled, image.Point{}, draw.Src)
}

func (c *pngCanvas) begin(group) {}
func (c *pngCanvas) end()        {}

func (c *pngCanvas) color(k ink) color.RGBA { return parseColor(k.in(c.theme)) }

func (c *pngCanvas) paintColor(k ink, opacity float64) color.Color {
	rgb := c.color(k)
	if opacity > 0 {
		return color.NRGBA{rgb.R, rgb.G, rgb.B, uint8(255*opacity + 0.5)}
	}
	return rgb
}

func (c *pngCanvas) uniform(k ink) *image.Uniform { return image.NewUniform(c.color(k)) }

// parseColor reads #rrggbb.
func parseColor(hex string) color.RGBA {
	var n uint32
	for _, d := range []byte(hex[1:]) {
		n <<= 4
		if d >= 'a' {
			n += uint32(d-'a') + 10
		} else {
			n += uint32(d - '0')
		}
	}
	return color.RGBA{uint8(n >> 16), uint8(n >> 8), uint8(n), 255}
}

// pngText returns the chunks that say what the picture is, in words, and how
// large a pixel is.
func pngText(about *figure.About, scale float64) []pngChunk {
	perMetre := uint32(math.Round(scale * 72 / 0.0254))
	phys := binary.BigEndian.AppendUint32(nil, perMetre)
	phys = append(binary.BigEndian.AppendUint32(phys, perMetre), 1)
	chunks := []pngChunk{{"pHYs", phys}}
	for _, field := range [][2]string{
		{"Title", clean(about.Title)},
		{"Description", describe(about)},
		{"Software", software},
	} {
		var b bytes.Buffer
		b.WriteString(field[0] + "\x00\x00\x00\x00\x00")
		b.WriteString(field[1])
		chunks = append(chunks, pngChunk{"iTXt", b.Bytes()})
	}
	return chunks
}
