package figure

import "strconv"

// A Table is rows of cells under named columns, with an optional tree in its
// first column and totals below.
type Table struct {
	About   `json:"about"`
	Columns []Column `json:"columns"`
	Rows    []Row    `json:"rows"`
	Totals  []Fact   `json:"totals,omitempty"`
}

// A Column heads the cells below it.
type Column struct {
	Name string `json:"name"`
	Unit string `json:"unit,omitempty"`
	// Number aligns to the right and sorts by value.
	Number bool `json:"number,omitempty"`
	// Bars draws a bar beside each number, to the right of zero or to the left.
	Bars bool `json:"bars,omitempty"`
}

// A Row is one line. Depth indents its first cell; Group marks a row that sums
// up those indented below it.
type Row struct {
	Cells []Cell `json:"cells"`
	Depth int    `json:"depth,omitempty"`
	Group bool   `json:"group,omitempty"`
}

// A Cell is text for people and, in a number column, the value behind it.
type Cell struct {
	Text  string  `json:"text"`
	Value float64 `json:"value,omitempty"`
}

// Text returns a cell of text.
func Text(s string) Cell { return Cell{Text: s} }

// Count returns a cell of a whole number, its thousands set apart.
func Count(n int64) Cell { return Cell{Text: Thousands(n), Value: float64(n)} }

// Thousands writes n as 11,689,512.
func Thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// Kind implements Figure.
func (*Table) Kind() string { return "table" }

// Arrays returns the number columns.
func (t *Table) Arrays() []Array {
	var out []Array
	for i, c := range t.Columns {
		if !c.Number {
			continue
		}
		v := make([]float64, len(t.Rows))
		for j, r := range t.Rows {
			if i < len(r.Cells) {
				v[j] = r.Cells[i].Value
			}
		}
		out = append(out, Array{c.Name, []int{len(v)}, v})
	}
	return out
}
