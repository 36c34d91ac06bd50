package data

import (
	"image"
	"image/color"
)

// An Image is a picture as networks see it: 8-bit RGB in sRGB order, row by
// row from the top left, upright, and without transparency.
//
// It is an [image.Image], so that Go's encoders and drawing take it.
type Image struct {
	W, H   int     // size in pixels, at least 1 x 1
	Pix    []uint8 // R, G, B, R, G, B, ...; 3*W*H values
	Source Source  // what the picture was in its file
}

// Source tells what a picture was before it became RGB.
type Source struct {
	Format      string // "jpeg", "png", "gif", "bmp", "webp", "tiff", "pnm"; empty when made in memory
	Mode        Mode   // the kind of colour its pixels had
	Bits        int    // bits per channel, 8 or 16; fewer than 8 are told as 8
	Orientation int    // the EXIF orientation that was applied, 1 (upright) to 8
	Alpha       bool   // some pixels were transparent, and were laid over white
}

// A Mode is a kind of colour.
type Mode string

// The modes of the pictures that can be read.
const (
	Grey    Mode = "grey"
	RGB     Mode = "rgb"
	Palette Mode = "palette"
	CMYK    Mode = "cmyk"
)

// NewImage returns a black image of w x h pixels. It panics when w or h is
// less than 1; sizes that come from outside go through [Resize], [Crop] or
// [Pad], which return an error.
func NewImage(w, h int) *Image {
	if w < 1 || h < 1 {
		panic("data: NewImage of a size below 1 x 1")
	}
	return &Image{W: w, H: h, Pix: make([]uint8, 3*w*h), Source: Source{Mode: RGB, Bits: 8, Orientation: 1}}
}

// like returns a black image of w x h pixels with the source of m.
func (m *Image) like(w, h int) *Image {
	out := NewImage(w, h)
	out.Source = m.Source
	return out
}

// row returns the pixels of row y.
func (m *Image) row(y int) []uint8 { return m.Pix[3*m.W*y : 3*m.W*(y+1)] }

// Luma returns the picture as W*H grey values, L = 0.299 R + 0.587 G + 0.114 B
// (ITU-R BT.601) in the 16-bit fixed point of the Python Imaging Library's
// convert("L"). A grey picture keeps its values.
func (m *Image) Luma() []uint8 {
	out := make([]uint8, m.W*m.H)
	for i := range out {
		p := m.Pix[3*i : 3*i+3 : 3*i+3]
		out[i] = uint8((19595*uint32(p[0]) + 38470*uint32(p[1]) + 7471*uint32(p[2]) + 1<<15) >> 16)
	}
	return out
}

// Bounds returns the picture's rectangle, which begins at (0, 0).
func (m *Image) Bounds() image.Rectangle { return image.Rect(0, 0, m.W, m.H) }

// ColorModel returns [color.RGBAModel].
func (m *Image) ColorModel() color.Model { return color.RGBAModel }

// At returns the colour at column x, row y; black transparent outside.
func (m *Image) At(x, y int) color.Color {
	if x < 0 || y < 0 || x >= m.W || y >= m.H {
		return color.RGBA{}
	}
	i := 3 * (y*m.W + x)
	return color.RGBA{m.Pix[i], m.Pix[i+1], m.Pix[i+2], 0xff}
}

// Opaque returns true.
func (m *Image) Opaque() bool { return true }
