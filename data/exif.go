package data

import (
	"bytes"
	"encoding/binary"
)

// Tags of TIFF 6.0 directories, which EXIF uses too.
const (
	tagCompression     = 259
	tagPhotometric     = 262
	tagOrientation     = 274
	tagSamplesPerPixel = 277
	tagStripCounts     = 279
	tagPlanar          = 284
	tagTileCounts      = 325
)

// A directory is the first image file directory of a TIFF structure.
type directory struct {
	raw     []byte // the whole structure; offsets count from its beginning
	order   binary.ByteOrder
	entries []byte // 12 bytes each: tag, type, count, value or offset
}

// parseDirectory reads the first directory; damaged structures have fewer
// entries or none.
func parseDirectory(raw []byte) directory {
	d := directory{raw: raw, order: binary.LittleEndian}
	if len(raw) < 8 {
		return d
	}
	if raw[0] == 'M' {
		d.order = binary.BigEndian
	}
	offset := uint64(d.order.Uint32(raw[4:]))
	if offset+2 > uint64(len(raw)) {
		return d
	}
	n := uint64(d.order.Uint16(raw[offset:]))
	first := offset + 2
	d.entries = raw[first:min(first+12*n, uint64(len(raw)))]
	return d
}

// values calls yield for each value of a tag of type BYTE, SHORT or LONG.
func (d directory) values(tag uint16, yield func(uint32)) {
	for e := d.entries; len(e) >= 12; e = e[12:] {
		if d.order.Uint16(e) == tag {
			d.unpack(e, yield)
			return
		}
	}
}

// unpack yields the values of one entry. Values that do not fit in its four
// bytes lie at an offset.
func (d directory) unpack(entry []byte, yield func(uint32)) {
	size := map[uint16]uint64{1: 1, 3: 2, 4: 4}[d.order.Uint16(entry[2:])]
	bytes := size * uint64(d.order.Uint32(entry[4:]))
	at := entry[8:12]
	if bytes > 4 {
		at = d.raw[min(uint64(d.order.Uint32(at)), uint64(len(d.raw))):]
	}
	at = at[:min(bytes, uint64(len(at)))]
	for size > 0 && uint64(len(at)) >= size {
		switch size {
		case 1:
			yield(uint32(at[0]))
		case 2:
			yield(uint32(d.order.Uint16(at)))
		case 4:
			yield(d.order.Uint32(at))
		}
		at = at[size:]
	}
}

// first returns the first value of a tag, or otherwise when it has none.
func (d directory) first(tag uint16, otherwise uint32) uint32 {
	found := false
	d.values(tag, func(v uint32) {
		if !found {
			otherwise, found = v, true
		}
	})
	return otherwise
}

// orientation returns how the picture was held (EXIF 2.32, 4.6.4): 1 when the
// structure does not say or says something else than 1 to 8.
func (d directory) orientation() int {
	if o := d.first(tagOrientation, 1); o >= 1 && o <= 8 {
		return int(o)
	}
	return 1
}

// exifOrientation returns the orientation in an EXIF block, with or without
// the "Exif" that JPEG puts before it.
func exifOrientation(block []byte) int {
	block = bytes.TrimPrefix(block, []byte("Exif\x00\x00"))
	if !isTIFF(block) {
		return 1
	}
	return parseDirectory(block).orientation()
}
