package query

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// An Expr is a condition.
type Expr interface {
	holds(lookup func(key string) (string, bool)) bool
	keys(add func(string))
}

// maxDepth bounds the parentheses and negations within each other.
const maxDepth = 100

// Parse reads a condition. Errors say at which character.
func Parse(text string) (Expr, error) {
	tokens, err := scan(text)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens: tokens, length: len(text)}
	e, err := p.or()
	if err == nil && p.at < len(p.tokens) {
		err = p.unexpected("and, or, or the end")
	}
	return e, err
}

// Holds reports whether a condition is true of what lookup knows.
func Holds(e Expr, lookup func(key string) (value string, ok bool)) bool { return e.holds(lookup) }

// Keys lists the keys of a condition, in order.
func Keys(e Expr) []string {
	var out []string
	e.keys(func(k string) {
		if !slices.Contains(out, k) {
			out = append(out, k)
		}
	})
	return out
}

type parser struct {
	tokens []token
	at     int
	depth  int
	length int
}

func (p *parser) peek() token {
	if p.at < len(p.tokens) {
		return p.tokens[p.at]
	}
	return token{at: p.length}
}

// accept takes the next token if it is this word or sign.
func (p *parser) accept(kind tokenKind, text string) bool {
	t := p.peek()
	if t.kind != kind || !strings.EqualFold(t.text, text) {
		return false
	}
	p.at++
	return true
}

func (p *parser) unexpected(wanted string) error {
	t := p.peek()
	if t.kind == 0 {
		return fmt.Errorf("the condition ends where %s is wanted", wanted)
	}
	return fmt.Errorf("at character %d stands %q where %s is wanted", t.at+1, t.text, wanted)
}

func (p *parser) or() (Expr, error) {
	return p.chain("or", p.and, func(a, b Expr) Expr { return or{a, b} })
}

func (p *parser) and() (Expr, error) {
	return p.chain("and", p.not, func(a, b Expr) Expr { return and{a, b} })
}

func (p *parser) chain(word string, next func() (Expr, error), join func(a, b Expr) Expr) (Expr, error) {
	e, err := next()
	for err == nil && p.accept(wordToken, word) {
		var right Expr
		right, err = next()
		e = join(e, right)
	}
	return e, err
}

func (p *parser) not() (Expr, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, fmt.Errorf("the condition is nested more than %d deep", maxDepth)
	}
	defer func() { p.depth-- }()
	if p.accept(wordToken, "not") {
		e, err := p.not()
		return not{e}, err
	}
	if p.accept(signToken, "(") {
		e, err := p.or()
		if err == nil && !p.accept(signToken, ")") {
			err = p.unexpected("a closing parenthesis")
		}
		return e, err
	}
	return p.comparison()
}

func (p *parser) comparison() (Expr, error) {
	key := p.peek()
	if key.kind != wordToken && key.kind != textToken {
		return nil, p.unexpected("a name")
	}
	p.at++
	sign := p.peek()
	if sign.kind != signToken || sign.text == "(" || sign.text == ")" {
		return nil, p.unexpected("a comparison (= != < <= > >= ~)")
	}
	p.at++
	value := p.peek()
	if value.kind != wordToken && value.kind != textToken {
		return nil, p.unexpected("a value")
	}
	p.at++
	c := comparison{key: key.text, sign: sign.text, value: value.text}
	if c.sign == "~" {
		var err error
		if c.pattern, err = regexp.Compile(c.value); err != nil { // RE2: its time is bounded whatever it is
			return nil, fmt.Errorf("%q is no regular expression: %w", c.value, err)
		}
	}
	return c, nil
}
