package viztest

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/render"
	"github.com/tomo-viz/tomo/viz"
)

// attempt runs a technique on input that it must be able to serve.
func attempt(m *viz.Method, v viz.Values) (figure.Figure, error) {
	return attemptOn(suitable(m), m, v)
}

func attemptOn(in *viz.Input, m *viz.Method, v viz.Values) (figure.Figure, error) {
	fig, err := m.Run(context.Background(), in, v)
	if err == nil && fig == nil {
		err = fmt.Errorf("it gave neither a figure nor an error")
	}
	return fig, err
}

func captionsFigure(m *viz.Method) error {
	fig, err := attempt(m, nil)
	if err != nil {
		return err
	}
	var p problems
	about := fig.Caption()
	p.when(about.Title == "", "the figure has no title")
	p.when(len(about.Facts) == 0, "the figure does not say what it rests on")
	for _, f := range slices.Concat(about.Facts, about.Source) {
		p.when(f.Name == "" || f.Value == "", "the caption says %q of %q", f.Value, f.Name)
	}
	p.when(!slices.Contains(about.Source, figure.Fact{Name: "technique", Value: m.Name}), "the source does not name the technique: %v", about.Source)
	return p.err()
}

func canBeDrawn(m *viz.Method) error {
	fig, err := attempt(m, nil)
	if err != nil {
		return err
	}
	var p problems
	p.draw(fig)
	if m.Terminal != nil {
		fig, err := attempt(m, m.Terminal)
		if err != nil {
			p.add("with the values for terminals: %w", err)
			return p.err()
		}
		p.draw(fig)
		p.when(!slices.Contains(render.Formats(fig), "txt"), "the figure for terminals is a %s, which is no text", fig.Kind())
	}
	return p.err()
}

// draw writes a figure in every format and theme, and reads its JSON back.
func (p *problems) draw(fig figure.Figure) { p.drawAs(render.Formats(fig), fig) }

// sketch does so with one of many figures of a technique: where time is short, in
// one format, since canBeDrawn draws another of them in all.
func (p *problems) sketch(fig figure.Figure) {
	formats := render.Formats(fig)
	if testing.Short() {
		formats = []string{"svg"}
	}
	p.drawAs(formats, fig)
}

func (p *problems) drawAs(formats []string, fig figure.Figure) {
	for _, format := range formats {
		for _, theme := range themes() {
			var b bytes.Buffer
			if err := render.Write(&b, fig, format, render.Options{Theme: theme, Scale: 1}); err != nil {
				p.add("as %s: %w", format, err)
			}
			p.when(b.Len() == 0, "as %s it is empty", format)
		}
	}
	first := asJSON(fig)
	again, err := render.ReadJSON(bytes.NewReader(first))
	if err != nil {
		p.add("its JSON cannot be read: %w", err)
		return
	}
	p.when(!bytes.Equal(first, asJSON(again)), "read from JSON and written again it differs")
}

// themes are both, or where time is short the first: they differ in colours.
func themes() []render.Theme {
	if testing.Short() {
		return []render.Theme{render.Light}
	}
	return []render.Theme{render.Light, render.Dark}
}

func asJSON(fig figure.Figure) []byte {
	var b bytes.Buffer
	if err := render.Write(&b, fig, "json", render.Options{}); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// repeatsItself runs twice, on models opened anew, with a seed and with the
// default.
func repeatsItself(m *viz.Method) error {
	var p problems
	for _, seed := range []int64{0, 7} {
		var first []byte
		for range 2 {
			in := suitable(m)
			in.Seed = seed
			fig, err := m.Run(context.Background(), in, nil)
			if err != nil {
				return err
			}
			raw := asJSON(fig)
			p.when(first != nil && !bytes.Equal(first, raw), "seed %d gives another figure each time", seed)
			first = raw
		}
	}
	return p.err()
}

func runsEveryChoice(m *viz.Method) error {
	var p problems
	for _, v := range choices(m) {
		if err := choose(m, v); err != nil {
			p.add("with %v: %w", v, err)
		}
	}
	return p.err()
}

// runsOrRefuses is runsEveryChoice where a choice may be for other input.
func runsOrRefuses(m *viz.Method) error {
	var p problems
	for _, v := range choices(m) {
		if err := choose(m, v); err != nil && !viz.IsUser(err) {
			p.add("with %v: %w", v, err)
		}
	}
	return p.err()
}

// choices are all that the parameters offer, one at a time.
func choices(m *viz.Method) []viz.Values {
	var all []viz.Values
	for _, q := range m.Params() {
		offered := q.Choices
		if q.Type == "bool" {
			offered = []viz.Choice{{Name: "true"}, {Name: "false"}}
		}
		for _, c := range offered {
			all = append(all, viz.Values{q.Name: {c.Name}})
		}
	}
	return all
}

// choose runs with a choice. What one input cannot have may be for another one:
// for another kind of network, or a single run.
func choose(m *viz.Method, v viz.Values) error {
	fig, err := attempt(m, v)
	if viz.IsUser(err) {
		fig, err = attemptOn(otherwise(m), m, v)
	}
	if err == nil {
		asJSON(fig)
	}
	return err
}
