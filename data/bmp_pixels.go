package data

import (
	"encoding/binary"
	"io"
	"math/bits"
)

// image returns the picture in rows of stride bytes, of which the last may be
// shorter.
func (h *bmpHeader) image(pixels []byte, stride int) *Image {
	m := NewImage(h.w, h.h)
	if h.bpp <= 8 {
		m.Source.Mode = Palette
	}
	convert := h.converter(pixels)
	for y := range h.h {
		at := h.h - 1 - y
		if h.topDown {
			at = y
		}
		if convert(m.row(y), pixels[at*stride:]) {
			m.Source.Alpha = true
		}
	}
	return m
}

// converter returns what turns a row of the file into RGB and reports whether
// it has transparent pixels.
func (h *bmpHeader) converter(pixels []byte) func(dst, src []byte) bool {
	switch {
	case h.bpp <= 8:
		return h.indexed
	case h.bpp == 24:
		return func(dst, src []byte) bool {
			for i := 0; i < len(dst); i += 3 {
				dst[i], dst[i+1], dst[i+2] = src[i+2], src[i+1], src[i]
			}
			return false
		}
	}
	return h.masked(pixels)
}

// indexed reads palette indices, several to a byte, the leftmost highest.
func (h *bmpHeader) indexed(dst, src []byte) bool {
	perByte, mask := 8/h.bpp, byte(1<<h.bpp-1)
	for i := range len(dst) / 3 {
		shift := (perByte - 1 - i%perByte) * h.bpp
		copy(dst[3*i:3*i+3], h.palette[src[i/perByte]>>shift&mask][:])
	}
	return false
}

// masked reads pixels of 2 or 4 bytes whose channels lie where masks say. An
// alpha channel that is zero everywhere was not written on purpose.
func (h *bmpHeader) masked(pixels []byte) func(dst, src []byte) bool {
	size := h.bpp / 8
	read := func(p []byte) uint32 { return binary.LittleEndian.Uint32(p) }
	if size == 2 {
		read = func(p []byte) uint32 { return uint32(binary.LittleEndian.Uint16(p)) }
	}
	var channels [4]func(uint32) uint8
	for i, mask := range h.masks {
		channels[i] = channel(mask)
	}
	if !anySet(pixels, size, h.masks[3], read) {
		channels[3] = func(uint32) uint8 { return 255 }
	}
	return func(dst, src []byte) (transparent bool) {
		for i := range len(dst) / 3 {
			v := read(src[i*size:])
			a := channels[3](v)
			transparent = transparent || a < 255
			for c := range 3 {
				dst[3*i+c] = overWhite(channels[c](v), a)
			}
		}
		return transparent
	}
}

// channel returns what takes the bits of a mask out of a pixel and scales them
// to 8 bits.
func channel(mask uint32) func(uint32) uint8 {
	if mask == 0 {
		return func(uint32) uint8 { return 0 }
	}
	shift := bits.TrailingZeros32(mask)
	top := uint64(mask >> shift)
	return func(v uint32) uint8 { return uint8(uint64(v&mask>>shift) * 255 / top) }
}

func anySet(pixels []byte, size int, mask uint32, read func([]byte) uint32) bool {
	for ; mask != 0 && len(pixels) >= size; pixels = pixels[size:] {
		if read(pixels)&mask != 0 {
			return true
		}
	}
	return false
}

// unpackRLE returns one palette index per byte, w*h of them, from run-length
// coded data: a count and a value; or zero and an escape, which ends the row
// (0), ends the picture (1), skips right and on (2), or tells how many plain
// values follow. What is skipped is 0. The end mark may be missing, the last
// pixel not.
func unpackRLE(h *bmpHeader) ([]byte, error) {
	out := make([]byte, h.w*h.h)
	x, y := 0, 0
	put := func(v byte) {
		if x < h.w && y < h.h {
			out[y*h.w+x] = v
		}
		x++
	}
	for p := h.pixels; len(p) >= 2; {
		count, value := int(p[0]), p[1]
		p = p[2:]
		switch {
		case count > 0:
			for i := range count {
				put(h.runValue(value, i))
			}
		case value == 0:
			x, y = 0, y+1
		case value == 1:
			return out, nil
		case value == 2 && len(p) >= 2:
			x, y, p = x+int(p[0]), y+int(p[1]), p[2:]
		case value > 2:
			p = h.plainValues(p, int(value), put)
		}
	}
	if y < h.h-1 || y == h.h-1 && x < h.w {
		return nil, io.ErrUnexpectedEOF
	}
	return out, nil
}

// runValue returns value i of a run: 4-bit runs alternate between two.
func (h *bmpHeader) runValue(value byte, i int) byte {
	if h.compression == bmpRLE8 {
		return value
	}
	return value >> (4 * (1 - i%2)) & 15
}

// plainValues puts n values and returns what follows them; they fill an even
// number of bytes.
func (h *bmpHeader) plainValues(p []byte, n int, put func(byte)) []byte {
	perByte := 1
	if h.compression == bmpRLE4 {
		perByte = 2
	}
	for i := range min(n, len(p)*perByte) {
		put(h.runValue(p[i/perByte], i))
	}
	length := (n + perByte - 1) / perByte
	return p[min(length+length%2, len(p)):]
}
