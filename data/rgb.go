package data

import (
	"image"
	"image/color"
	"slices"
)

// FromImage returns a Go image as RGB, transparent pixels laid over white. It
// must have at least one pixel and be within the limits of a picture.
func FromImage(src image.Image) (*Image, error) {
	b := src.Bounds()
	if err := checkSize(b.Dx(), b.Dy()); err != nil {
		return nil, err
	}
	return flatten(src), nil
}

// flatten returns a decoded picture of at least one pixel as RGB over white.
func flatten(src image.Image) *Image {
	b := src.Bounds()
	m := NewImage(b.Dx(), b.Dy())
	m.Source.Mode, m.Source.Bits = modeOf(src.ColorModel())
	if s, ok := src.(*image.YCbCr); ok && b.Min == (image.Point{}) {
		fromYCbCr(m, s, &jfif)
		return m
	}
	convert := converter(src)
	transparent := make([]bool, m.H)
	inBands(m.H, 8*m.W, func(y0, y1 int) {
		for y := y0; y < y1; y++ {
			transparent[y] = convert(m.row(y), b.Min.Y+y)
		}
	})
	m.Source.Alpha = slices.Contains(transparent, true)
	return m
}

// modeOf returns the mode and the bits per channel of a Go colour model.
func modeOf(model color.Model) (Mode, int) {
	if _, ok := model.(color.Palette); ok {
		return Palette, 8
	}
	switch model {
	case color.GrayModel:
		return Grey, 8
	case color.Gray16Model:
		return Grey, 16
	case color.CMYKModel:
		return CMYK, 8
	case color.RGBA64Model, color.NRGBA64Model:
		return RGB, 16
	}
	return RGB, 8
}

// pixelBytes returns what a pixel of a Go colour model takes.
func pixelBytes(model color.Model) float64 {
	if _, ok := model.(color.Palette); ok {
		return 1
	}
	switch model {
	case color.GrayModel:
		return 1
	case color.Gray16Model:
		return 2
	case color.RGBA64Model, color.NRGBA64Model:
		return 8
	}
	return 4
}

// A rowConverter writes row y of a picture as RGB to dst and reports whether
// any of its pixels is transparent.
type rowConverter func(dst []uint8, y int) (transparent bool)

// converter returns the row converter for a kind of Go image.
func converter(src image.Image) rowConverter {
	x0 := src.Bounds().Min.X
	switch s := src.(type) {
	case *image.Gray:
		return func(dst []uint8, y int) bool { return fromGrey(dst, s.Pix[s.PixOffset(x0, y):], 1) }
	case *image.Gray16:
		return func(dst []uint8, y int) bool { return fromGrey(dst, s.Pix[s.PixOffset(x0, y):], 2) }
	case *image.RGBA:
		return func(dst []uint8, y int) bool { return fromRGBA(dst, s.Pix[s.PixOffset(x0, y):], 4, premultiplied) }
	case *image.RGBA64:
		return func(dst []uint8, y int) bool { return fromRGBA(dst, s.Pix[s.PixOffset(x0, y):], 8, premultiplied) }
	case *image.NRGBA:
		return func(dst []uint8, y int) bool { return fromRGBA(dst, s.Pix[s.PixOffset(x0, y):], 4, overWhite) }
	case *image.NRGBA64:
		return func(dst []uint8, y int) bool { return fromRGBA(dst, s.Pix[s.PixOffset(x0, y):], 8, overWhite) }
	case *image.CMYK:
		return func(dst []uint8, y int) bool { return fromCMYK(dst, s.Pix[s.PixOffset(x0, y):]) }
	case *image.Paletted:
		return fromPaletted(s, x0)
	}
	return func(dst []uint8, y int) bool { return fromAny(dst, src, x0, y) }
}

// fromGrey reads grey values of 1 or 2 bytes, of which the first is kept.
func fromGrey(dst, src []uint8, size int) bool {
	for i := range len(dst) / 3 {
		v := src[i*size]
		dst[3*i], dst[3*i+1], dst[3*i+2] = v, v, v
	}
	return false
}

// fromRGBA reads pixels of 4 or 8 bytes; of a channel the first byte is kept.
func fromRGBA(dst, src []uint8, size int, blend func(c, a uint8) uint8) (transparent bool) {
	step := size / 4
	for i := range len(dst) / 3 {
		d, p := dst[3*i:3*i+3:3*i+3], src[i*size:i*size+size:i*size+size]
		d[0], d[1], d[2] = p[0], p[step], p[2*step]
		if a := p[3*step]; a != 0xff {
			transparent = true
			d[0], d[1], d[2] = blend(d[0], a), blend(d[1], a), blend(d[2], a)
		}
	}
	return transparent
}

// overWhite lays a channel of opacity a over white.
func overWhite(c, a uint8) uint8 {
	return uint8((uint32(c)*uint32(a) + 255*(255-uint32(a)) + 127) / 255)
}

// premultiplied is overWhite for a channel that its opacity was multiplied
// into. A channel above its opacity is not valid, and is cut.
func premultiplied(c, a uint8) uint8 { return min(c, a) + (255 - a) }

// fromCMYK reads pixels of ink, 255 being full. (255-C)*(255-K)/255 without a
// colour profile, rounded as the Python Imaging Library does.
func fromCMYK(dst, src []uint8) bool {
	for i := range len(dst) / 3 {
		p := src[4*i : 4*i+4 : 4*i+4]
		light := 255 - uint32(p[3])
		for c := range 3 {
			ink := uint32(p[c])*light + 128
			dst[3*i+c] = uint8(light - min(light, (ink+ink>>8)>>8))
		}
	}
	return false
}

func fromPaletted(s *image.Paletted, x0 int) rowConverter {
	var table [256][4]uint8
	for i := range table {
		table[i] = [4]uint8{0, 0, 0, 0xff} // an index beyond the palette is black
	}
	for i, c := range s.Palette[:min(len(s.Palette), 256)] {
		n := color.NRGBAModel.Convert(c).(color.NRGBA)
		table[i] = [4]uint8{overWhite(n.R, n.A), overWhite(n.G, n.A), overWhite(n.B, n.A), n.A}
	}
	return func(dst []uint8, y int) (transparent bool) {
		src := s.Pix[s.PixOffset(x0, y):]
		for i := range len(dst) / 3 {
			entry := &table[src[i]]
			copy(dst[3*i:3*i+3], entry[:3])
			transparent = transparent || entry[3] != 0xff
		}
		return transparent
	}
}

func fromAny(dst []uint8, src image.Image, x0, y int) (transparent bool) {
	for i := range len(dst) / 3 {
		n := color.NRGBAModel.Convert(src.At(x0+i, y)).(color.NRGBA)
		dst[3*i], dst[3*i+1], dst[3*i+2] = overWhite(n.R, n.A), overWhite(n.G, n.A), overWhite(n.B, n.A)
		transparent = transparent || n.A != 0xff
	}
	return transparent
}
