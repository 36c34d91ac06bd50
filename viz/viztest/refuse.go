package viztest

import (
	"context"
	"errors"
	"fmt"

	"github.com/tomo-viz/tomo/data"
	"github.com/tomo-viz/tomo/viz"
)

// refusesValues gives each parameter what it cannot be.
func refusesValues(m *viz.Method) error {
	var p problems
	p.mustRefuse(m, viz.Values{"no-such-parameter": {"1"}})
	for _, q := range m.Params() {
		if len(q.Choices) > 0 {
			p.mustRefuse(m, viz.Values{q.Name: {"no-such-choice"}})
		}
		if q.Source != "" {
			p.mustRefuse(m, viz.Values{q.Name: {"no such " + q.Source}})
		}
		if q.Type != "string" {
			p.mustRefuse(m, viz.Values{q.Name: {"word"}})
		}
		if q.Min != nil {
			p.mustRefuse(m, viz.Values{q.Name: {fmt.Sprint(*q.Min - 1)}})
		}
		if q.Max != nil {
			p.mustRefuse(m, viz.Values{q.Name: {fmt.Sprint(*q.Max + 1)}})
		}
		if !q.List {
			p.mustRefuse(m, viz.Values{q.Name: {"", ""}})
		}
	}
	return p.err()
}

func (p *problems) mustRefuse(m *viz.Method, v viz.Values) {
	_, err := m.Run(context.Background(), suitable(m), v)
	if why := refusal(err); why != nil {
		p.add("given %v: %w", v, why)
	}
}

// refusal says what is wrong with an error that is to tell users what they did
// wrong, or returns nil.
func refusal(err error) error {
	switch {
	case err == nil:
		return errors.New("it is not refused")
	case !viz.IsUser(err):
		return fmt.Errorf("it fails as if by a bug: %w", err)
	}
	return nil
}

// refusesInputs gives input that lacks what the technique may need. What it
// does need must be missed; for the rest a figure will do as well.
func refusesInputs(m *viz.Method) error {
	var p problems
	for _, c := range unsuitable() {
		in := suitable(m)
		c.spoil(in)
		fig, err := m.Run(context.Background(), in, nil)
		switch {
		case err != nil || c.lacks != 0 && m.Needs.Has(c.lacks):
			if why := refusal(err); why != nil {
				p.add("%s: %w", c.name, why)
			}
		case fig == nil:
			p.add("%s: it gave neither a figure nor an error", c.name)
		default:
			p.sketch(fig)
		}
	}
	return p.err()
}

// A spoiled input lacks something, or has it in an unusual form.
type spoiled struct {
	name  string
	lacks viz.Needs
	spoil func(*viz.Input)
}

func unsuitable() []spoiled {
	cases := []spoiled{
		{"no model", viz.NeedsModel, func(in *viz.Input) { in.Model = nil }},
		{"no pictures", viz.NeedsImage, func(in *viz.Input) { in.Images = nil }},
		{"no runs", viz.NeedsRuns, func(in *viz.Input) { in.Runs = nil }},
		{"one run twice", 0, func(in *viz.Input) { in.Runs = append(in.Runs, in.Runs...) }},
		{"a picture of one pixel", 0, func(in *viz.Input) { in.Images = pictures(1, 1) }},
		{"a very wide picture", 0, func(in *viz.Input) { in.Images = pictures(400, 1) }},
		{"two pictures of one name", 0, func(in *viz.Input) { in.Images = append(in.Images, in.Images...) }},
		{"a picture without pixels", 0, func(in *viz.Input) { in.Images = []viz.Image{{Name: "empty.png", Picture: viz.Held(&data.Image{})}} }},
	}
	for _, r := range trainings[ordinary:] {
		cases = append(cases, spoiled{"a run with " + r.name, 0, func(in *viz.Input) {
			if len(in.Runs) > 0 {
				in.Runs = runs(r.name)
			}
		}})
	}
	for _, o := range oddities {
		cases = append(cases, spoiled{"a model with " + o.name, o.lacks, func(in *viz.Input) {
			if in.Model != nil {
				in.Model = open(o.build(), nil)
			}
		}})
	}
	return cases
}
