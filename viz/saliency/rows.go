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

// mostLines bounds the features of all rows that one figure lists.
const mostLines = 50000

// explainRows explains rows of features: a table of each row's features, those
// first whose share by the first method is largest, with their shares as bars.
func explainRows(ctx context.Context, in *viz.Input, p Params) (figure.Figure, error) {
	list, err := attribution.Choose(ctx, in, p.Show)
	if err != nil {
		return nil, err
	}
	if lines := in.Images[0].Array.Len() * len(list.Images); lines > mostLines {
		return nil, viz.Userf("this asks for %d features in all rows, and one table lists at most %d; show fewer rows with --show", lines, mostLines)
	}
	if p.Baseline == "mean" || p.Baseline == "random" {
		if len(in.Images) < 2 && slices.ContainsFunc(p.Method, func(v Variant) bool { return v.entry().compares }) {
			return nil, viz.Userf("--baseline %s is taken of the rows that are given, and %s is but one; give several", p.Baseline, in.Images[0].Name)
		}
	}
	o := Options{Params: p, Seed: in.Seed}
	for _, img := range in.Images {
		o.rows = append(o.rows, img.Array.F32())
	}
	t := &figure.Table{Columns: []figure.Column{{Name: "feature"}, {Name: "value", Number: true}}}
	t.Title, t.Subtitle = title(p.Method), in.Model.Name
	for _, v := range p.Method {
		t.Columns = append(t.Columns, figure.Column{Name: v.entry().title, Number: true, Bars: true})
	}
	attribution.DescribeInput(&t.About, in)
	t.Add("explained", string(p.Target))
	p.describeBaseline(&t.About)
	list.Describe(&t.About)
	n := 0
	for s, err := range attribution.Subjects(ctx, in, list.Images, attribution.Readying{}) {
		if err == nil {
			in.Progress(viz.Progress{Done: list.Steps(n), Total: list.All(), What: s.Name, Partial: soFar(t)})
			err = addRow(ctx, in, t, s, len(list.Images) > 1, o)
		}
		if err != nil {
			return soFar(t), err
		}
		n++
	}
	in.Progress(viz.Progress{Done: list.All(), Total: list.All()})
	return t, nil
}

// soFar is a copy of a table in the making; nil while it is empty.
func soFar(t *figure.Table) figure.Figure {
	if len(t.Rows) == 0 {
		return nil
	}
	part := *t
	return &part
}

// addRow explains one row, for each target in a group of its own.
func addRow(ctx context.Context, in *viz.Input, t *figure.Table, s *attribution.Subject, several bool, o Options) error {
	question := o.question()
	reads, err := question.Reads(in.Model)
	if err != nil {
		return err
	}
	answer, err := attribution.AskAny(ctx, in.Model, s.Input, reads)
	if err != nil {
		return err
	}
	targets, ranked, err := question.Targets(answer)
	if err != nil {
		return err
	}
	for _, target := range targets {
		var shares [][]float32
		for _, v := range o.Method {
			one, err := Explain(ctx, answer, target, v, o)
			if err != nil {
				return err
			}
			for _, note := range one.notes {
				note.writeTo(&t.About, s.Name, several)
			}
			if one.Warning != "" {
				t.Warn(one.Warning)
			}
			shares = append(shares, one.Shares.Values)
		}
		head := fmt.Sprintf("%s: %s", s.Name, target.ClassName(in.Model))
		if i := slices.IndexFunc(ranked, func(p figure.Prediction) bool { return p.Class == target.Class }); i >= 0 {
			head += fmt.Sprintf(", %.1f %%", 100*ranked[i].Score)
		}
		t.Rows = append(t.Rows, rowsOf(head, s, shares, o.Sign == absolute)...)
	}
	return nil
}

// rowsOf are the lines of one row and target: the sums, and below them the
// features.
func rowsOf(head string, s *attribution.Subject, shares [][]float32, magnitudes bool) []figure.Row {
	sum := figure.Row{Group: true, Cells: []figure.Cell{figure.Text(head), {}}}
	for k, list := range shares {
		if magnitudes {
			shares[k] = attribution.Magnitudes(list)
		}
		total := 0.0
		for _, v := range shares[k] {
			total += float64(v)
		}
		sum.Cells = append(sum.Cells, numberCell(total))
	}
	x := s.Input.F32()
	order := make([]int, len(x))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		return cmp.Compare(math.Abs(float64(shares[0][j])), math.Abs(float64(shares[0][i])))
	})
	out := []figure.Row{sum}
	for _, i := range order {
		name := fmt.Sprint("feature ", i)
		if i < len(s.Features) && s.Features[i] != "" {
			name = s.Features[i]
		}
		line := figure.Row{Depth: 1, Cells: []figure.Cell{figure.Text(name), numberCell(float64(x[i]))}}
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
	return figure.Cell{Text: fmt.Sprintf("%.4g", v), Value: v}
}
