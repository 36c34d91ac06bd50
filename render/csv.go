package render

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"github.com/tomo-viz/tomo/figure"
)

// writeCSV writes RFC 4180 with a header.
func writeCSV(w io.Writer, fig figure.Figure, _ Options) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	var err error
	switch f := fig.(type) {
	case *figure.Table:
		err = writeTableCSV(out, f)
	case *figure.Lines:
		err = writeLinesCSV(out, f)
	}
	if err != nil {
		return err
	}
	out.Flush()
	return out.Error()
}

// writeTableCSV writes a line for each row, numbers as plain numbers. A tree gets two more columns, depth and group, so that rows
// which sum up others can be left out of a sum.
func writeTableCSV(out *csv.Writer, t *figure.Table) error {
	tree := isTree(t)
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
	return nil
}

// writeLinesCSV writes a line for each point of each curve.
func writeLinesCSV(out *csv.Writer, l *figure.Lines) error {
	if err := out.Write([]string{"plot", "curve", "x", "y", "low", "high"}); err != nil {
		return err
	}
	for _, p := range l.Plots {
		for _, c := range p.Curves {
			for i := range min(len(c.X), len(c.Y)) {
				line := []string{safeCell(p.Title), safeCell(c.Name), csvNumber(c.X, i), csvNumber(c.Y, i), csvNumber(c.Low, i), csvNumber(c.High, i)}
				if err := out.Write(line); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func csvNumber(values []float64, i int) string {
	if i >= len(values) {
		return ""
	}
	return strconv.FormatFloat(values[i], 'g', -1, 64)
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
