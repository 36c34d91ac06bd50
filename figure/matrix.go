package figure

// A Matrix is numbers for every pair of a row and a column, such as pictures
// against units, drawn as colours.
type Matrix struct {
	About `json:"about"`
	// RowsAre, ColumnsAre and ValuesAre say what is what: "class", "channel",
	// "mean activation".
	RowsAre    string `json:"rowsAre"`
	ColumnsAre string `json:"columnsAre"`
	ValuesAre  string `json:"valuesAre"`
	Rows       []Line `json:"rows"`
	Columns    []Line `json:"columns"`
	// Values are the raw numbers, row by row; NaN where there is none. Low and
	// High are what the ends of the colour scale stand for.
	Values Floats  `json:"values"`
	Low    float32 `json:"low"`
	High   float32 `json:"high"`
	// PerColumn tells that the colours of each column span its own range: for
	// columns that are no measure of one another.
	PerColumn bool   `json:"perColumn,omitempty"`
	Colormap  string `json:"colormap"`
}

// A Line is what heads a row or a column.
type Line struct {
	Name string `json:"name"`
	Note string `json:"note,omitempty"`
	// Picture is what the line stands for, small.
	Picture *Picture `json:"picture,omitempty"`
}

// At returns the number of a row and a column.
func (m *Matrix) At(row, column int) float32 { return m.Values[row*len(m.Columns)+column] }

// Shares are the values as the colours have them: 0 at the low end of the scale,
// 1 at the high one; NaN where there is none.
func (m *Matrix) Shares() []float32 {
	out := make([]float32, len(m.Rows)*len(m.Columns))
	for c := range m.Columns {
		low, high := m.Low, m.High
		if m.PerColumn {
			low, high = m.rangeOf(c)
		}
		for r := range m.Rows {
			at := r*len(m.Columns) + c
			switch v := m.Values[at]; {
			case v != v:
				out[at] = v
			case high > low:
				out[at] = max(0, min(1, (v-low)/(high-low)))
			}
		}
	}
	return out
}

// rangeOf is that of the finite numbers of a column.
func (m *Matrix) rangeOf(c int) (low, high float32) {
	first := true
	for r := range m.Rows {
		if v := m.At(r, c); v-v == 0 {
			if first {
				low, high, first = v, v, false
			}
			low, high = min(low, v), max(high, v)
		}
	}
	return low, high
}

// Kind implements Figure.
func (*Matrix) Kind() string { return "matrix" }

// Arrays returns the matrix.
func (m *Matrix) Arrays() []Array {
	return []Array{{"values", []int{len(m.Rows), len(m.Columns)}, []float32(m.Values)}}
}
