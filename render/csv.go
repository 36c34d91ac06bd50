package render

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"github.com/tomo-viz/tomo/figure"
)

// writeCSV writes RFC 4180: a header, then a line for each row, numbers as
// plain numbers. A tree gets two more columns, depth and group, so that rows
// which sum up others can be left out of a sum.
func writeCSV(w io.Writer, fig figure.Figure, _ Options) error {
	t := fig.(*figure.Table)
	tree := isTree(t)
	out := csv.NewWriter(w)
	out.UseCRLF = true
	head := make([]string, 0, len(t.Columns)+2)
	for _, c := range t.Columns {
		head = append(head, safeCell(columnTitle(c)))
	}
	if tree {
		head = append(head, "depth", "group")
	}
	if err := out.Write(head); err != nil {
		return err
	}
	for _, r := range t.Rows {
		if err := out.Write(csvRow(t, r, tree)); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func csvRow(t *figure.Table, r figure.Row, tree bool) []string {
	line := make([]string, len(t.Columns), len(t.Columns)+2)
	for i, c := range t.Columns {
		switch {
		case i >= len(r.Cells):
		case !c.Number:
			line[i] = safeCell(r.Cells[i].Text)
		case r.Cells[i].Text != "" || r.Cells[i].Value != 0:
			line[i] = strconv.FormatFloat(r.Cells[i].Value, 'f', -1, 64)
		}
	}
	if tree {
		line = append(line, strconv.Itoa(r.Depth), strconv.FormatBool(r.Group))
	}
	return line
}

// safeCell keeps spreadsheets from running a name out of a hostile file as a
// formula.
func safeCell(s string) string {
	s = clean(s)
	if s != "" && strings.ContainsRune("=+-@", rune(s[0])) && len(s) > 1 {
		return "'" + s
	}
	return s
}

func isTree(t *figure.Table) bool {
	for _, r := range t.Rows {
		if r.Depth > 0 || r.Group {
			return true
		}
	}
	return false
}
