package data

import (
	"bytes"
	"encoding/binary"
	"image/png"
)

func surveyPNG(raw []byte) (survey, error) {
	s, err := surveyed(png.DecodeConfig(bytes.NewReader(raw)))
	s.densest = 8 * 1032 // deflate shrinks to 1/1032 at best, and a byte holds 8 pixels at most
	s.orientation = orientationPNG(raw)
	return s, err
}

// orientationPNG returns the orientation in the eXIf chunk (PNG third edition,
// 11.3.4.6).
func orientationPNG(raw []byte) int {
	for p := raw[8:]; len(p) >= 12; {
		length := uint64(binary.BigEndian.Uint32(p))
		if length+12 > uint64(len(p)) {
			break
		}
		if string(p[4:8]) == "eXIf" {
			return exifOrientation(p[8 : 8+length])
		}
		p = p[length+12:]
	}
	return 1
}

func decodePNG(raw []byte) (*Image, error) {
	m, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	return flatten(m), nil
}
