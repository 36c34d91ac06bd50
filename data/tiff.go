package data

import (
	"bytes"
	"image"

	"golang.org/x/image/tiff"
)

func isTIFF(head []byte) bool {
	return bytes.HasPrefix(head, []byte("II*\x00")) || bytes.HasPrefix(head, []byte("MM\x00*"))
}

func surveyTIFF(raw []byte) (survey, error) {
	d := parseDirectory(raw)
	if d.first(tagSamplesPerPixel, 1) > 1 && d.first(tagPlanar, 1) == 2 {
		return survey{}, problem("convert it to PNG", "it is a TIFF with its channels in separate planes, which is not supported")
	}
	if err := d.checkBlocks(); err != nil {
		return survey{}, err
	}
	s, err := surveyed(tiff.DecodeConfig(bytes.NewReader(raw)))
	s.orientation = d.orientation()
	return s, err
}

// checkBlocks refuses a file whose strips or tiles claim, together, much more
// than it holds: each would be decompressed from the same bytes again.
func (d directory) checkBlocks() error {
	var claimed uint64
	for _, tag := range []uint16{tagStripCounts, tagTileCounts} {
		d.values(tag, func(v uint32) { claimed += uint64(v) })
	}
	const slack = 1 << 20
	if claimed > 4*uint64(len(d.raw))+slack {
		return problem("get a complete copy", "the tiff claims %d bytes of pixel data but has only %d in all", claimed, len(d.raw))
	}
	return nil
}

func decodeTIFF(raw []byte) (*Image, error) {
	m, err := tiff.Decode(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	if grey, ok := m.(*image.Gray); ok && parseDirectory(raw).reversedFax() {
		for i, v := range grey.Pix {
			grey.Pix[i] = 255 - v
		}
	}
	return flatten(m), nil
}

// reversedFax reports whether the picture is fax-coded and says that zero is
// black. A white run is zeros, so that such a picture is shown reversed (TIFF
// 6.0, section 4, PhotometricInterpretation); libtiff does so, the decoder
// here does not.
func (d directory) reversedFax() bool {
	const group3, group4, blackIsZero = 3, 4, 1
	c := d.first(tagCompression, 0)
	return (c == group3 || c == group4) && d.first(tagPhotometric, 0) == blackIsZero
}
