package activations

import (
	"path"
	"slices"
	"strings"

	"github.com/tomo-viz/tomo/viz"
)

// Rows says what has a row of its own in a matrix.
type Rows string

const (
	byPicture    Rows = "picture"
	byLabel      Rows = "label"
	byPrediction Rows = "prediction"
)

// Choices lists what rows may be.
func (Rows) Choices() []viz.Choice {
	return []viz.Choice{
		{Name: string(byPicture), Help: "every picture"},
		{Name: string(byLabel), Help: "the pictures of each label, which is the folder they lie in"},
		{Name: string(byPrediction), Help: "the pictures of each class that the network answers"},
	}
}

// A subset is pictures that the user wants to see as one: those whose name or
// label one of the patterns fits.
type subset struct {
	name     string
	patterns []string
}

// readSubsets reads "striped=zebra*,tiger*".
func readSubsets(texts []string) ([]subset, error) {
	var out []subset
	for _, text := range texts {
		name, list, ok := strings.Cut(text, "=")
		if name = strings.TrimSpace(name); !ok || name == "" {
			return nil, viz.Userf("a subset is written as name=pattern,pattern, such as striped=zebra*,tiger*, and not %q", text)
		}
		if slices.ContainsFunc(out, func(s subset) bool { return s.name == name }) {
			return nil, viz.Userf("two subsets are called %q", name)
		}
		s := subset{name: name}
		for _, p := range strings.Split(list, ",") {
			p = strings.TrimSpace(p)
			if _, err := path.Match(p, ""); err != nil || p == "" {
				return nil, viz.Userf("%q in the subset %q is no pattern for names; write it as zebra*", p, name)
			}
			s.patterns = append(s.patterns, p)
		}
		out = append(out, s)
	}
	return out, nil
}

func (s subset) holds(r *reading) bool {
	return slices.ContainsFunc(s.patterns, func(p string) bool {
		byName, _ := path.Match(p, r.Name)
		byLabel, _ := path.Match(p, r.Label)
		return byName || byLabel
	})
}
