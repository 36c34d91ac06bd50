package mlflow

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"math"
	"slices"
)

// An order sorts by a field.
type order struct {
	field
	descending bool
}

// parseOrder reads what is sorted by first, second and so on: fields, with ASC
// or DESC behind them.
func (s subject) parseOrder(list []string) ([]order, error) {
	if len(list) > maxOrders {
		return nil, invalid("it cannot be sorted by %d fields; at most %d are taken", len(list), maxOrders)
	}
	var out []order
	for _, text := range list {
		if len(text) > maxFilter {
			return nil, invalid("an order of %d bytes; at most %d are taken", len(text), maxFilter)
		}
		tokens, err := lex(text)
		if err != nil {
			return nil, err
		}
		p := &parser{subject: s, tokens: tokens}
		f, err := p.field()
		if err != nil {
			return nil, err
		}
		descending := p.keyword("DESC")
		if !descending {
			p.keyword("ASC")
		}
		switch {
		case len(p.tokens) > 0:
			return nil, invalid("%q is no order: behind a field can stand ASC or DESC", text)
		case f.entity == "dataset":
			return nil, invalid("nothing can be sorted by %v", f)
		case slices.ContainsFunc(out, func(o order) bool { return o.field == f }):
			return nil, invalid("it cannot be sorted twice by %v", f)
		}
		out = append(out, order{f, descending})
	}
	return out, nil
}

// sortBy sorts indices of things. What is not a number stands behind the
// numbers, and what is not there behind all, whatever the direction.
func (s subject) sortBy(indices []int, orders []order, of lookup) error {
	columns := make([][]value, len(orders))
	for k, o := range orders {
		var err error
		if columns[k], err = of(o.field); err != nil {
			return err
		}
	}
	slices.SortStableFunc(indices, func(i, j int) int {
		for k, o := range orders {
			if c := s.compare(o, columns[k][i], columns[k][j]); c != 0 {
				return c
			}
		}
		return 0
	})
	return nil
}

func (s subject) compare(o order, a, b value) int {
	numeric := s.numeric(o.field)
	if c := cmp.Compare(a.rank(numeric), b.rank(numeric)); c != 0 || !a.known {
		return c
	}
	c := cmp.Compare(a.text, b.text)
	if numeric {
		c = cmp.Compare(a.number, b.number)
	}
	if o.descending {
		c = -c
	}
	return c
}

func (v value) rank(numeric bool) int {
	switch {
	case !v.known:
		return 2
	case numeric && math.IsNaN(v.number):
		return 1
	}
	return 0
}

// A place is where a page of results begins; clients hand it back as text.
type place struct {
	Offset int64 `json:"offset"`
}

// page returns the bounds of a page of n results, and the token of the next one,
// which is empty behind the last.
func page(n int64, token string, most int64) (from, to int64, next string, err error) {
	var at place
	if token != "" {
		raw, err := base64.StdEncoding.DecodeString(token)
		if err != nil || json.Unmarshal(raw, &at) != nil || at.Offset < 0 {
			return 0, 0, "", invalid("there is no page %.40q", token)
		}
	}
	from = min(at.Offset, n)
	to = min(from+most, n)
	if to < n {
		raw, err := json.Marshal(place{to})
		if err != nil {
			return 0, 0, "", err
		}
		next = base64.StdEncoding.EncodeToString(raw)
	}
	return from, to, next, nil
}

// atMost is how many results a request wants on a page: def if it does not say.
func atMost(wanted whole, def, most int64) (int64, error) {
	switch n := int64(wanted); {
	case n == 0:
		return def, nil
	case n < 0 || n > most:
		return 0, invalid("max_results is from 1 to %d, not %d", most, n)
	default:
		return n, nil
	}
}
