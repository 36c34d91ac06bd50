package data

import "image"

// vp8 is the chroma of lossy WebP: ITU-R BT.601 of limited range (RFC 6386,
// 9.2), where Go's image package assumes JPEG's full range.
var vp8 = chroma{upsampleVP8, convertVP8}

// withWebPColours returns a decoded lossy picture as RGB, and a lossless one,
// which is RGB, as it is.
func withWebPColours(src image.Image) image.Image {
	switch s := src.(type) {
	case *image.YCbCr:
		return withAlpha(s, nil, 0)
	case *image.NYCbCrA:
		return withAlpha(&s.YCbCr, s.A, s.AStride)
	}
	return src
}

// withAlpha returns a picture with its colours converted and an optional alpha
// channel put beside them.
func withAlpha(s *image.YCbCr, alpha []uint8, stride int) *image.NRGBA {
	b := s.Bounds()
	rgb := NewImage(b.Dx(), b.Dy())
	fromYCbCr(rgb, s, &vp8)
	out := image.NewNRGBA(image.Rect(0, 0, rgb.W, rgb.H))
	for y := range rgb.H {
		src, dst := rgb.row(y), out.Pix[y*out.Stride:]
		for x := range rgb.W {
			copy(dst[4*x:4*x+3], src[3*x:3*x+3])
			dst[4*x+3] = 0xff
			if alpha != nil {
				dst[4*x+3] = alpha[y*stride+x]
			}
		}
	}
	return out
}

// upsampleVP8 doubles a colour difference in both directions, with weights 9,
// 3, 3 and 1 sixteenths, in the steps and roundings that libwebp takes.
func upsampleVP8(dst []uint8, p plane, _ ratio, y int) {
	near, far := p.row(y/2), p.row(y/2-1+2*(y%2))
	last := len(near) - 1
	dst[0] = twoTaps(near[0], far[0])
	for i := range last {
		n0, n1, f0, f1 := int(near[i]), int(near[i+1]), int(far[i]), int(far[i+1])
		sum := n0 + n1 + f0 + f1 + 8
		dst[2*i+1] = uint8(((sum+2*(n1+f0))>>3 + n0) >> 1)
		dst[2*i+2] = uint8(((sum+2*(n0+f1))>>3 + n1) >> 1)
	}
	dst[2*last+1] = twoTaps(near[last], far[last])
}

func twoTaps(near, far uint8) uint8 { return uint8((3*int(near) + int(far) + 2) >> 2) }

// convertVP8 computes 1.164 (Y-16) + 1.596 (Cr-128) and so on in libwebp's
// fixed point: 14 bits of fraction, of which 8 are dropped early.
func convertVP8(dst, ys, cbs, crs []uint8) {
	cbs, crs = cbs[:len(ys)], crs[:len(ys)]
	for i, y := range ys {
		d := dst[3*i : 3*i+3 : 3*i+3]
		l, cb, cr := 19077*int32(y)>>8, int32(cbs[i]), int32(crs[i])
		d[0] = clamp8((l + 26149*cr>>8 - 14234) >> 6)
		d[1] = clamp8((l - 6419*cb>>8 - 13320*cr>>8 + 8708) >> 6)
		d[2] = clamp8((l + 33050*cb>>8 - 17685) >> 6)
	}
}
