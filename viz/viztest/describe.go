package viztest

import (
	"regexp"
	"slices"
	"strings"

	"github.com/tomo-viz/tomo/viz"
)

var (
	methodName = regexp.MustCompile(`^[a-z]+$`)
	paramName  = regexp.MustCompile(`^[a-z]+(-[a-z0-9]+)*$`)
)

func describesItself(m *viz.Method) error {
	var p problems
	p.when(!methodName.MatchString(m.Name), "the name %q is not one word of small letters", m.Name)
	p.when(!isClause(m.Doc), "the doc %q is not one sentence that begins small and ends without a full stop", m.Doc)
	p.when(len(strings.Fields(m.About)) < 30, "the about text has %d words; it says what to know before believing the picture", len(strings.Fields(m.About)))
	p.when(len(m.Phases) == 0, "no phase of a model's life is named")
	for i, phase := range m.Phases {
		p.when(!slices.Contains(viz.Phases(), phase), "there is no phase %q", phase)
		p.when(slices.Contains(m.Phases[:i], phase), "phase %q is named twice", phase)
	}
	p.when(m.Needs == 0, "nothing is needed")
	p.when(m.Needs.Has(viz.NeedsWeights) && !m.Needs.Has(viz.NeedsModel), "weights are needed but no model")
	p.when(m.Needs.Has(viz.NeedsGradients) && !m.Needs.Has(viz.NeedsWeights), "gradients are needed but no weights")
	return p.err()
}

// isClause reports whether a text can stand in a list, and with a capital and
// a full stop as a sentence.
func isClause(s string) bool {
	return s != "" && s == strings.TrimSpace(s) && !strings.HasSuffix(s, ".") && !strings.Contains(s, "\n") && strings.ToLower(s[:1]) == s[:1]
}

// sources are where forms find values for a parameter.
var sources = []string{"", "layers", "classes", "modules"}

func describesParams(m *viz.Method) error {
	var p problems
	seen := map[string]bool{}
	for _, q := range m.Params() {
		p.when(!paramName.MatchString(q.Name), "the parameter name %q is not in kebab case", q.Name)
		p.when(seen[q.Name], "two parameters are called %q", q.Name)
		p.when(isShared(m, q.Name), "%q is a flag that all techniques have", q.Name)
		p.when(!isClause(q.Help), "the help of %s, %q, is not a clause", q.Name, q.Help)
		p.when(!slices.Contains(sources, q.Source), "%s has values from %q, which nothing lists", q.Name, q.Source)
		seen[q.Name] = true
		p.checkRange(q)
		p.checkChoices(q)
		for _, text := range q.Default {
			if err := q.Check(text); err != nil && text != "" {
				p.add("the default of %s is refused: %w", q.Name, err)
			}
		}
	}
	for name, texts := range m.Terminal {
		p.checkValues(m, name, texts)
	}
	return p.err()
}

func (p *problems) checkRange(q viz.Param) {
	p.when(q.Min != nil && q.Max != nil && *q.Min >= *q.Max, "%s goes from %v to %v", q.Name, deref(q.Min), deref(q.Max))
	p.when(q.Step != nil && *q.Step <= 0, "%s has a step of %v", q.Name, deref(q.Step))
	p.when((q.Min != nil || q.Max != nil) && q.Type != "int" && q.Type != "float", "%s is a %s and has a range", q.Name, q.Type)
}

func deref(x *float64) float64 {
	if x == nil {
		return 0
	}
	return *x
}

func (p *problems) checkChoices(q viz.Param) {
	var names []string
	for _, c := range q.Choices {
		p.when(c.Name == "" || strings.ContainsAny(c.Name, " \t\n"), "%s has the choice %q, which is no word", q.Name, c.Name)
		p.when(c.Help == "", "choice %q of %s has no help", c.Name, q.Name)
		p.when(slices.Contains(names, c.Name), "%s has the choice %q twice", q.Name, c.Name)
		names = append(names, c.Name)
	}
	p.when(len(names) == 1, "%s has one choice", q.Name)
}

// checkValues checks texts that are meant for a parameter.
func (p *problems) checkValues(m *viz.Method, name string, texts viz.Strings) {
	params := m.Params()
	i := slices.IndexFunc(params, func(q viz.Param) bool { return q.Name == name })
	if i < 0 {
		p.add("there is no parameter %q", name)
		return
	}
	p.when(len(texts) > 1 && !params[i].List, "%s takes one value, not %q", name, texts)
	for _, text := range texts {
		if err := params[i].Check(text); err != nil {
			p.add("%q for %s is refused: %w", text, name, err)
		}
	}
}
