package saliency

import (
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"

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
	// rows are all that are given with a row of features, of which baselines and the
	// strength of noise are taken; nil for other inputs.
	rows [][]float32
	// row is which of them is explained.
	row int
	// padding is the embedding that tokens are compared with; nil for other inputs,
	// and where the baseline by name is.
	padding []float32
}

// maxNumbers bounds the numbers in all maps of one figure.
const maxNumbers = 1 << 26

// explained is what there is to show of one image: a panel, or one for each slice
// of a volume.
type explained struct {
	panels []figure.HeatPanel
	shares []figure.Attribution // of an array's numbers
	notes  []note
}

// explain makes all maps of one image, one of so many. On an error it returns
// what it has.
func explain(ctx context.Context, m *model.Model, s *attribution.Subject, images int, o Options) (out explained, err error) {
	question := o.question()
	reads, err := question.Reads(m)
	if err != nil {
		return out, err
	}
	answer, err := attribution.AskAny(ctx, m, s.Input, reads)
	if err != nil {
		return out, err
	}
	targets, ranked, err := question.Targets(answer)
	if err != nil {
		return out, err
	}
	if err := affordable(answer, s, len(targets)*len(o.Method), images); err != nil {
		return out, err
	}
	var classes []int
	for _, t := range targets {
		classes = append(classes, t.Class)
	}
	panel := figure.HeatPanel{
		Name:        s.Name,
		Image:       s.Seen,
		Predictions: attribution.Shown(ranked, classes),
		Truth:       attribution.Truth(m, s.Label, ranked),
	}
	defer func() {
		if len(panel.Maps) > 0 {
			out.panels = o.Slices.Cut(panel, answer.Planes())
		}
	}()
	for _, target := range targets {
		first := len(panel.Maps)
		for _, v := range o.Method {
			one, err := Explain(ctx, answer, target, v, o)
			if err != nil {
				return out, err
			}
			panel.Maps = append(panel.Maps, one.Map)
			out.notes = append(out.notes, one.notes...)
			if s.Array {
				one.Shares.Name = figure.MapName(s.Name, one.Map)
				out.shares = append(out.shares, one.Shares)
			}
		}
		if o.Difference {
			panel.Maps = append(panel.Maps, attribution.Differences(panel.Maps[first:])...)
		}
	}
	return out, nil
}

// affordable refuses what would fill the machine: so many images, with so many
// maps of each.
func affordable(a *attribution.Answer, s *attribution.Subject, maps, images int) error {
	numbers := a.Planes().Places()
	if s.Array {
		numbers += a.Input.Len()
	}
	total := images * (maps*numbers + len(s.Seen.Pix)/4) // bytes in the room of numbers
	if total > maxNumbers {
		return viz.Userf("this asks for %d maps with %d numbers, and one figure holds at most %d; ask for fewer images, classes or methods at a time", images*maps, total, maxNumbers)
	}
	return nil
}

// An Explanation is one map with what is to be said of it.
type Explanation struct {
	figure.Map
	// Shares are what the map is made of: a number for each of the input, in its
	// shape, or of methods that hide whole places one for each of these.
	Shares figure.Attribution
	notes  []note
}

// Explain attributes a target by one variant.
func Explain(ctx context.Context, a *attribution.Answer, target attribution.Target, v Variant, o Options) (*Explanation, error) {
	e := v.entry()
	if err := o.suits(e, a); err != nil {
		return nil, err
	}
	p := newProbe(a, target, e, o)
	out := &Explanation{Map: figure.Map{Method: e.title, Layer: "input", Class: target.Class, Label: target.ClassName(a.Model)}}
	var field attribution.Field
	how, sign := o.look(e)
	if e.attribute != nil {
		values, err := e.attribute(ctx, p)
		if err != nil {
			return nil, err
		}
		out.Shares = figure.Attribution{Shape: a.Input.Shape(), Values: slices.Clone(values)}
		if how = p.lanes(how); how == apart {
			out.Lanes = true
		}
		field = combine(values, a.Planes(), how)
	} else {
		var err error
		if field, err = e.regions(ctx, p); err != nil {
			return nil, err
		}
		out.Shares = figure.Attribution{Shape: placesOf(a.Planes()), Values: slices.Clone(field.Values)}
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

// placesOf is the shape of an input without its channels.
func placesOf(g model.Grid) []int {
	depth, height, width := g.Extents()
	switch {
	case isSignal(g):
		return []int{width}
	case depth == 1:
		return []int{height, width}
	}
	return []int{depth, height, width}
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

func newProbe(a *attribution.Answer, target attribution.Target, e *entry, o Options) *probe {
	p := &probe{Answer: a, target: target, options: o, title: e.title, progress: func(done, total int) {}}
	// Each map has its own randomness, whichever others are made with it.
	h := fnv.New64a()
	fmt.Fprintf(h, "%s/%d", e.name, target.Class)
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
	what := p.target.ClassName(p.Model)
	p.notes = append(p.notes, note{name: fmt.Sprintf("%s of %s for %s", name, p.title, what), value: fmt.Sprintf(format, args...)})
}

// additive is the target of methods that divide up a sum of what the network
// puts out: the logit where its probability is asked for.
func (p *probe) additive() attribution.Target {
	if p.target.Linear {
		return p.target
	}
	p.warn("%s divides up the logit; the probability was asked for, which it cannot explain.", p.title)
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
