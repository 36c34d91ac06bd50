package tensor

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// An npyHeader is what stands before the elements of a .npy file (NumPy
// Enhancement Proposal 1, and numpy.lib.format for versions 2 and 3).
type npyHeader struct {
	descr   string // "<f4": byte order, kind, bytes of an element
	fortran bool   // the first axis varies fastest
	shape   []int
}

const (
	npyMagic = "\x93NUMPY"
	// maxNPYHeader is far above what a shape needs; only structured types, which
	// are not read, have longer headers.
	maxNPYHeader = 1 << 16
)

var errNotNPY = errors.New("this is not a NumPy .npy file")

func readNPYHeader(r io.Reader) (npyHeader, error) {
	var start [8]byte // magic, major, minor
	if _, err := io.ReadFull(r, start[:]); err != nil || string(start[:6]) != npyMagic {
		return npyHeader{}, errNotNPY
	}
	size := make([]byte, 4)
	switch start[6] {
	case 1:
		size = size[:2]
	case 2, 3: // 3 only says that the text is UTF-8
	default:
		return npyHeader{}, fmt.Errorf("version %d of the .npy format is not known; save the array again with another NumPy", start[6])
	}
	if _, err := io.ReadFull(r, size); err != nil {
		return npyHeader{}, errNotNPY
	}
	n := binary.LittleEndian.Uint32(append(size, 0, 0)[:4])
	if n > maxNPYHeader {
		return npyHeader{}, fmt.Errorf("the header of %d bytes is too long for an array of plain elements", n)
	}
	text := make([]byte, n)
	if _, err := io.ReadFull(r, text); err != nil {
		return npyHeader{}, fmt.Errorf("the header is cut off: %w", io.ErrUnexpectedEOF)
	}
	return parseNPYHeader(string(text))
}

// parseNPYHeader reads the Python dictionary of a header. It knows no Python
// beyond the few literals that may stand there, and evaluates nothing.
func parseNPYHeader(text string) (npyHeader, error) {
	var h npyHeader
	p := literals{text}
	if !p.skip("{") {
		return h, p.error()
	}
	for !p.skip("}") {
		key, ok := p.quoted()
		if !ok || !p.skip(":") {
			return h, p.error()
		}
		switch key {
		case "descr":
			if h.descr, ok = p.quoted(); p.skip("[") {
				return h, errors.New("arrays of records are not read; save each field as an array of its own")
			}
		case "fortran_order":
			h.fortran = p.skip("True")
			ok = h.fortran || p.skip("False")
		case "shape":
			h.shape, ok = p.tuple()
		default:
			ok = false
		}
		if !ok {
			return h, p.error()
		}
		p.skip(",")
	}
	if h.descr == "" || h.shape == nil {
		return h, p.error()
	}
	return h, nil
}

// literals reads Python literals off the front of a text.
type literals struct{ rest string }

func (p *literals) error() error {
	return fmt.Errorf("the header is damaged near %.20q", p.rest)
}

// skip drops the token if it comes next.
func (p *literals) skip(token string) bool {
	rest, ok := strings.CutPrefix(strings.TrimLeft(p.rest, " \t\r\n"), token)
	if ok {
		p.rest = rest
	}
	return ok
}

func (p *literals) quoted() (string, bool) {
	for _, quote := range []string{"'", `"`} {
		if p.skip(quote) {
			text, rest, ok := strings.Cut(p.rest, quote)
			p.rest = rest
			return text, ok
		}
	}
	return "", false
}

// tuple reads "(2, 3)", "(2,)" or "()"; Python 2 wrote "(2L, 3L)".
func (p *literals) tuple() ([]int, bool) {
	if !p.skip("(") {
		return nil, false
	}
	out := []int{}
	for !p.skip(")") {
		p.rest = strings.TrimLeft(p.rest, " ")
		digits := len(p.rest) - len(strings.TrimLeft(p.rest, "0123456789"))
		n, err := strconv.Atoi(p.rest[:digits])
		if err != nil {
			return nil, false
		}
		p.rest = p.rest[digits:]
		out = append(out, n)
		p.skip("L")
		p.skip(",")
	}
	return out, true
}
