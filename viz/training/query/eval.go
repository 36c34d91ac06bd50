package query

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"
)

type (
	or         struct{ a, b Expr }
	and        struct{ a, b Expr }
	not        struct{ e Expr }
	comparison struct {
		key, sign, value string
		pattern          *regexp.Regexp // of ~
	}
)

func (e or) holds(f func(string) (string, bool)) bool  { return e.a.holds(f) || e.b.holds(f) }
func (e and) holds(f func(string) (string, bool)) bool { return e.a.holds(f) && e.b.holds(f) }
func (e not) holds(f func(string) (string, bool)) bool { return !e.e.holds(f) }

func (e or) keys(add func(string))         { e.a.keys(add); e.b.keys(add) }
func (e and) keys(add func(string))        { e.a.keys(add); e.b.keys(add) }
func (e not) keys(add func(string))        { e.e.keys(add) }
func (c comparison) keys(add func(string)) { add(c.key) }

func (c comparison) holds(lookup func(string) (string, bool)) bool {
	got, ok := lookup(c.key)
	switch {
	case !ok:
		return c.sign == "!="
	case c.sign == "~":
		return c.pattern.MatchString(got)
	}
	order, comparable := compare(got, c.value)
	if !comparable { // NaN
		return c.sign == "!="
	}
	switch c.sign {
	case "=":
		return order == 0
	case "!=":
		return order != 0
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	}
	return order >= 0
}

// compare compares by value where both are numbers. NaN compares with nothing.
func compare(a, b string) (order int, comparable bool) {
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	if errX == nil && errY == nil {
		return cmp.Compare(x, y), x == x && y == y
	}
	return strings.Compare(a, b), true
}
