package data

import "image"

// Lossy formats store the two colour differences at a fraction of the
// resolution. How they are brought up again is left to the decoder; Go's image
// package repeats them, libjpeg and libwebp interpolate. Networks were trained
// on the latter, so it is done here as those libraries document it.

// A chroma is how a family of files turns luma and colour differences into RGB.
type chroma struct {
	// upsample writes row y of a colour difference at full width to dst. ratio
	// says how many picture pixels a sample of p stands for.
	upsample func(dst []uint8, p plane, ratio ratio, y int)
	convert  func(dst, y, cb, cr []uint8)
}

// A plane is one channel of a picture.
type plane struct {
	pix          []uint8
	stride, w, h int
}

// row returns a row; the rows beyond the border repeat the border's.
func (p plane) row(y int) []uint8 {
	y = min(max(y, 0), p.h-1)
	return p.pix[y*p.stride:][:p.w]
}

// A ratio is the size of the cell of pixels that shares a colour difference.
type ratio struct{ across, down int }

var ratios = map[image.YCbCrSubsampleRatio]ratio{
	image.YCbCrSubsampleRatio444: {1, 1},
	image.YCbCrSubsampleRatio422: {2, 1},
	image.YCbCrSubsampleRatio420: {2, 2},
	image.YCbCrSubsampleRatio440: {1, 2},
	image.YCbCrSubsampleRatio411: {4, 1},
	image.YCbCrSubsampleRatio410: {4, 2},
}

// fromYCbCr fills m from a picture of its size whose rectangle begins at (0, 0).
func fromYCbCr(m *Image, s *image.YCbCr, c *chroma) {
	r := ratios[s.SubsampleRatio]
	w, h := (m.W+r.across-1)/r.across, (m.H+r.down-1)/r.down
	luma := plane{s.Y, s.YStride, m.W, m.H}
	blue := plane{s.Cb, s.CStride, w, h}
	red := plane{s.Cr, s.CStride, w, h}
	inBands(m.H, 8*m.W, func(y0, y1 int) {
		cb, cr := make([]uint8, m.W+4), make([]uint8, m.W+4)
		for y := y0; y < y1; y++ {
			c.upsample(cb, blue, r, y)
			c.upsample(cr, red, r, y)
			c.convert(m.row(y), luma.row(y), cb, cr)
		}
	})
}

// jfif is the chroma of JPEG: full range, ITU-R BT.601 (JFIF 1.02, page 3).
var jfif = chroma{upsampleJPEG, convertJFIF}

// upsampleJPEG is libjpeg's "fancy upsampling" (jdsample.c): a triangle of
// weights 3/4 and 1/4 in each halved direction, its rounding alternating so as
// not to drift. Planes at most two samples wide and quartered ones are repeated.
// dst has room for a multiple of the ratio.
func upsampleJPEG(dst []uint8, p plane, r ratio, y int) {
	cy := y / r.down
	near, far := p.row(cy), p.row(cy-1+2*(y%r.down))
	switch {
	case r == ratio{1, 1}:
		copy(dst, near)
	case r == ratio{1, 2}:
		mixRows(dst, near, far, 1+y%2)
	case r == ratio{2, 1} && p.w > 2:
		widen(dst, near)
	case r == ratio{2, 2} && p.w > 2:
		widenMixed(dst, near, far)
	default:
		repeat(dst, near, r.across)
	}
}

func repeat(dst, src []uint8, times int) {
	for i := range min(len(dst), len(src)*times) {
		dst[i] = src[i/times]
	}
}

func mixRows(dst, near, far []uint8, bias int) {
	for i := range near {
		dst[i] = uint8((3*int(near[i]) + int(far[i]) + bias) >> 2)
	}
}

// widen doubles a row.
func widen(dst, src []uint8) {
	last := len(src) - 1
	dst[0], dst[2*last+1] = src[0], src[last]
	for i := range last {
		a, b := int(src[i]), int(src[i+1])
		dst[2*i+1] = uint8((3*a + b + 2) >> 2)
		dst[2*i+2] = uint8((3*b + a + 1) >> 2)
	}
}

// widenMixed doubles the row that lies a quarter from near towards far.
func widenMixed(dst, near, far []uint8) {
	last := len(near) - 1
	sum := func(i int) int { return 3*int(near[i]) + int(far[i]) }
	a := sum(0)
	dst[0] = uint8((4*a + 8) >> 4)
	for i := range last {
		b := sum(i + 1)
		dst[2*i+1] = uint8((3*a + b + 7) >> 4)
		dst[2*i+2] = uint8((3*b + a + 8) >> 4)
		a = b
	}
	dst[2*last+1] = uint8((4*a + 7) >> 4)
}

// convertJFIF computes R = Y + 1.402 Cr, G = Y - 0.34414 Cb - 0.71414 Cr,
// B = Y + 1.772 Cb in 16-bit fixed point, rounded to nearest.
func convertJFIF(dst, ys, cbs, crs []uint8) {
	cbs, crs = cbs[:len(ys)], crs[:len(ys)]
	for i, y := range ys {
		d := dst[3*i : 3*i+3 : 3*i+3]
		l, cb, cr := int32(y), int32(cbs[i])-128, int32(crs[i])-128
		d[0] = clamp8(l + (91881*cr+1<<15)>>16)
		d[1] = clamp8(l + (-22554*cb-46802*cr+1<<15)>>16)
		d[2] = clamp8(l + (116130*cb+1<<15)>>16)
	}
}

func clamp8(v int32) uint8 { return uint8(min(max(v, 0), 255)) }
