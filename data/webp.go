package data

import (
	"bytes"
	"encoding/binary"
	"image"

	"golang.org/x/image/webp"
)

func isWebP(head []byte) bool {
	return len(head) >= 12 && string(head[:4]) == "RIFF" && string(head[8:12]) == "WEBP"
}

// A webpFile is what the chunks of a WebP file say (RFC 9649, section 2).
type webpFile struct {
	still       []byte      // a WebP file of one picture: the first frame
	at          image.Point // where that frame lies
	w, h        int         // the canvas of an animation; 0 when it is none
	orientation int
}

// parseWebP walks the chunks. Go's decoder knows no animation, so the first
// frame of one is put into a file of its own.
func parseWebP(raw []byte) webpFile {
	f := webpFile{still: raw, orientation: 1}
	frames := 0
	eachChunk(raw[12:], func(id string, body []byte) {
		switch {
		case id == "VP8X" && len(body) >= 10 && body[0]&webpAnimation != 0:
			f.w, f.h = 1+uint24(body[4:]), 1+uint24(body[7:])
		case id == "ANMF" && len(body) >= 16:
			if frames++; frames == 1 {
				f.at = image.Pt(2*uint24(body), 2*uint24(body[3:]))
				f.still = stillWebP(body[6:12], body[16:])
			}
		case id == "EXIF":
			f.orientation = exifOrientation(body)
		}
	})
	return f
}

// Flags of the VP8X chunk.
const (
	webpAnimation = 1 << 1
	webpAlpha     = 1 << 4
)

func uint24(p []byte) int { return int(p[0]) | int(p[1])<<8 | int(p[2])<<16 }

// eachChunk calls yield for each whole chunk.
func eachChunk(p []byte, yield func(id string, body []byte)) {
	for len(p) >= 8 {
		length := uint64(binary.LittleEndian.Uint32(p[4:]))
		if 8+length > uint64(len(p)) {
			return
		}
		yield(string(p[:4]), p[8:8+length])
		p = p[min(8+length+length%2, uint64(len(p))):]
	}
}

// stillWebP returns a file of the chunks of one frame, whose size less one is
// given as two 24-bit numbers.
func stillWebP(size, chunks []byte) []byte {
	var body []byte
	eachChunk(chunks, func(id string, data []byte) {
		if id == "ALPH" {
			body = appendChunk(body, "VP8X", append([]byte{webpAlpha, 0, 0, 0}, size...))
		}
		if id == "ALPH" || id == "VP8 " || id == "VP8L" {
			body = appendChunk(body, id, data)
		}
	})
	return appendChunk(nil, "RIFF", append([]byte("WEBP"), body...))
}

func appendChunk(to []byte, id string, data []byte) []byte {
	to = binary.LittleEndian.AppendUint32(append(to, id...), uint32(len(data)))
	to = append(to, data...)
	return append(to, make([]byte, len(data)%2)...)
}

func surveyWebP(raw []byte) (survey, error) {
	f := parseWebP(raw)
	s, err := surveyed(webp.DecodeConfig(bytes.NewReader(f.still)))
	s.perPixel = 10 // planes, RGB, and both with alpha
	if err == nil && f.w > 0 {
		if f.at.X+s.w > f.w || f.at.Y+s.h > f.h {
			return s, problem("get an undamaged copy", "the first frame of the webp reaches beyond its canvas of %d x %d pixels", f.w, f.h)
		}
		s.w, s.h, s.perPixel = f.w, f.h, 14
	}
	s.orientation = f.orientation
	return s, err
}

func decodeWebP(raw []byte) (*Image, error) {
	f := parseWebP(raw)
	src, err := webp.Decode(bytes.NewReader(f.still))
	if err != nil {
		return nil, err
	}
	src = withWebPColours(src)
	if f.w > 0 {
		src = placed(src, f.at, f.w, f.h)
	}
	return flatten(src), nil
}
