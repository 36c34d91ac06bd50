package mlflow

import (
	"slices"
	"strconv"
	"strings"
)

// A field is what filters compare and orders sort by.
type field struct {
	entity string // one of entities
	key    string
}

func (f field) String() string { return f.entity + "." + f.key }

// entities are what may stand before the dot, and what it means.
var entities = map[string]string{
	"metric": "metric", "metrics": "metric",
	"param": "param", "params": "param", "parameter": "param", "parameters": "param",
	"tag": "tag", "tags": "tag",
	"attribute": "attribute", "attributes": "attribute", "attr": "attribute", "run": "attribute",
	"dataset": "dataset", "datasets": "dataset",
}

// A clause compares a field with a text, with one of a list of them or, where it
// is a metric or a time, with a number.
type clause struct {
	field
	op      string
	text    string
	list    []string
	number  float64
	numeric bool
}

// A subject is what is searched for: what it has besides metrics, parameters
// and tags.
type subject struct {
	texts, numbers []string          // attributes
	aliases        map[string]string // other names of them
	entities       []string          // that it has besides attributes
}

// maxClauses bounds the work of a filter.
const maxClauses = 1000

// parseFilter reads comparisons that are joined by AND.
func (s subject) parseFilter(filter string) ([]clause, error) {
	tokens, err := lex(filter)
	if err != nil {
		return nil, err
	}
	p := &parser{subject: s, tokens: tokens}
	var out []clause
	for len(p.tokens) > 0 {
		if len(out) == maxClauses {
			return nil, invalid("a filter of more than %d comparisons", maxClauses)
		}
		if len(out) > 0 && !p.keyword("AND") {
			return nil, invalid("the filter goes on with %q, where only AND can stand", p.tokens[0].text)
		}
		c, err := p.clause()
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

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
