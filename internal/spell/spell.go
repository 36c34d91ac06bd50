// Package spell finds the names that a user may have meant.
package spell

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Nearest returns at most n of the names that are closest in spelling to text:
// those that contain it first, then those within a third of its length in
// edits (Levenshtein, Sov. Phys. Dokl. 10, 1966), and of equals the one nearest in
// length. Letter case does not count.
func Nearest(text string, names []string, n int) []string {
	type scored struct {
		name      string
		cost, off int
	}
	text = strings.ToLower(text)
	var found []scored
	for _, name := range names {
		low := strings.ToLower(name)
		cost := edits(text, low)
		switch {
		case text != "" && strings.Contains(low, text):
			cost = 0
		case cost > 1+len(text)/3:
			continue
		}
		off := len(low) - len(text)
		found = append(found, scored{name, cost, max(off, -off)})
	}
	slices.SortStableFunc(found, func(a, b scored) int { return cmp.Or(cmp.Compare(a.cost, b.cost), cmp.Compare(a.off, b.off)) })
	var out []string
	for _, f := range found[:min(n, len(found))] {
		out = append(out, f.name)
	}
	return out
}

func edits(a, b string) int {
	s, t := []rune(a), []rune(b)
	row := make([]int, len(t)+1)
	for j := range row {
		row[j] = j
	}
	for i := range s {
		diag := row[0]
		row[0] = i + 1
		for j := range t {
			next := diag
			if s[i] != t[j] {
				next = 1 + min(diag, row[j], row[j+1])
			}
			diag, row[j+1] = row[j+1], next
		}
	}
	return row[len(t)]
}

// Hint returns `; did you mean "x"?` for the nearest name, or nothing if none
// is near. It ends an error about a name that is not known.
func Hint(text string, names []string) string {
	if near := Nearest(text, names, 1); len(near) > 0 {
		return "; did you mean " + strconv.Quote(near[0]) + "?"
	}
	return ""
}

// Hints is Hint with up to three names, for where many are alike, as those of
// layers: `; did you mean "a", "b" or "c"?`.
func Hints(text string, names []string) string {
	near := Nearest(text, names, 3)
	if len(near) < 2 {
		return Hint(text, names)
	}
	var quoted []string
	for _, name := range near {
		quoted = append(quoted, strconv.Quote(name))
	}
	last := len(quoted) - 1
	return "; did you mean " + strings.Join(quoted[:last], ", ") + " or " + quoted[last] + "?"
}
