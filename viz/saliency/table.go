package saliency

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/viz"
	"github.com/tomo-viz/tomo/viz/attribution"
)

// newTable is an empty table of items, such as features, with the shares that each
// method gives them as bars.
func (p Params) newTable(in *viz.Input, item, value string) *figure.Table {
	t := &figure.Table{Columns: []figure.Column{{Name: item}, {Name: value, Number: true}}}
	t.Title, t.Subtitle = title(p.Method), in.Model.Name
	for _, v := range p.Method {
		t.Columns = append(t.Columns, figure.Column{Name: v.entry().title, Number: true, Bars: true})
	}
	attribution.DescribeInput(&t.About, in)
	t.Add("explained", string(p.Target))
	return t
}

// An item is what has a line of a table: a feature with its value, or a token with
// its number.
type item struct {
	name  string
	value float64
}

// addGroups explains an answer about some items, for each target in a group of its
// own; they stay in order, or are sorted by their shares.
func addGroups(ctx context.Context, t *figure.Table, a *attribution.Answer, name string, several bool, o Options, items []item, sorted bool) error {
	targets, ranked, err := o.question().Targets(a)
	if err != nil {
		return err
	}
	for _, target := range targets {
		var shares [][]float32
		for _, v := range o.Method {
			one, err := Explain(ctx, a, target, v, o)
			if err != nil {
				return err
			}
			for _, note := range one.notes {
				note.writeTo(&t.About, name, several)
			}
			if one.Warning != "" && !slices.Contains(t.Warnings, one.Warning) {
				t.Warn(one.Warning)
			}
			shares = append(shares, sharesOf(one, len(items), o.Sign == absolute))
		}
		head := name + ": " + target.ClassName(a.Model)
		if i := slices.IndexFunc(ranked, func(p figure.Prediction) bool { return p.Class == target.Class }); i >= 0 {
			head += fmt.Sprintf(", %.1f %%", 100*ranked[i].Score)
		}
		t.Rows = append(t.Rows, groupOf(head, items, shares, sorted)...)
	}
	return nil
}

// sharesOf are those of items: their own numbers, or what these are combined to
// where an item has several.
func sharesOf(one *Explanation, items int, magnitudes bool) []float32 {
	switch {
	case len(one.Shares.Values) != items:
		return one.Values
	case magnitudes:
		return attribution.Magnitudes(one.Shares.Values)
	}
	return one.Shares.Values
}

// groupOf are the lines of a group: the sums, and below them the items.
func groupOf(head string, items []item, shares [][]float32, sorted bool) []figure.Row {
	sum := figure.Row{Group: true, Cells: []figure.Cell{figure.Text(head), {}}}
	for _, list := range shares {
		total := 0.0
		for _, v := range list {
			total += float64(v)
		}
		sum.Cells = append(sum.Cells, numberCell(total))
	}
	order := make([]int, len(items))
	for i := range order {
		order[i] = i
	}
	if sorted {
		slices.SortStableFunc(order, func(i, j int) int {
			return cmp.Compare(math.Abs(float64(shares[0][j])), math.Abs(float64(shares[0][i])))
		})
	}
	out := []figure.Row{sum}
	for _, i := range order {
		line := figure.Row{Depth: 1, Cells: []figure.Cell{figure.Text(items[i].name), numberCell(items[i].value)}}
		for _, list := range shares {
			line.Cells = append(line.Cells, numberCell(float64(list[i])))
		}
		out = append(out, line)
	}
	return out
}

// numberCell writes a number in few digits.
func numberCell(v float64) figure.Cell {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return figure.Text("–")
	}
	return figure.Cell{Text: fmt.Sprintf("%.5g", v), Value: v}
}
