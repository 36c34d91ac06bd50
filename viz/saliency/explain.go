package saliency

import (
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/viz"
	"github.com/tomo-viz/tomo/viz/attribution"
)

// Options are what the maps of all variants have in common.
type Options struct {
	Params
	// Seed starts all noise.
	Seed int64
	// Progress is told how many of a variant's passes through the network are
	// done; it may be nil.
	Progress func(variant string, done, total int)
}

// maxNumbers bounds the numbers in all maps of one figure.
const maxNumbers = 1 << 26

// explain makes all maps of one picture, one of so many. On an error it returns
// what it has, nil if that is nothing.
func explain(ctx context.Context, m *model.Model, s *attribution.Subject, images int, o Options) (*figure.HeatPanel, []note, error) {
	answer, err := attribution.Ask(ctx, m, s.Input)
	if err != nil {
		return nil, nil, err
	}
	ranked := m.Rank(answer.Logits.F32())
	classes, err := attribution.PickClasses(m, o.Class, ranked)
	if err != nil {
		return nil, nil, err
	}
	n := len(classes) * len(o.Method) * images
	if total := n*m.Prep.Width*m.Prep.Height + images*len(s.Seen.Pix)/4; total > maxNumbers {
		return nil, nil, viz.Userf("this asks for %d maps with %d numbers, and one figure holds at most %d; ask for fewer images, classes or methods at a time", n, total, maxNumbers)
	}
	panel := &figure.HeatPanel{
		Name:        s.Name,
		Image:       s.Seen,
		Predictions: attribution.Shown(ranked, classes),
		Truth:       attribution.Truth(m, s.Label, ranked),
	}
	var notes []note
	for _, class := range classes {
		first := len(panel.Maps)
		for _, v := range o.Method {
			one, err := Explain(ctx, answer, class, v, o)
			if err != nil {
				if len(panel.Maps) == 0 {
					panel = nil
				}
				return panel, notes, err
			}
			panel.Maps = append(panel.Maps, one.Map)
			notes = append(notes, one.notes...)
		}
		if o.Difference {
			panel.Maps = append(panel.Maps, attribution.Differences(panel.Maps[first:])...)
		}
	}
	return panel, notes, nil
}

// An Explanation is one map with what is to be said of it.
type Explanation struct {
	figure.Map
	notes []note
}

// Explain attributes a class's score by one variant.
func Explain(ctx context.Context, a *attribution.Answer, class int, v Variant, o Options) (*Explanation, error) {
	e := v.entry()
	p := newProbe(a, class, e, o)
	out := &Explanation{Map: figure.Map{Method: e.title, Layer: "input", Class: class, Label: a.Model.Label(class)}}
	var field attribution.Field
	how, sign := o.look(e)
	if e.attribute != nil {
		values, err := e.attribute(ctx, p)
		if err != nil {
			return nil, err
		}
		field = combine(values, a.Planes(), how)
	} else {
		var err error
		if field, err = e.regions(ctx, p); err != nil {
			return nil, err
		}
	}
	if sign == absolute {
		field.Values = attribution.Magnitudes(field.Values)
	}
	out.W, out.H, out.Values = field.W, field.H, field.Values
	out.Low, out.High, out.Warning = span(field, e, sign, o)
	if e.relative && o.Colormap == "auto" {
		out.Colormap = figure.Colormaps()[0].Name // zero means nothing there
	}
	out.notes = p.notes
	return out, nil
}

// A probe is what a variant explains and may use for it.
type probe struct {
	*attribution.Answer
	target   attribution.Target
	options  Options
	random   *rand.Rand
	progress func(done, total int)
	title    string
	notes    []note
	base     []float32 // in place of the baseline by name, if it is given
}

func newProbe(a *attribution.Answer, class int, e *entry, o Options) *probe {
	p := &probe{
		Answer: a, target: attribution.OfClass(a.Model, class, o.Target), options: o, title: e.title,
		progress: func(done, total int) {},
	}
	// Each map has its own randomness, whichever others are made with it.
	h := fnv.New64a()
	fmt.Fprintf(h, "%s/%d", e.name, class)
	p.random = rand.New(rand.NewPCG(uint64(o.Seed), h.Sum64()))
	if o.Progress != nil {
		p.progress = func(done, total int) { o.Progress(e.title, done, total) }
	}
	return p
}

// A note is a fact or a warning about one map.
type note struct{ name, value, warning string }

// fact notes a number or choice that the map rests on.
func (p *probe) fact(name, format string, args ...any) {
	class := p.Model.Label(p.target.Class)
	p.notes = append(p.notes, note{name: fmt.Sprintf("%s of %s for %s", name, p.title, class), value: fmt.Sprintf(format, args...)})
}

// logit is the target of methods that divide up the logit, whatever is asked for.
func (p *probe) logit() attribution.Target {
	if p.options.Target == attribution.Probability {
		p.warn("%s divides up the logit; the probability was asked for, which it cannot explain.", p.title)
	}
	return attribution.OfClass(p.Model, p.target.Class, attribution.Logit)
}

// warn notes why the map may mislead.
func (p *probe) warn(format string, args ...any) {
	p.notes = append(p.notes, note{warning: fmt.Sprintf(format, args...)})
}

// writeTo adds the note to a caption, with the picture's name where there are
// several.
func (n note) writeTo(about *figure.About, picture string, several bool) {
	switch {
	case n.warning != "" && several:
		about.Warn(picture + ": " + n.warning)
	case n.warning != "":
		about.Warn(n.warning)
	case several:
		about.Add(n.name+" in "+picture, n.value)
	default:
		about.Add(n.name, n.value)
	}
}
