package mlflow

import (
	"slices"
	"strconv"
	"strings"
)

// A parser takes pieces from the front of what is left of a filter.
type parser struct {
	subject
	tokens []token
}

func (p *parser) next() token {
	if len(p.tokens) == 0 {
		return token{}
	}
	t := p.tokens[0]
	p.tokens = p.tokens[1:]
	return t
}

// keyword takes a keyword if it comes next.
func (p *parser) keyword(is string) bool {
	if len(p.tokens) == 0 || p.tokens[0].kind != word || !strings.EqualFold(p.tokens[0].text, is) {
		return false
	}
	p.next()
	return true
}

func (p *parser) clause() (clause, error) {
	var c clause
	var err error
	if c.field, err = p.field(); err != nil {
		return c, err
	}
	if c.op, err = p.op(); err != nil {
		return c, err
	}
	c.numeric = p.numeric(c.field)
	if err := c.fits(); err != nil {
		return c, err
	}
	switch c.op {
	case "IS NULL", "IS NOT NULL":
	case "IN", "NOT IN":
		c.list, err = p.list(c.field)
	default:
		err = p.value(&c)
	}
	return c, err
}

// field reads a name: with an entity before a dot, or of an attribute.
func (p *parser) field() (field, error) {
	t := p.next()
	if t.kind != word && t.kind != quoted {
		return field{}, invalid("a name was expected, not %q", t.text)
	}
	entity, key, dotted := strings.Cut(t.text, ".")
	if t.kind == quoted || !dotted {
		entity, key = "attribute", t.text
	}
	f := field{entities[entity], key}
	switch {
	case f.entity == "":
		return f, invalid("%q begins with none of metrics, params, tags, attributes and datasets", t.text)
	case f.entity != "attribute" && !slices.Contains(p.entities, f.entity):
		return f, invalid("%q cannot be searched for here", t.text)
	case f.entity == "dataset" && !slices.Contains(datasetKeys, key):
		return f, invalid("a dataset has no %q; it has %s", key, strings.Join(datasetKeys, ", "))
	case f.entity != "attribute":
		return f, nil
	}
	if other, ok := p.aliases[key]; ok {
		f.key = other
	}
	if !slices.Contains(p.texts, f.key) && !slices.Contains(p.numbers, f.key) {
		return f, invalid("there is no attribute %q; there are %s", key, strings.Join(slices.Concat(p.texts, p.numbers), ", "))
	}
	return f, nil
}

func (p *parser) op() (string, error) {
	t := p.next()
	op := strings.ToUpper(t.text)
	switch {
	case t.kind == sign && slices.Contains([]string{"=", "!=", "<", "<=", ">", ">="}, op):
		return op, nil
	case t.kind != word:
	case op == "LIKE" || op == "ILIKE" || op == "IN":
		return op, nil
	case op == "NOT" && p.keyword("IN"):
		return "NOT IN", nil
	case op == "IS" && p.keyword("NULL"):
		return "IS NULL", nil
	case op == "IS" && p.keyword("NOT") && p.keyword("NULL"):
		return "IS NOT NULL", nil
	}
	return "", invalid("a comparison was expected, not %q", t.text)
}

func (s subject) numeric(f field) bool {
	return f.entity == "metric" || f.entity == "attribute" && slices.Contains(s.numbers, f.key)
}

// fits refuses comparisons that a field has not.
func (c clause) fits() error {
	ordered := slices.Contains([]string{"<", "<=", ">", ">="}, c.op)
	null := c.op == "IS NULL" || c.op == "IS NOT NULL"
	equal := c.op == "=" || c.op == "!="
	switch {
	case c.numeric && !ordered && !equal:
		return invalid("%v is a number, which cannot be compared by %s", c.field, c.op)
	case !c.numeric && ordered:
		return invalid("%v is a text, which cannot be compared by %s", c.field, c.op)
	case null && c.entity != "tag" && c.entity != "param":
		return invalid("only tags and params can be compared by %s", c.op)
	}
	return nil
}

func (p *parser) value(c *clause) error {
	t := p.next()
	if !c.numeric {
		c.text = t.text
		if t.kind != quoted {
			return invalid("%v is compared with a text in quotes, not %q", c.field, t.text)
		}
		if strings.HasSuffix(c.op, "LIKE") && len(t.text) > maxPattern {
			return invalid("%v is compared with a pattern of %d bytes; at most %d are taken", c.field, len(t.text), maxPattern)
		}
		return nil
	}
	var err error
	c.number, err = strconv.ParseFloat(t.text, 64)
	if err != nil || t.kind != word {
		return invalid("%v is compared with a number, not %q", c.field, t.text)
	}
	return nil
}

// list reads texts in quotes, in parentheses.
func (p *parser) list(f field) ([]string, error) {
	var out []string
	separator := "("
	for {
		if t := p.next(); t != (token{mark, separator}) {
			if len(out) > 0 && t == (token{mark, ")"}) {
				return out, nil
			}
			return nil, invalid("%v is compared with texts in quotes, in parentheses", f)
		}
		t := p.next()
		if len(out) > 0 && t == (token{mark, ")"}) { // behind a last comma
			return out, nil
		}
		if t.kind != quoted {
			return nil, invalid("%v is compared with texts in quotes, in parentheses", f)
		}
		out, separator = append(out, t.text), ","
	}
}
