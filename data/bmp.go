package data

import (
	"encoding/binary"
	"io"
	"math/bits"
)

// BMP is read here rather than with golang.org/x/image/bmp, which refuses much
// of what Windows, scanners and older programs write: run-length coding, 16
// bits, channel masks, OS/2 headers, and gaps before the pixels. The layout is
// that of Microsoft's BITMAPFILEHEADER and BITMAPV5HEADER.

// Kinds of compression.
const (
	bmpRGB            = 0
	bmpRLE8           = 1
	bmpRLE4           = 2
	bmpBitFields      = 3
	bmpAlphaBitFields = 6
)

const (
	bmpFileHeader = 14
	bmpCoreHeader = 12 // OS/2 1.x: 16-bit sizes, 3 bytes per colour
	bmpOS2Header  = 64 // OS/2 2.x
	bmpInfoHeader = 40 // and longer ones that extend it
)

func isBMP(head []byte) bool {
	if len(head) < bmpFileHeader+4 || string(head[:2]) != "BM" {
		return false
	}
	switch binary.LittleEndian.Uint32(head[bmpFileHeader:]) {
	case bmpCoreHeader, bmpInfoHeader, 52, 56, bmpOS2Header, 108, 124:
		return true
	}
	return false
}

// A bmpHeader is what comes before the pixels.
type bmpHeader struct {
	w, h        int
	topDown     bool
	bpp         int
	compression uint32
	masks       [4]uint32 // red, green, blue, alpha
	palette     [256][3]uint8
	pixels      []byte
}

func parseBMP(raw []byte) (*bmpHeader, error) {
	le := binary.LittleEndian
	if len(raw) < bmpFileHeader+bmpCoreHeader {
		return nil, io.ErrUnexpectedEOF
	}
	size := int(le.Uint32(raw[bmpFileHeader:]))
	if len(raw) < bmpFileHeader+size {
		return nil, io.ErrUnexpectedEOF
	}
	info, rest := raw[bmpFileHeader:][:size], raw[bmpFileHeader+size:]
	h := &bmpHeader{}
	colours, entry := 0, 4
	if size == bmpCoreHeader {
		h.w, h.h, h.bpp, entry = int(le.Uint16(info[4:])), int(le.Uint16(info[6:])), int(le.Uint16(info[10:])), 3
	} else {
		h.w, h.h = int(int32(le.Uint32(info[4:]))), int(int32(le.Uint32(info[8:])))
		h.bpp, h.compression, colours = int(le.Uint16(info[14:])), le.Uint32(info[16:]), int(le.Uint32(info[32:]))
		h.topDown = h.h < 0
		h.h = max(h.h, -h.h)
	}
	if err := h.supported(size); err != nil {
		return nil, err
	}
	rest = h.readMasks(info, rest)
	rest = h.readPalette(rest, colours, entry)
	h.pixels = rest
	if at := uint64(le.Uint32(raw[10:])); at >= uint64(bmpFileHeader+size) {
		h.pixels = raw[min(at, uint64(len(raw))):]
	}
	return h, nil
}

// supported refuses combinations that the format does not have or that hold
// another format.
func (h *bmpHeader) supported(headerSize int) error {
	ok := false
	switch h.compression {
	case bmpRGB:
		ok = bits.OnesCount(uint(h.bpp)) == 1 && h.bpp <= 32 || h.bpp == 24
	case bmpRLE8:
		ok = h.bpp == 8
	case bmpRLE4:
		ok = h.bpp == 4
	case bmpBitFields, bmpAlphaBitFields:
		ok = (h.bpp == 16 || h.bpp == 32) && headerSize != bmpOS2Header
	}
	if !ok {
		return problem("convert it to PNG", "it is a BMP of %d bits per pixel with compression %d, which is not supported", h.bpp, h.compression)
	}
	return nil
}

// readMasks finds where the channels of a 16- or 32-bit pixel lie.
func (h *bmpHeader) readMasks(info, rest []byte) []byte {
	h.masks = [4]uint32{0xff0000, 0xff00, 0xff, 0}
	if h.bpp == 16 {
		h.masks = [4]uint32{0x7c00, 0x3e0, 0x1f, 0}
	}
	if h.compression != bmpBitFields && h.compression != bmpAlphaBitFields {
		return rest
	}
	from := info[bmpInfoHeader:]
	if len(info) == bmpInfoHeader { // the short header is followed by them
		n := 12
		if h.compression == bmpAlphaBitFields {
			n = 16
		}
		n = min(n, len(rest))
		from, rest = rest[:n], rest[n:]
	}
	for i := 0; i < 4 && len(from) >= 4; i, from = i+1, from[4:] {
		h.masks[i] = binary.LittleEndian.Uint32(from)
	}
	return rest
}

// readPalette reads the colours of pictures of up to 8 bits per pixel.
func (h *bmpHeader) readPalette(rest []byte, n, entry int) []byte {
	if h.bpp > 8 {
		return rest
	}
	if n <= 0 || n > 1<<h.bpp {
		n = 1 << h.bpp
	}
	for i := 0; i < n && len(rest) >= entry; i, rest = i+1, rest[entry:] {
		h.palette[i] = [3]uint8{rest[2], rest[1], rest[0]}
	}
	return rest
}

func surveyBMP(raw []byte) (survey, error) {
	h, err := parseBMP(raw)
	if err != nil {
		return survey{}, err
	}
	s := survey{w: h.w, h: h.h, orientation: 1, perPixel: 1}
	if h.compression != bmpRLE8 && h.compression != bmpRLE4 {
		s.densest = 8 / float64(h.bpp)
	}
	return s, nil
}

func decodeBMP(raw []byte) (*Image, error) {
	h, err := parseBMP(raw)
	if err != nil {
		return nil, err
	}
	stride := (h.w*h.bpp + 31) / 32 * 4
	pixels := h.pixels
	if h.compression == bmpRLE8 || h.compression == bmpRLE4 {
		if pixels, err = unpackRLE(h); err != nil {
			return nil, err
		}
		stride, h.bpp = h.w, 8
	}
	// The last row's padding may be missing.
	if len(pixels) < (h.h-1)*stride+(h.w*h.bpp+7)/8 {
		return nil, io.ErrUnexpectedEOF
	}
	return h.image(pixels, stride), nil
}
