package mlflow

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

// Bounds of the work of a search.
const (
	maxFilter  = 1 << 20 // bytes
	maxClauses = 1000
	maxOrders  = 100
)

// parseFilter reads comparisons that are joined by AND.
func (s subject) parseFilter(filter string) ([]clause, error) {
	if len(filter) > maxFilter {
		return nil, invalid("a filter of %d bytes; at most %d are taken", len(filter), maxFilter)
	}
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
