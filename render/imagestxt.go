package render

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/tomo-viz/tomo/figure"
)

// writeStrips names the tiles of each strip.
func writeStrips(g *figure.Images, line func(string)) {
	for i, s := range g.Strips {
		if i > 0 {
			line("")
		}
		line(clean(s.Title))
		if s.Note != "" {
			line("  " + clean(s.Note))
		}
		names := 0
		for _, t := range s.Tiles {
			names = max(names, columns(middle(clean(t.Name), widestColumn)))
		}
		for _, t := range s.Tiles {
			line(fmt.Sprintf("    %-*s  %s", names, middle(clean(t.Name), widestColumn), clean(t.Note)))
		}
	}
}

// mostNamed is how many columns of a matrix are named for each row.
const mostNamed = 6

// writeMatrix says for each row which columns are greatest.
func writeMatrix(m *figure.Matrix, line func(string)) {
	line(clean(fmt.Sprintf("the greatest of %d for each %s: %s, %s", len(m.Columns), m.RowsAre, m.ColumnsAre, m.ValuesAre)))
	if len(m.Values) < len(m.Rows)*len(m.Columns) {
		return
	}
	for r, row := range m.Rows {
		order := make([]int, len(m.Columns))
		for c := range order {
			order[c] = c
		}
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(m.At(r, b), m.At(r, a)) })
		text := "  " + middle(clean(row.Name), widestColumn)
		for i, c := range order[:min(mostNamed, len(order))] {
			text += map[bool]string{true: ":  ", false: ",  "}[i == 0]
			text += middle(clean(m.Columns[c].Name), widestColumn) + " " + number(m.At(r, c))
		}
		line(text)
	}
}
