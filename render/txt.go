package render

import (
	"bufio"
	"io"
	"strings"

	"github.com/tomo-viz/tomo/figure"
)

// widestColumn is how many characters of a cell are shown in a terminal.
const widestColumn = 60

// writeTXT writes a table for a terminal: aligned, indented, ruled, with what
// the caption says around it.
func writeTXT(w io.Writer, fig figure.Figure, _ Options) error {
	t := fig.(*figure.Table)
	out := bufio.NewWriter(w)
	line := func(s string) { out.WriteString(strings.TrimRight(s, " ") + "\n") }
	for _, s := range []string{t.Title, t.Subtitle} {
		if s != "" {
			line(clean(s))
		}
	}
	if t.Title != "" || t.Subtitle != "" {
		line("")
	}
	writeRows(t, line)
	writeFacts(t, line)
	return out.Flush()
}

func writeRows(t *figure.Table, line func(string)) {
	head := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		head[i] = middle(clean(columnTitle(c)), widestColumn)
	}
	rows := make([][]string, len(t.Rows))
	for i, r := range t.Rows {
		rows[i] = textCells(t, r)
	}
	widths := make([]int, len(head))
	for _, r := range append([][]string{head}, rows...) {
		for i, s := range r {
			widths[i] = max(widths[i], columns(s))
		}
	}
	total := 2 * max(len(widths)-1, 0)
	for _, n := range widths {
		total += n
	}
	rule := strings.Repeat("─", total)
	line(alignCells(t, head, widths))
	line(rule)
	for _, r := range rows {
		line(alignCells(t, r, widths))
	}
	line(rule)
}

func textCells(t *figure.Table, r figure.Row) []string {
	cells := make([]string, len(t.Columns))
	for i := range cells {
		if i >= len(r.Cells) {
			break
		}
		cells[i] = middle(clean(r.Cells[i].Text), widestColumn)
		if i == 0 {
			cells[i] = strings.Repeat("  ", max(0, min(r.Depth, 30))) + cells[i]
		}
	}
	return cells
}

// alignCells pads cells to their columns' widths, numbers to the right.
func alignCells(t *figure.Table, cells []string, widths []int) string {
	var b strings.Builder
	for i, s := range cells {
		if i > 0 {
			b.WriteString("  ")
		}
		space := strings.Repeat(" ", widths[i]-columns(s))
		if t.Columns[i].Number {
			b.WriteString(space + s)
		} else {
			b.WriteString(s + space)
		}
	}
	return b.String()
}

// writeFacts writes names and values below one another, then the warnings.
func writeFacts(t *figure.Table, line func(string)) {
	for i, facts := range [][]figure.Fact{t.Totals, t.Facts} {
		if i > 0 && len(facts) > 0 {
			line("")
		}
		names := 0
		for _, f := range facts {
			names = max(names, columns(clean(f.Name)))
		}
		for _, f := range facts {
			name := clean(f.Name)
			line(name + strings.Repeat(" ", names-columns(name)) + "  " + clean(f.Value))
		}
	}
	for _, s := range t.Warnings {
		line("")
		line("Warning: " + clean(s))
	}
}
