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
	case *figure.Images:
		err = writeImagesCSV(out, f)
	case *figure.Matrix:
		err = writeMatrixCSV(out, f)
	case *figure.Parallel:
		err = writeParallelCSV(out, f)
	case *figure.Heatmap:
		err = writeHeatmapCSV(out, f)
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

// writeImagesCSV writes a line for each tile; the maps themselves are in NPZ.
func writeImagesCSV(out *csv.Writer, g *figure.Images) error {
	if err := out.Write([]string{"strip", "tile", "value", "note", "low", "high", "width", "height"}); err != nil {
		return err
	}
	for _, s := range g.Strips {
		for _, t := range s.Tiles {
			line := []string{safeCell(s.Title), safeCell(t.Name), csvFloat(t.Value), safeCell(t.Note), "", "", "", ""}
			if t.W > 0 {
				copy(line[4:], []string{csvFloat(float64(t.Low)), csvFloat(float64(t.High)), strconv.Itoa(t.W), strconv.Itoa(t.H)})
			}
			if err := out.Write(line); err != nil {
				return err
			}
		}
	}
	return nil
}

// writeMatrixCSV writes the names of the columns above and those of the rows
// on the left.
func writeMatrixCSV(out *csv.Writer, m *figure.Matrix) error {
	line := []string{safeCell(m.RowsAre)}
	for _, c := range m.Columns {
		line = append(line, safeCell(c.Name))
	}
	if err := out.Write(line); err != nil {
		return err
	}
	for r, row := range m.Rows {
		line = append(line[:0], safeCell(row.Name))
		for c := range m.Columns {
			if i := r*len(m.Columns) + c; i < len(m.Values) {
				line = append(line, csvFloat(float64(m.Values[i])))
			}
		}
		if err := out.Write(line); err != nil {
			return err
		}
	}
	return nil
}

// csvFloat is empty for what is no number.
func csvFloat(v float64) string {
	if v != v {
		return ""
	}
	return strconv.FormatFloat(v, 'g', -1, 32)
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
