package data

import (
	"bytes"
	"encoding/binary"
	"image/jpeg"
	"io"
)

// Markers of JPEG (ITU-T T.81, table B.1).
const (
	markerSOF0  = 0xc0 // frame headers: 0 baseline, 1 extended, 2 progressive,
	markerSOF15 = 0xcf // of which 4, 8 and 12 are other things
	markerDHT   = 0xc4
	markerJPG   = 0xc8
	markerDAC   = 0xcc
	markerRST0  = 0xd0
	markerSOI   = 0xd8
	markerEOI   = 0xd9
	markerSOS   = 0xda
	markerAPP1  = 0xe1
	markerAPP14 = 0xee
)

// A jpegHeader is what the segments of a JPEG say.
type jpegHeader struct {
	frame       byte // marker of the frame header; 0 when there is none
	precision   int  // bits per sample
	components  int
	samples     float64 // per pixel, over all components
	orientation int
	adobe       bool // has the segment that tells inverted CMYK
	scans       int
	whole       bool // the end mark is there
}

// parseJPEG walks the segments up to the end of the picture.
func parseJPEG(raw []byte) jpegHeader {
	h := jpegHeader{orientation: 1}
	for p := raw[2:]; len(p) >= 4; {
		marker := p[1]
		switch {
		case p[0] != 0xff, marker == 0xff, marker == 0:
			p = p[1:] // stray or fill bytes
			continue
		case marker == markerEOI:
			h.whole = true
			return h
		case marker >= markerRST0 && marker <= markerSOI:
			p = p[2:]
			continue
		}
		length := int(binary.BigEndian.Uint16(p[2:]))
		if length < 2 || 2+length > len(p) {
			return h
		}
		h.segment(marker, p[4:2+length])
		p = p[2+length:]
		if marker == markerSOS {
			p = afterScan(p)
		}
	}
	return h
}

func (h *jpegHeader) segment(marker byte, body []byte) {
	switch {
	case marker == markerSOS:
		h.scans++
	case marker == markerAPP1 && bytes.HasPrefix(body, []byte("Exif\x00")) && h.orientation == 1:
		h.orientation = exifOrientation(body)
	case marker == markerAPP14 && len(body) >= 12 && bytes.HasPrefix(body, []byte("Adobe")):
		h.adobe = true
	case isFrame(marker) && len(body) >= 6 && h.frame == 0:
		h.frame, h.precision, h.components = marker, int(body[0]), int(body[5])
		h.samples = samplesPerPixel(body[6:])
	}
}

// samplesPerPixel adds the sampling factors of the components, three bytes
// each, in relation to the largest: 3 for 4:4:4, 1.5 for 4:2:0.
func samplesPerPixel(components []byte) float64 {
	sum, across, down := 0, 1, 1
	for ; len(components) >= 3; components = components[3:] {
		h, v := int(components[1]>>4), int(components[1]&15)
		sum, across, down = sum+h*v, max(across, h), max(down, v)
	}
	return max(1, float64(sum)/float64(across*down))
}

func isFrame(marker byte) bool {
	return marker >= markerSOF0 && marker <= markerSOF15 && marker != markerDHT && marker != markerJPG && marker != markerDAC
}

// afterScan skips coded data: up to a marker other than a restart.
func afterScan(p []byte) []byte {
	for {
		i := bytes.IndexByte(p, 0xff)
		if i < 0 || i+1 >= len(p) {
			return nil
		}
		if next := p[i+1]; next != 0 && (next < markerRST0 || next >= markerSOI) {
			return p[i:]
		}
		p = p[i+2:]
	}
}

// unsupported says which kind of JPEG the decoder does not read, if it is one.
func (h jpegHeader) unsupported() error {
	const advice = "convert it to a baseline 8-bit JPEG or to PNG"
	switch {
	case h.frame == 0:
		return nil // the decoder tells what is damaged
	case h.frame > markerSOF0+8:
		return problem(advice, "it is a JPEG with arithmetic coding, which is not supported")
	case h.frame > markerSOF0+2:
		return problem(advice, "it is a lossless or hierarchical JPEG, which is not supported")
	case h.precision != 8:
		return problem(advice, "it is a JPEG of %d bits per sample, of which only 8 are supported", h.precision)
	}
	return nil
}

func surveyJPEG(raw []byte) (survey, error) {
	h := parseJPEG(raw)
	if err := h.unsupported(); err != nil {
		return survey{}, err
	}
	s, err := surveyed(jpeg.DecodeConfig(bytes.NewReader(raw)))
	if err != nil {
		return s, err
	}
	s.orientation = h.orientation
	s.perPixel = h.samples
	if h.components == 4 {
		s.perPixel += 4 // they are put together as CMYK
	}
	if h.frame == markerSOF0+2 {
		s.perPixel += 4 * h.samples // all coefficients are kept, 4 bytes each
	}
	s.densest = 64 * 8 // a block of 64 pixels takes at least one bit
	return s, h.checkScans(s)
}

// checkScans refuses a file that would be decoded over and over: a scan of a
// few bytes can pass over the whole picture. Encoders write about ten.
func (h jpegHeader) checkScans(s survey) error {
	const enough, tooMuchWork = 64, 4e9
	if h.scans > enough && float64(h.scans)*float64(s.w)*float64(s.h) > tooMuchWork {
		return problem("get an undamaged copy", "it has %d scans of %d x %d pixels, which no encoder writes", h.scans, s.w, s.h)
	}
	return nil
}

// adobeCMYK is an Adobe segment that says: no colour transform.
var adobeCMYK = []byte{0xff, markerAPP14, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, 0}

// decodeJPEG decodes with Go's decoder, which wants four-channel pictures to
// say what they are. Those that do not are taken as inverted CMYK, as the
// Python Imaging Library does.
func decodeJPEG(raw []byte) (*Image, error) {
	h := parseJPEG(raw)
	if h.components == 4 && !h.adobe {
		marked := append([]byte(nil), raw[:2]...)
		raw = append(append(marked, adobeCMYK...), raw[2:]...)
	}
	m, err := jpeg.Decode(bytes.NewReader(raw))
	if err != nil && !h.whole {
		return nil, io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, err
	}
	return flatten(m), nil
}
