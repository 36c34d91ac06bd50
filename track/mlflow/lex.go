package mlflow

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A token is a piece of a filter or of an order.
type token struct {
	kind kind
	text string // without quotes
}

type kind int

const (
	end    kind = iota
	word        // an identifier, a keyword or a number; parts of it may be quoted
	quoted      // text in single or double quotes
	sign        // a comparison
	mark        // a parenthesis or a comma
)

// lex splits a filter. Names may be quoted as a whole or behind a dot, by
// backticks or double quotes: metrics.`f1 score`.
func lex(s string) ([]token, error) {
	var out []token
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case unicode.IsSpace(r):
			s = s[n:]
			continue
		case strings.ContainsRune("(),", r):
			out = append(out, token{mark, s[:n]})
			s = s[n:]
		case strings.ContainsRune("<>=!", r):
			n = 1
			if len(s) > 1 && s[1] == '=' {
				n = 2
			}
			out = append(out, token{sign, s[:n]})
			s = s[n:]
		case r == '\'' || r == '"':
			text, rest, err := unquote(s)
			if err != nil {
				return nil, err
			}
			out, s = append(out, token{quoted, text}), rest
		default:
			text, rest, err := lexWord(s)
			if err != nil {
				return nil, err
			}
			out, s = append(out, token{word, text}), rest
		}
	}
	return out, nil
}

// lexWord takes a word from the front.
func lexWord(s string) (text, rest string, err error) {
	var b strings.Builder
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case r == '`' || b.Len() > 0 && strings.HasSuffix(b.String(), ".") && (r == '"' || r == '\''):
			part, rest, err := unquote(s)
			if err != nil {
				return "", "", err
			}
			b.WriteString(part)
			s = rest
			continue
		case unicode.IsSpace(r) || strings.ContainsRune("(),<>=!'\"", r):
			return b.String(), s, nil
		}
		b.WriteString(s[:n])
		s = s[n:]
	}
	return b.String(), "", nil
}

// unquote takes a quoted text from the front; a quote that is doubled stands for
// itself.
func unquote(s string) (text, rest string, err error) {
	quote := s[0]
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] != quote:
			b.WriteByte(s[i])
		case i+1 < len(s) && s[i+1] == quote:
			b.WriteByte(quote)
			i++
		default:
			return b.String(), s[i+1:], nil
		}
	}
	return "", "", invalid("a quote that begins with %.20s does not end", s)
}
