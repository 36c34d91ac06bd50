package render

import (
	"fmt"
	"math"
	"strings"

	"github.com/tomo-viz/tomo/figure"
)

// textWidth is how many characters a line of prose has in a terminal.
const textWidth = 88

// writeSections writes a report as text.
func writeSections(r *figure.Report, line func(string)) {
	for i, s := range r.Sections {
		if i > 0 {
			line("")
		}
		if s.Title != "" {
			line(clean(s.Title))
			line(strings.Repeat("─", min(columns(clean(s.Title)), textWidth)))
		}
		for _, words := range s.Text {
			for _, row := range wrapText(clean(words)) {
				line(row)
			}
		}
		if s.Figure != nil && s.Figure.Kind() != r.Kind() {
			line("")
			writeText(s.Figure, line)
		}
		writeFacts(s.Facts, &figure.About{Warnings: s.Warnings}, line)
	}
	line("")
}

// wrapText breaks prose between words.
func wrapText(s string) []string {
	var out []string
	row := ""
	for _, word := range strings.Fields(s) {
		if row != "" && columns(row)+1+columns(word) > textWidth {
			out, row = append(out, row), ""
		}
		row = strings.TrimSpace(row + " " + word)
	}
	return append(out, row)
}

// writeCurves says of each curve where it begins and ends and what its extremes
// are.
func writeCurves(l *figure.Lines, line func(string)) {
	for i, p := range l.Plots {
		if i > 0 {
			line("")
		}
		head := clean(p.Title)
		if of := clean(axisTitle(p.Y)); of != "" {
			head = strings.TrimSpace(head + "  " + of)
		}
		if over := clean(axisTitle(p.X)); over != "" {
			head += " over " + over
		}
		line(head)
		t := &figure.Table{Columns: []figure.Column{{Name: "curve"}, {Name: "points", Number: true}, {Name: "first", Number: true}, {Name: "last", Number: true}, {Name: "least", Number: true}, {Name: "most", Number: true}}}
		for _, c := range p.Curves {
			t.Rows = append(t.Rows, curveRow(c))
		}
		writeRows(t, line)
		for _, n := range p.Notes {
			line(fmt.Sprintf("%s: %s", clean(n.Text), notePlace(n)))
		}
	}
}

func curveRow(c figure.Curve) figure.Row {
	n := min(len(c.X), len(c.Y))
	cells := []figure.Cell{figure.Text(c.Name), figure.Count(int64(n))}
	values := make([]float64, 0, n)
	for _, y := range c.Y[:n] {
		if !math.IsNaN(y) && !math.IsInf(y, 0) {
			values = append(values, y)
		}
	}
	if len(values) == 0 {
		return figure.Row{Cells: cells}
	}
	least, most := values[0], values[0]
	for _, v := range values {
		least, most = min(least, v), max(most, v)
	}
	for _, v := range []float64{values[0], values[len(values)-1], least, most} {
		cells = append(cells, figure.Cell{Text: fmt.Sprintf("%.4g", v), Value: v})
	}
	return figure.Row{Cells: cells}
}

func notePlace(n figure.Note) string {
	switch {
	case math.IsNaN(n.X):
		return fmt.Sprintf("y = %.4g", n.Y)
	case math.IsNaN(n.Y):
		return fmt.Sprintf("x = %.4g", n.X)
	}
	return fmt.Sprintf("x = %.4g, y = %.4g", n.X, n.Y)
}
