package activations

import (
	"fmt"

	"github.com/tomo-viz/tomo/figure"
)

// summary is a line for each layer.
func summary(c *census) figure.Figure {
	return c.table(false)
}

// unitTable is a line for each unit, below one for its layer.
func unitTable(c *census) figure.Figure {
	return c.table(true)
}

func (c *census) table(units bool) figure.Figure {
	t := &figure.Table{Columns: []figure.Column{{Name: "layer"}, {Name: "operator"}, {Name: "puts out"}}}
	if units {
		t.Columns = []figure.Column{{Name: "layer, unit"}, {Name: "operator"}, {Name: "puts out"}}
	}
	for _, name := range []string{"mean", "median", "min", "max", "std"} {
		t.Columns = append(t.Columns, figure.Column{Name: name, Number: true})
	}
	t.Columns = append(t.Columns, figure.Column{Name: "above 0", Unit: "%", Number: true},
		figure.Column{Name: "dead", Number: true}, figure.Column{Name: "saturated", Number: true}, figure.Column{Name: "state"})
	t.Title = "Statistics of what the layers put out"
	dead, stuck, all := 0, 0, 0
	for i := range c.layers {
		d, s := c.tally(i)
		dead, stuck, all = dead+d, stuck+s, all+len(c.units[i])
		t.Rows = append(t.Rows, c.layerRow(i, d, s, units))
		if units {
			t.Rows = append(t.Rows, c.unitRows(i)...)
		}
	}
	t.Totals = []figure.Fact{
		{Name: "units", Value: figure.Thousands(int64(all))},
		{Name: "dead", Value: figure.Thousands(int64(dead))},
		{Name: "saturated", Value: figure.Thousands(int64(stuck))},
	}
	c.explain(&t.About)
	return t
}

// explain says how the numbers were counted.
func (c *census) explain(about *figure.About) {
	about.Add("dead", "the same number everywhere, or never above 0 where a ReLU or its like follows")
	about.Add("saturated", fmt.Sprintf("%.0f %% of the numbers within %.0f %% of an end of the activation function", 100*saturated, 100*nearness))
	about.Add("medians", "within 0.8 %")
}

func (c *census) layerRow(i, dead, stuck int, group bool) figure.Row {
	sum := whole(c.units[i])
	row := figure.Row{Group: group, Cells: []figure.Cell{figure.Text(c.layers[i].Name), figure.Text(c.layers[i].Op), figure.Text(c.grids[i].String())}}
	row.Cells = append(row.Cells, sum.cells()...)
	row.Cells = append(row.Cells, figure.Count(int64(dead)), figure.Count(int64(stuck)))
	state := ""
	if sum.NotReal > 0 {
		state = c.ends[i].state(sum.Sketch)
	}
	row.Cells = append(row.Cells, figure.Text(state))
	return row
}

func (c *census) unitRows(i int) []figure.Row {
	var rows []figure.Row
	for k := range c.units[i] {
		u := &c.units[i][k]
		row := figure.Row{Depth: 1, Cells: []figure.Cell{figure.Text(c.unitName(c.layers[i], len(c.units[i]), k)), figure.Text(""), figure.Text("")}}
		row.Cells = append(row.Cells, u.cells()...)
		dead, stuck := int64(0), int64(0)
		if c.ends[i].dead(u.Sketch) != "" {
			dead = 1
		} else if c.ends[i].saturation(u.Sketch) >= saturated {
			stuck = 1
		}
		row.Cells = append(row.Cells, figure.Count(dead), figure.Count(stuck), figure.Text(c.ends[i].state(u.Sketch)))
		rows = append(rows, row)
	}
	return rows
}

// cells are the statistics of a unit: mean, median, least, greatest, standard
// deviation, and the share above zero in per cent.
func (u *unit) cells() []figure.Cell {
	number := func(v float64) figure.Cell { return figure.Cell{Text: brief(v), Value: v} }
	if u.N == 0 {
		return make([]figure.Cell, 6)
	}
	above := 100 * u.AboveZero()
	return []figure.Cell{
		number(u.mean), number(u.Median()), number(float64(u.Min)), number(float64(u.Max)), number(u.deviation()),
		{Text: fmt.Sprintf("%.1f", above), Value: above},
	}
}
