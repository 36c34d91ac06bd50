package data

import (
	"bytes"
	"io"
)

// PNM is the portable maps of Netpbm: a magic of P1 to P6, the size and the
// greatest value as text, and then the values, as text (P1 to P3) or as bytes,
// of bits, grey or RGB.

func isPNM(head []byte) bool {
	return len(head) > 2 && head[0] == 'P' && head[1] >= '1' && head[1] <= '6' && (isSpace(head[2]) || head[2] == '#')
}

func isSpace(c byte) bool { return bytes.IndexByte([]byte(" \t\n\v\f\r"), c) >= 0 }

// A pnmReader walks through a file.
type pnmReader struct {
	rest       []byte
	kind       byte // 1 bits, 2 grey, 3 RGB
	text       bool
	w, h, most int
}

func readPNM(raw []byte) (*pnmReader, error) {
	if !isPNM(raw) {
		return nil, io.ErrUnexpectedEOF
	}
	p := &pnmReader{rest: raw[2:], kind: (raw[1]-'1')%3 + 1, text: raw[1] < '4', most: 1}
	fields := []*int{&p.w, &p.h, &p.most}
	if p.kind == 1 {
		fields = fields[:2]
	}
	for _, f := range fields {
		var err error
		if *f, err = p.number(10); err != nil {
			return nil, err
		}
	}
	if p.most < 1 || p.most > 65535 {
		return nil, problem("get an undamaged copy", "its greatest value is %d, not 1 to 65535", p.most)
	}
	if !p.text && len(p.rest) > 0 {
		p.rest = p.rest[1:] // the one space behind the header
	}
	return p, nil
}

// number reads digits behind spaces and comments, at most so many.
func (p *pnmReader) number(digits int) (int, error) {
	p.skip()
	n, read := 0, 0
	for read < digits && read < len(p.rest) && p.rest[read] >= '0' && p.rest[read] <= '9' {
		n = 10*n + int(p.rest[read]-'0')
		read++
	}
	if read == 0 {
		return 0, io.ErrUnexpectedEOF
	}
	p.rest = p.rest[read:]
	return n, nil
}

func (p *pnmReader) skip() {
	for len(p.rest) > 0 && (isSpace(p.rest[0]) || p.rest[0] == '#') {
		if p.rest[0] != '#' {
			p.rest = p.rest[1:]
			continue
		}
		end := bytes.IndexByte(p.rest, '\n')
		if end < 0 {
			end = len(p.rest) - 1
		}
		p.rest = p.rest[end+1:]
	}
}

func surveyPNM(raw []byte) (survey, error) {
	p, err := readPNM(raw)
	if err != nil {
		return survey{}, err
	}
	return survey{w: p.w, h: p.h, orientation: 1, perPixel: 0, densest: 8}, nil
}

func decodePNM(raw []byte) (*Image, error) {
	p, err := readPNM(raw)
	if err != nil {
		return nil, err
	}
	m := NewImage(p.w, p.h)
	m.Source = Source{Format: "pnm", Mode: Grey, Bits: 8, Orientation: 1}
	if p.kind == 3 {
		m.Source.Mode = RGB
	}
	if p.most > 255 {
		m.Source.Bits = 16
	}
	for y := range p.h {
		if err := p.row(m.row(y)); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// row reads the values of one row. Those of bits are 1 for black, and eight of
// them are in a byte unless they are text.
func (p *pnmReader) row(dst []uint8) error {
	if p.kind == 1 && !p.text {
		return p.bits(dst)
	}
	for i := 0; i < len(dst); {
		v, err := p.value()
		if err != nil {
			return err
		}
		grey := uint8((min(v, p.most)*255 + p.most/2) / p.most)
		switch p.kind {
		case 1:
			grey = 255 - grey
			fallthrough
		case 2:
			dst[i], dst[i+1], dst[i+2] = grey, grey, grey
			i += 3
		case 3:
			dst[i] = grey
			i++
		}
	}
	return nil
}

func (p *pnmReader) bits(dst []uint8) error {
	w := len(dst) / 3
	if len(p.rest) < (w+7)/8 {
		return io.ErrUnexpectedEOF
	}
	for x := range w {
		grey := uint8(255)
		if p.rest[x/8]>>(7-x%8)&1 == 1 {
			grey = 0
		}
		dst[3*x], dst[3*x+1], dst[3*x+2] = grey, grey, grey
	}
	p.rest = p.rest[(w+7)/8:]
	return nil
}

// value reads one value: bits as text need no spaces between them, and bytes are
// two for each where one cannot hold the greatest value.
func (p *pnmReader) value() (int, error) {
	switch {
	case p.text && p.kind == 1:
		return p.number(1)
	case p.text:
		return p.number(5)
	case p.most < 256 && len(p.rest) >= 1:
		v := int(p.rest[0])
		p.rest = p.rest[1:]
		return v, nil
	case p.most >= 256 && len(p.rest) >= 2:
		v := int(p.rest[0])<<8 | int(p.rest[1])
		p.rest = p.rest[2:]
		return v, nil
	}
	return 0, io.ErrUnexpectedEOF
}
