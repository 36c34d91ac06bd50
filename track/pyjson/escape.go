package pyjson

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// escapes are those of one letter.
var escapes = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// unescape reads the rest of a text that has escapes.
func (p *parser) unescape() ([]byte, error) {
	p.text = p.text[:0]
	for p.pos < len(p.data) {
		b := p.data[p.pos]
		p.pos++
		switch b {
		case '"':
			p.text = valid(p.text)
			return p.text, nil
		case '\\':
			if err := p.escape(); err != nil {
				return nil, err
			}
		default:
			p.text = append(p.text, b)
		}
	}
	return nil, p.wrong("a text without an end")
}

// escape reads what follows a backslash.
func (p *parser) escape() error {
	if p.pos == len(p.data) {
		return p.wrong("a text without an end")
	}
	b := p.data[p.pos]
	p.pos++
	if b == 'u' {
		r, err := p.rune()
		p.text = utf8.AppendRune(p.text, r)
		return err
	}
	if escapes[b] == 0 {
		return p.wrong("an escape that there is not")
	}
	p.text = append(p.text, escapes[b])
	return nil
}

// rune reads the digits of \u, and the second half of a surrogate pair; half a
// pair is U+FFFD.
func (p *parser) rune() (rune, error) {
	r, err := p.unit()
	if err != nil || !utf16.IsSurrogate(r) {
		return r, err
	}
	if p.pos+1 < len(p.data) && p.data[p.pos] == '\\' && p.data[p.pos+1] == 'u' {
		back := p.pos
		p.pos += 2
		low, err := p.unit()
		if err != nil {
			return 0, err
		}
		if whole := utf16.DecodeRune(r, low); whole != utf8.RuneError {
			return whole, nil
		}
		p.pos = back
	}
	return utf8.RuneError, nil
}

func (p *parser) unit() (rune, error) {
	if p.pos+4 > len(p.data) {
		return 0, p.wrong("a text without an end")
	}
	v, err := strconv.ParseUint(string(p.data[p.pos:p.pos+4]), 16, 16)
	if err != nil {
		return 0, p.wrong("no four hexadecimal digits")
	}
	p.pos += 4
	return rune(v), nil
}
