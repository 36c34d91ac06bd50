package mlflow

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// A value is what a field is of one of the things that are searched.
type value struct {
	known  bool
	text   string
	number float64
	any    []string // of fields that have several values
}

// A lookup returns the values of a field of all things that are searched.
type lookup func(field) ([]value, error)

// find returns the indices of those of n things that a filter lets pass.
func find(n int, clauses []clause, of lookup) ([]int, error) {
	left := make([]int, n)
	for i := range left {
		left[i] = i
	}
	for _, c := range clauses {
		values, err := of(c.field)
		if err != nil {
			return nil, err
		}
		kept := left[:0]
		for _, i := range left {
			if c.holds(values[i]) {
				kept = append(kept, i)
			}
		}
		left = kept
	}
	return left, nil
}

// holds compares. What is not there is neither equal to anything nor different.
func (c clause) holds(v value) bool {
	switch {
	case c.op == "IS NULL":
		return !v.known
	case c.op == "IS NOT NULL":
		return v.known
	case v.any != nil:
		return slices.ContainsFunc(v.any, c.holdsText)
	case !v.known:
		return false
	case c.numeric:
		return c.holdsNumber(v.number)
	}
	return c.holdsText(v.text)
}

func (c clause) holdsNumber(v float64) bool {
	switch c.op {
	case "=":
		return v == c.number
	case "!=":
		return v != c.number
	case "<":
		return v < c.number
	case "<=":
		return v <= c.number
	case ">":
		return v > c.number
	}
	return v >= c.number
}

func (c clause) holdsText(v string) bool {
	switch c.op {
	case "=":
		return v == c.text
	case "!=":
		return v != c.text
	case "LIKE":
		return like(v, c.text)
	case "ILIKE":
		return like(strings.ToLower(v), strings.ToLower(c.text))
	case "IN":
		return slices.Contains(c.list, v)
	}
	return !slices.Contains(c.list, v)
}

// like matches a text with a pattern in which % stands for any text and _ for
// any character. Only the last % is ever tried again, so that it takes at most
// the product of both lengths.
func like(text, pattern string) bool {
	again, from := "", "" // the pattern behind the last %, and the text it was tried on
	tried := false
	for text != "" {
		if pattern != "" && pattern[0] == '%' {
			pattern = pattern[1:]
			again, from, tried = pattern, text, true
			continue
		}
		if t, p, ok := sameFirst(text, pattern); ok {
			text, pattern = t, p
			continue
		}
		if !tried {
			return false
		}
		_, n := utf8.DecodeRuneInString(from)
		from = from[n:]
		text, pattern = from, again
	}
	return strings.Trim(pattern, "%") == ""
}

// sameFirst takes a character from the front of both where they fit.
func sameFirst(text, pattern string) (string, string, bool) {
	if pattern == "" {
		return text, pattern, false
	}
	t, n := utf8.DecodeRuneInString(text)
	p, m := utf8.DecodeRuneInString(pattern)
	return text[n:], pattern[m:], p == '_' || t == p
}
