package saliency

import (
	"context"
	"fmt"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/viz"
	"github.com/tomo-viz/tomo/viz/attribution"
)

// explainTokens explains sequences of tokens: a table of each one's tokens in their
// order, with the shares of their embeddings, which stand for them since a number
// of a token has no slope, summed up over each embedding.
func explainTokens(ctx context.Context, in *viz.Input, p Params, tokens model.Tokens) (figure.Figure, error) {
	all, err := attribution.Sequences(in.Model, tokens, in.Images)
	if err != nil {
		return nil, err
	}
	shown := all[:min(p.Show, len(all))]
	if lines := len(shown) * len(all[0].IDs); lines > mostLines {
		return nil, viz.Userf("this asks for %d tokens in all sequences, and one table lists at most %d; show fewer sequences with --show", lines, mostLines)
	}
	o := Options{Params: p, Seed: in.Seed}
	if o.padding, err = p.paddingOf(in.Model, tokens); err != nil {
		return nil, err
	}
	t := p.newTable(in, "token", "number")
	if o.padding != nil {
		t.Add("baseline", fmt.Sprintf("the embedding of token %d", p.Padding))
	} else {
		p.describeBaseline(&t.About)
	}
	t.Add("embedded by", in.Model.Net.Values[tokens.Embedded].Name)
	if len(shown) < len(all) {
		t.Add("sequences", fmt.Sprintf("the first %d of %d", len(shown), len(all)))
	}
	words := in.Model.Vocabulary()
	for n, s := range shown {
		in.Progress(viz.Progress{Done: n, Total: len(shown), What: s.Name, Partial: soFar(t)})
		if err := addSequence(ctx, in.Model, t, tokens, s, len(shown) > 1, o, words); err != nil {
			return soFar(t), err
		}
	}
	in.Progress(viz.Progress{Done: len(shown), Total: len(shown)})
	return t, nil
}

func addSequence(ctx context.Context, m *model.Model, t *figure.Table, tokens model.Tokens, s attribution.Sequence, several bool, o Options, words []string) error {
	reads, err := o.question().Reads(m)
	if err != nil {
		return err
	}
	answer, err := attribution.AskTokens(ctx, m, tokens, s, reads)
	if err != nil {
		return err
	}
	items := make([]item, len(s.IDs))
	for i, id := range s.IDs {
		items[i] = item{fmt.Sprint("token ", i), float64(id)}
		if id < len(words) {
			items[i].name = words[id]
		}
	}
	return addGroups(ctx, t, answer, s.Name, several, o, items, false)
}

// paddingOf is the embedding of the padding token; nil if none is named.
func (p Params) paddingOf(m *model.Model, tokens model.Tokens) ([]float32, error) {
	if p.Padding < 0 {
		return nil, nil
	}
	if n := tokens.Table.Dim(0); p.Padding >= n {
		return nil, viz.Userf("--padding %d is no token of %s; they are numbered from 0 to %d", p.Padding, m.Name, n-1)
	}
	row, err := tokens.Table.Slice(p.Padding, p.Padding+1).Convert(tensor.Float32)
	if err != nil {
		return nil, viz.Userf("the embeddings of %s: %w", m.Name, err)
	}
	return row.F32(), nil
}
