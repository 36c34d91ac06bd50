package render

import (
	"bufio"
	"io"
	"strings"

	"github.com/tomo-viz/tomo/figure"
)

// widestColumn is how many characters of a cell are shown in a terminal.
const widestColumn = 60

// writeTXT writes a figure for a terminal, with what the caption says around
// it: a table aligned, indented and ruled, pictures and curves in words.
func writeTXT(w io.Writer, fig figure.Figure, _ Options) error {
	out := bufio.NewWriter(w)
	writeText(fig, func(s string) { out.WriteString(strings.TrimRight(s, " ") + "\n") })
	return out.Flush()
}

func writeText(fig figure.Figure, line func(string)) {
	about := fig.Caption()
	for _, s := range []string{about.Title, about.Subtitle} {
		if s != "" {
			line(clean(s))
		}
	}
	if about.Title != "" || about.Subtitle != "" {
		line("")
	}
	var totals []figure.Fact
	switch f := fig.(type) {
	case *figure.Table:
		totals = f.Totals
		writeRows(f, line)
	case *figure.Heatmap:
		writePanels(f, line)
	case *figure.Lines:
		writeCurves(f, line)
	case *figure.Report:
		writeSections(f, line)
	case *figure.Images:
		writeStrips(f, line)
	case *figure.Matrix:
		writeMatrix(f, line)
	}
	writeFacts(totals, about, line)
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
func writeFacts(totals []figure.Fact, about *figure.About, line func(string)) {
	for i, facts := range [][]figure.Fact{totals, about.Facts} {
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
	for _, s := range about.Warnings {
		line("")
		line("Warning: " + clean(s))
	}
}
