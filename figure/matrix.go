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
	Values   Floats  `json:"values"`
	Low      float32 `json:"low"`
	High     float32 `json:"high"`
	Colormap string  `json:"colormap"`
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

// Kind implements Figure.
func (*Matrix) Kind() string { return "matrix" }

// Arrays returns the matrix.
func (m *Matrix) Arrays() []Array {
	return []Array{{"values", []int{len(m.Rows), len(m.Columns)}, []float32(m.Values)}}
}
