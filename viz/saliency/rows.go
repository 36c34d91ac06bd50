package saliency

import (
	"context"
	"fmt"
	"slices"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/viz"
	"github.com/tomo-viz/tomo/viz/attribution"
)

// mostLines bounds the features of all rows that one figure lists.
const mostLines = 50000

// explainRows explains rows of features: a table of each row's features, those
// first whose share by the first method is largest, with their shares as bars.
func explainRows(ctx context.Context, in *viz.Input, p Params) (figure.Figure, error) {
	if lines := in.Images[0].Array.Len() * min(p.Show, len(in.Images)); lines > mostLines {
		return nil, viz.Userf("this asks for %d features in all rows, and one table lists at most %d; show fewer rows with --show", lines, mostLines)
	}
	if p.Baseline == "mean" || p.Baseline == "random" {
		if len(in.Images) < 2 && slices.ContainsFunc(p.Method, func(v Variant) bool { return v.entry().compares }) {
			return nil, viz.Userf("--baseline %s is taken of the rows that are given, and %s is but one; give several", p.Baseline, in.Images[0].Name)
		}
	}
	list, err := attribution.Choose(ctx, in, p.Show)
	if err != nil {
		return nil, err
	}
	o := Options{Params: p, Seed: in.Seed}
	for _, img := range in.Images {
		o.rows = append(o.rows, img.Array.F32())
	}
	t := p.newTable(in, "feature", "value")
	p.describeBaseline(&t.About)
	list.Describe(&t.About)
	n := 0
	for s, err := range attribution.Subjects(ctx, in, list.Images, attribution.Readying{}) {
		if err == nil {
			in.Progress(viz.Progress{Done: list.Steps(n), Total: list.All(), What: s.Name, Partial: soFar(t)})
			o.row = s.Index
			err = addRow(ctx, in.Model, t, s, len(list.Images) > 1, o)
		}
		if err != nil {
			return soFar(t), err
		}
		n++
	}
	in.Progress(viz.Progress{Done: list.All(), Total: list.All()})
	return t, nil
}

// addRow explains one row, for each target in a group of its own.
func addRow(ctx context.Context, m *model.Model, t *figure.Table, s *attribution.Subject, several bool, o Options) error {
	reads, err := o.question().Reads(m)
	if err != nil {
		return err
	}
	answer, err := attribution.AskAny(ctx, m, s.Input, reads)
	if err != nil {
		return err
	}
	items := make([]item, s.Input.Len())
	for i, v := range s.Input.F32() {
		items[i] = item{fmt.Sprint("feature ", i), float64(v)}
		if i < len(s.Features) && s.Features[i] != "" {
			items[i].name = s.Features[i]
		}
	}
	return addGroups(ctx, t, answer, s.Name, several, o, items, true)
}

// soFar is a copy of a table in the making; nil while it is empty.
func soFar(t *figure.Table) figure.Figure {
	if len(t.Rows) == 0 {
		return nil
	}
	part := *t
	return &part
}
