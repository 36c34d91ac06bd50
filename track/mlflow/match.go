package mlflow

import (
	"context"
	"slices"
	"strings"
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

// find returns the indices of those of n things that a filter lets pass. Texts
// may be long and clauses many, so that it ends with ctx.
func find(ctx context.Context, n int, clauses []clause, of lookup) ([]int, error) {
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
			if err := ctx.Err(); err != nil {
				return nil, err
			}
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
