package viz

import "fmt"

// ChoicesOf lists the entries of a table, such as the views or the variants of a
// technique, as choices.
func ChoicesOf[E any](table []E, choice func(E) Choice) []Choice {
	out := make([]Choice, len(table))
	for i, e := range table {
		out[i] = choice(e)
	}
	return out
}

// Chosen finds the entry of a table that was chosen. Parameters are checked
// before a technique runs, so that another name is a bug.
func Chosen[E any](table []E, choice func(E) Choice, name string) *E {
	for i, e := range table {
		if choice(e).Name == name {
			return &table[i]
		}
	}
	panic(fmt.Sprintf("%T: none is called %q", table, name))
}
