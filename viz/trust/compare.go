package trust

import (
	"context"
	"fmt"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/viz"
	"github.com/tomo-viz/tomo/viz/attribution"
)

// Terms are what a comparison is about.
type Terms struct {
	// Classes name what is explained of each picture, as attribution.PickClasses
	// reads them; the first counts.
	Classes []string
	// Boxes around what matters, the same for every picture; see Image.Mask.
	Boxes    []string
	Colormap string
	Opacity  float64
	Options  Options
}

// shownPictures is how many pictures' maps stand in a comparison; the numbers
// are of all.
const shownPictures = 4

// Compare explains every picture by every method, measures the maps, ranks the
// methods and says what to beware of. A cancelled ctx gives what has been
// measured so far, together with ctx.Err().
func Compare(ctx context.Context, in *viz.Input, methods []Method, t Terms) (figure.Figure, error) {
	c := &comparison{Input: in, terms: t, methods: methods}
	for s, err := range attribution.Subjects(ctx, in, nil, attribution.Readying{Masks: true, Boxes: t.Boxes}) {
		if err == nil {
			err = c.look(ctx, s)
		}
		if err != nil {
			return c.soFar(), err
		}
	}
	total := len(in.Images) * len(methods)
	in.Progress(viz.Progress{Done: total, Total: total})
	return c.report(), nil
}

// A comparison is what is known of the methods so far.
type comparison struct {
	*viz.Input
	terms    Terms
	methods  []Method
	metrics  []Metric
	random   randomNetworks
	panels   []figure.HeatPanel
	marks    []*marks // of each method
	pictures int      // measured by all methods
	at       glance   // the picture that is being measured
	masked   int      // of them with a mask
}

// A glance is what the first of the methods have made of one picture.
type glance struct {
	panel   figure.HeatPanel // a map of each
	results []map[Metric]Result
	masked  bool
}

// soFar is the report of what is known; nil while that is nothing. Of the first
// picture it has the methods that are done with it.
func (c *comparison) soFar() figure.Figure {
	if c.pictures > 0 {
		return c.report()
	}
	if len(c.at.results) == 0 {
		return nil
	}
	part := *c
	part.methods = c.methods[:len(c.at.results)]
	part.begin()
	part.tally(c.at)
	return part.report()
}

// tally adds a picture that all methods have seen.
func (c *comparison) tally(l glance) {
	for k, results := range l.results {
		c.marks[k].add(results, l.panel.Maps[k].Warning)
	}
	if c.pictures++; l.masked {
		c.masked++
	}
	if len(c.panels) < shownPictures {
		c.panels = append(c.panels, l.panel)
	}
}

// look measures all methods on one picture.
func (c *comparison) look(ctx context.Context, s *attribution.Subject) error {
	a, err := attribution.Ask(ctx, c.Model, s.Input)
	if err != nil {
		return err
	}
	ranked := c.Model.Rank(a.Logits.F32())
	classes, err := attribution.PickClasses(c.Model, c.terms.Classes, ranked)
	if err != nil {
		return err
	}
	if len(classes) == 0 {
		return viz.Userf("%s knows no class, so there is nothing to compare maps of", c.Model.Name)
	}
	if c.marks == nil {
		c.begin()
	}
	c.at = glance{masked: s.Mask != nil, panel: figure.HeatPanel{
		Name:        s.Name,
		Image:       s.Seen,
		Predictions: attribution.Shown(ranked, classes[:1]),
		Truth:       attribution.Truth(c.Model, s.Label, ranked),
	}}
	// A picture counts when all methods have seen it, so that they are compared
	// on the same ones.
	for k, method := range c.methods {
		results, shown, err := c.measure(ctx, a, classes[0], method, s, s.Index*len(c.methods)+k)
		if err != nil {
			return err
		}
		c.at.results = append(c.at.results, results)
		c.at.panel.Maps = append(c.at.panel.Maps, shown)
	}
	c.tally(c.at)
	return nil
}

func (c *comparison) begin() {
	c.marks = nil
	for range c.methods {
		c.marks = append(c.marks, newMarks())
	}
	masked := len(c.terms.Boxes) > 0
	for _, img := range c.Images {
		masked = masked || img.Mask != nil
	}
	c.metrics = Metrics(masked)
}

// measure explains a picture by one method and applies every metric.
func (c *comparison) measure(ctx context.Context, a *attribution.Answer, class int, method Method, s *attribution.Subject, done int) (map[Metric]Result, figure.Map, error) {
	total := len(c.Images) * len(c.methods)
	what := fmt.Sprintf("%s, %s", s.Name, method.Title)
	report := func(what string) { c.Progress(viz.Progress{Done: done, Total: total, What: what}) }
	c.Progress(viz.Progress{Done: done, Total: total, What: what, Partial: c.soFar()})
	o := c.terms.Options
	o.Progress = func(metric string, done, total int) {
		report(fmt.Sprintf("%s, %s: %d of %d", what, metric, done, total))
	}
	one, err := NewCase(ctx, a, class, method, s.Mask, o)
	if err != nil {
		return nil, figure.Map{}, err
	}
	one.Randomized = c.random.of(one)
	results := map[Metric]Result{}
	for _, m := range c.metrics {
		if results[m], err = m.Measure(ctx, one); err != nil {
			return nil, figure.Map{}, err
		}
	}
	return results, one.Map(), nil
}

// Map is the case's map as a figure shows it.
func (c *Case) Map() figure.Map {
	m := figure.Map{
		Method: c.Method.Title, Layer: c.Method.Layer, Class: c.Target.Class, Label: c.Model.Label(c.Target.Class),
		W: c.Field.W, H: c.Field.H, Values: c.Field.Values,
	}
	m.Low, m.High, m.Warning = c.Field.Span(c.Method.Title, c.Method.Signed)
	if q := c.Method.Percentile; q > 0 && m.Warning == "" {
		m.High = attribution.Percentile(attribution.Magnitudes(m.Values), q)
		if c.Method.Signed {
			m.Low = -m.High
		}
	}
	return m
}
