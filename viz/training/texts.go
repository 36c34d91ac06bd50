package training

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/viz/training/findings"
)

// Bounds of the texts of one table.
const (
	mostTexts  = 200 // of a name
	mostLetter = 4000
)

// showTexts puts the logged texts into a table, by name and step.
func showTexts(ctx context.Context, s *session) (figure.Figure, error) {
	list, left, err := s.shelves(ctx, track.Text, 100, mostTexts)
	if err != nil {
		return nil, err
	}
	for _, l := range list {
		s.total += len(l.heads)
	}
	t := &figure.Table{Columns: []figure.Column{{Name: "run"}, {Name: "name"}, {Name: "step", Number: true}, {Name: "text"}}}
	t.Title = "Logged texts"
	s.shelvesLeft(t.Warn, left)
	for _, l := range list {
		for _, h := range l.heads {
			s.step(l.name)
			err := ctx.Err()
			var body []byte
			if err == nil {
				body, err = l.run.store.RecordBody(ctx, h)
			}
			if err != nil {
				return part(t, len(t.Rows)), err
			}
			step := figure.Cell{Text: findings.Figure(h.Step), Value: h.Step}
			t.Rows = append(t.Rows, figure.Row{Cells: []figure.Cell{figure.Text(l.run.name), figure.Text(l.name), step, figure.Text(beginning(string(body)))}})
		}
	}
	return t, nil
}

// beginning is as much of a text as a cell may hold.
func beginning(text string) string {
	text = strings.ToValidUTF8(text, "�")
	if len(text) <= mostLetter {
		return text
	}
	end := mostLetter
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}
