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
	for i := range in.Images {
		if err := c.look(ctx, i); err != nil {
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
	masked   int      // of them with a mask
}

// soFar is the report of what is known; nil while that is nothing.
func (c *comparison) soFar() figure.Figure {
	if c.pictures == 0 {
		return nil
	}
	return c.report()
}

// look measures all methods on one picture.
func (c *comparison) look(ctx context.Context, i int) error {
	img := c.Images[i]
	ready, err := c.Model.Prep.Prepare(img.Image)
	if err != nil {
		return fmt.Errorf("%s: %w", img.Name, err)
	}
	mask, err := MaskFor(c.Model, img, c.terms.Boxes)
	if err != nil {
		return err
	}
	a, err := attribution.Ask(ctx, c.Model, ready.Tensor)
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
	panel := figure.HeatPanel{
		Name:        img.Name,
		Image:       figure.Picture{W: ready.Seen.W, H: ready.Seen.H, Pix: ready.Seen.Pix},
		Predictions: attribution.Shown(ranked, classes[:1]),
		Truth:       attribution.Truth(c.Model, img.Label, ranked),
	}
	// A picture counts when all methods have seen it, so that they are compared
	// on the same ones.
	var all []map[Metric]Result
	for k, method := range c.methods {
		results, shown, err := c.measure(ctx, a, classes[0], method, mask, i*len(c.methods)+k, img.Name)
		if err != nil {
			return err
		}
		all = append(all, results)
		panel.Maps = append(panel.Maps, shown)
	}
	for k, results := range all {
		c.marks[k].add(results, panel.Maps[k].Warning)
	}
	if c.pictures++; mask != nil {
		c.masked++
	}
	if len(c.panels) < shownPictures {
		c.panels = append(c.panels, panel)
	}
	return nil
}

func (c *comparison) begin() {
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
func (c *comparison) measure(ctx context.Context, a *attribution.Answer, class int, method Method, mask []bool, done int, name string) (map[Metric]Result, figure.Map, error) {
	total := len(c.Images) * len(c.methods)
	what := fmt.Sprintf("%s, %s", name, method.Title)
	report := func(what string) { c.Progress(viz.Progress{Done: done, Total: total, What: what}) }
	c.Progress(viz.Progress{Done: done, Total: total, What: what, Partial: c.soFar()})
	o := c.terms.Options
	o.Progress = func(metric string, done, total int) {
		report(fmt.Sprintf("%s, %s: %d of %d", what, metric, done, total))
	}
	one, err := NewCase(ctx, a, class, method, mask, o)
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
	return m
}
