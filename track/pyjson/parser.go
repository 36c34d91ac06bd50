package pyjson

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strconv"
	"unicode/utf8"
	"unsafe"
)

// maxDepth bounds objects and arrays within each other. Python's own bound is
// its stack, of a thousand frames.
const maxDepth = 100

// ErrSyntax is wrapped by what is said of a document that is no JSON.
var ErrSyntax = errors.New("no JSON")

type parser struct {
	data  []byte
	pos   int
	depth int
	text  []byte // the last text that had escapes
}

func (p *parser) wrong(what string) error {
	return fmt.Errorf("%w: %s at byte %d", ErrSyntax, what, p.pos)
}

func (p *parser) space() {
	for p.pos < len(p.data) {
		switch p.data[p.pos] {
		case ' ', '\t', '\n', '\r':
			p.pos++
		default:
			return
		}
	}
}

// take passes over one byte, which has to be that one.
func (p *parser) take(b byte) error {
	p.space()
	if p.pos == len(p.data) {
		return p.wrong("the end")
	}
	if p.data[p.pos] != b {
		return p.wrong(fmt.Sprintf("%q instead of %q", p.data[p.pos], b))
	}
	p.pos++
	return nil
}

func (p *parser) end() error {
	p.space()
	if p.pos < len(p.data) {
		return p.wrong("more than one value")
	}
	return nil
}

func (p *parser) enter(open byte) error {
	if p.depth++; p.depth > maxDepth {
		return p.wrong(fmt.Sprintf("more than %d values within each other", maxDepth))
	}
	return p.take(open)
}

// more tells whether another element comes, and passes over what separates it.
func (p *parser) more(first bool, end byte) (bool, error) {
	p.space()
	if p.pos < len(p.data) && p.data[p.pos] == end {
		p.pos++
		p.depth--
		return false, nil
	}
	if first {
		return true, nil
	}
	return true, p.take(',')
}

// object calls take at each value of an object, which take has to read. The key
// is valid until then.
func (p *parser) object(take func(key []byte) error) error {
	if err := p.enter('{'); err != nil {
		return err
	}
	for first := true; ; first = false {
		more, err := p.more(first, '}')
		if err != nil || !more {
			return err
		}
		key, err := p.string()
		if err != nil {
			return err
		}
		if err := p.take(':'); err != nil {
			return err
		}
		if err := take(key); err != nil {
			return err
		}
	}
}

// array calls take at each element, which take has to read.
func (p *parser) array(take func() error) error {
	if err := p.enter('['); err != nil {
		return err
	}
	for first := true; ; first = false {
		more, err := p.more(first, ']')
		if err != nil || !more {
			return err
		}
		if err := take(); err != nil {
			return err
		}
	}
}

func (p *parser) skip() error {
	_, err := p.value()
	return err
}

// value reads the value that begins here.
func (p *parser) value() (Leaf, error) {
	p.space()
	if p.pos == len(p.data) {
		return Leaf{}, p.wrong("the end")
	}
	var leaf Leaf
	var err error
	from := p.pos
	switch p.data[p.pos] {
	case '{':
		leaf.Kind = Object
		err = p.object(func([]byte) error { return p.skip() })
	case '[':
		leaf.Kind = Array
		err = p.array(p.skip)
	case '"':
		leaf.Kind = Text
		// Its place is not that of a key, whose reader may still have it.
		key := p.text
		p.text = nil
		leaf.Text, err = p.string()
		p.text = key
	default:
		leaf, err = p.word()
	}
	leaf.Raw = p.data[from:p.pos]
	return leaf, err
}

// Spelled are the numbers that the standard has no digits for, as Python spells
// them.
var Spelled = map[string]float64{"NaN": math.NaN(), "Infinity": math.Inf(1), "-Infinity": math.Inf(-1)}

// words are the other values that are spelled as such.
var words = map[string]Leaf{"null": {Kind: Null}, "true": {Kind: Bool, Number: 1}, "false": {Kind: Bool}}

// word reads a number or a word.
func (p *parser) word() (Leaf, error) {
	from := p.pos
	for p.pos < len(p.data) && isWord[p.data[p.pos]] {
		p.pos++
	}
	word := p.data[from:p.pos]
	if len(word) > 0 && (word[0]-'0' < 10 || word[0] == '-' && len(word) > 1 && word[1]-'0' < 10) {
		// A number that float64 cannot hold is infinite, with an error that
		// does not matter.
		v, err := strconv.ParseFloat(unsafe.String(&word[0], len(word)), 64)
		if err == nil || errors.Is(err, strconv.ErrRange) {
			return Leaf{Kind: Number, Number: v}, nil
		}
	}
	if v, ok := Spelled[string(word)]; ok {
		return Leaf{Kind: Number, Number: v}, nil
	}
	if leaf, ok := words[string(word)]; ok {
		return leaf, nil
	}
	p.pos = from
	return Leaf{}, p.wrong("no value")
}

// isWord holds the bytes of numbers and words.
var isWord = func() (is [256]bool) {
	for _, b := range "+-.0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" {
		is[b] = true
	}
	return is
}()

// string reads a text. Without escapes it is where it stands in the document.
func (p *parser) string() ([]byte, error) {
	if err := p.take('"'); err != nil {
		return nil, err
	}
	rest := p.data[p.pos:]
	n := bytes.IndexByte(rest, '"')
	if n < 0 {
		return nil, p.wrong("a text without an end")
	}
	if plain := rest[:n]; bytes.IndexByte(plain, '\\') < 0 {
		p.pos += n + 1
		return valid(plain), nil
	}
	return p.unescape()
}

// valid replaces what is no UTF-8.
func valid(text []byte) []byte {
	if utf8.Valid(text) {
		return text
	}
	return []byte(string([]rune(string(text))))
}
