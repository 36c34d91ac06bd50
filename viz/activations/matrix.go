package activations

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tomo-viz/tomo/data"
	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/viz"
)

// A board is pictures, or subsets of them, against the units of a layer, as in
// ActiVis (Kahng et al., IEEE TVCG 2018, arXiv 1704.01942, section 5.3), where
// neurons are columns and instances and subsets are rows.
type board struct {
	*survey
	subsets []subset
	rows    []*boardRow
	columns []figure.Line
}

// A boardRow sums up the pictures of a row.
type boardRow struct {
	name    string
	count   int
	sums    []float64
	picture *figure.Picture // the first one's
}

// Bounds of a board.
const (
	mostRows  = 5000
	mostCells = 1 << 23 // numbers of one matrix
	thumbnail = 40      // pixels of the longer side
)

func collectBoard(s *survey) (collector, error) {
	if err := s.oneLayer(); err != nil {
		return nil, err
	}
	c := &board{survey: s}
	var err error
	if c.subsets, err = readSubsets(s.params.Subset); err != nil {
		return nil, err
	}
	if s.params.Rows == byPrediction {
		if _, err := s.model.Classifier(); err != nil {
			return nil, err
		}
	}
	if s.params.Rows == byLabel && len(c.subsets) == 0 && !slices.ContainsFunc(s.in.Images, func(i viz.Image) bool { return i.Label != "" }) {
		return nil, viz.Userf("the pictures have no labels; put them into folders that are named like their classes, or name subsets with --subset")
	}
	return c, nil
}

func (c *board) add(_ context.Context, r *reading) error {
	m := &r.maps[0]
	if c.columns == nil {
		for k := range m.Channels {
			c.columns = append(c.columns, figure.Line{Name: c.unitName(c.layers[0], m.Channels, k)})
		}
	}
	if m.Channels != len(c.columns) {
		return viz.Userf("layer %q puts out %d channels for %s and %d for the pictures before", c.layers[0].Name, m.Channels, r.Name, len(c.columns))
	}
	values := make([]float64, m.Channels)
	for k := range values {
		values[k] = mean(m.channel(k))
	}
	for _, name := range c.rowsOf(r) {
		row, err := c.row(name, r)
		if err != nil {
			return err
		}
		row.count++
		for k, v := range values {
			row.sums[k] += v
		}
	}
	return nil
}

func mean(values []float32) float64 {
	sum := 0.0
	for _, v := range values {
		sum += float64(v)
	}
	return sum / float64(len(values))
}

// rowsOf names the rows that a picture belongs to: the subsets that hold it, or
// the one that --rows says.
func (c *board) rowsOf(r *reading) []string {
	var names []string
	for _, s := range c.subsets {
		if s.holds(r) {
			names = append(names, s.name)
		}
	}
	switch {
	case len(c.subsets) > 0:
	case c.params.Rows == byLabel && r.Label != "":
		names = []string{r.Label}
	case c.params.Rows == byPrediction:
		names = []string{c.model.Label(leading(r.answer.Logits.F32()))}
	case c.params.Rows == byPicture:
		names = []string{fmt.Sprintf("%d\x00%s", r.Index, r.Name)} // names may be the same
	}
	return names
}

func (c *board) row(name string, r *reading) (*boardRow, error) {
	for _, row := range slices.Backward(c.rows) {
		if row.name == name {
			return row, nil
		}
	}
	if len(c.rows) == mostRows {
		return nil, viz.Userf("one matrix has at most %d rows; take fewer pictures, or --rows label", mostRows)
	}
	if n := (len(c.rows) + 1) * len(c.columns); n > mostCells {
		return nil, viz.Userf("one matrix has at most %d numbers, and this layer has %d units for each row; take fewer pictures, --rows label, or units by --unit", mostCells, len(c.columns))
	}
	row := &boardRow{name: name, sums: make([]float64, len(c.columns)), picture: thumbnailOf(r.Seen)}
	c.rows = append(c.rows, row)
	return row, nil
}

// thumbnailOf makes a small copy; nil if that fails.
func thumbnailOf(seen figure.Picture) *figure.Picture {
	img := &data.Image{W: seen.W, H: seen.H, Pix: seen.Pix}
	k := min(1, thumbnail/float64(max(img.W, img.H)))
	small, err := data.Resize(img, max(1, int(k*float64(img.W)+0.5)), max(1, int(k*float64(img.H)+0.5)), data.Bilinear)
	if err != nil {
		return nil
	}
	return &figure.Picture{W: small.W, H: small.H, Pix: small.Pix}
}

func (c *board) figure() figure.Figure {
	if len(c.rows) == 0 {
		return nil
	}
	m := &figure.Matrix{RowsAre: string(c.params.Rows), ColumnsAre: "unit", ValuesAre: "mean activation", Colormap: string(c.params.Colormap), Columns: c.columns}
	if len(c.subsets) > 0 {
		m.RowsAre = "subset"
	}
	m.Title = strings.ToUpper(m.RowsAre[:1]) + m.RowsAre[1:] + "s against the units of " + c.layers[0].Name
	for _, row := range c.rows {
		line := figure.Line{Name: row.name, Picture: row.picture}
		if m.RowsAre == string(byPicture) {
			_, line.Name, _ = strings.Cut(row.name, "\x00")
		} else {
			line.Note = fmt.Sprintf("%d pictures", row.count)
			line.Name += fmt.Sprintf(" (%d)", row.count)
		}
		m.Rows = append(m.Rows, line)
		for _, sum := range row.sums {
			m.Values = append(m.Values, float32(sum/float64(row.count)))
		}
	}
	m.Low, m.High = rangeOf(m.Values)
	m.PerColumn = c.params.Span == spanChannel && len(c.rows) > 1
	if !m.PerColumn && m.Low < 0 && m.High > 0 {
		m.High = max(m.High, -m.Low)
		m.Low, m.Colormap = -m.High, "coolwarm"
	}
	c.warnEmpty(&m.About)
	m.Add("each number", "the unit's mean over its places and the row's pictures")
	return m
}

// warnEmpty tells of subsets that hold no picture so far.
func (c *board) warnEmpty(about *figure.About) {
	for _, s := range c.subsets {
		if !slices.ContainsFunc(c.rows, func(r *boardRow) bool { return r.name == s.name }) {
			about.Warn(fmt.Sprintf("No picture is in the subset %q.", s.name))
		}
	}
}
