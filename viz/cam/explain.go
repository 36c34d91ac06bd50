package cam

import (
	"context"
	"math/rand/v2"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/viz"
	"github.com/tomo-viz/tomo/viz/attribution"
)

// maxNumbers bounds the numbers in all maps of one figure.
const maxNumbers = 1 << 26

// affordable refuses what would fill the machine: so many images, with so many
// maps of each layer.
func affordable(images, maps int, look *Sight, seen figure.Picture) error {
	total := images * len(seen.Pix) / 4 // bytes in the room of numbers
	in := look.Grid(look.Main)
	for _, g := range look.Grids {
		if in.D > 1 {
			g = in
		}
		total += g.Places() * maps * images
	}
	if total > maxNumbers {
		return viz.Userf("this asks for %d maps with %d numbers, and one figure holds at most %d; ask for fewer images, classes, layers or methods at a time", images*maps*len(look.Layers), total, maxNumbers)
	}
	return nil
}

// explain makes all maps of one picture, one of so many images; those of a volume
// are cut into slices.
func explain(ctx context.Context, m *model.Model, s *attribution.Subject, images int, layers []model.Layer, p Params, o Options) ([]figure.HeatPanel, error) {
	question := p.question()
	reads, err := question.Reads(m)
	if err != nil {
		return nil, err
	}
	look, err := Look(ctx, m, s.Input, layers, reads)
	if err != nil {
		return nil, err
	}
	targets, ranked, err := question.Targets(look.Answer)
	if err != nil {
		return nil, err
	}
	if err := affordable(images, len(targets)*len(p.Method), look, s.Seen); err != nil {
		return nil, err
	}
	var classes []int
	for _, t := range targets {
		classes = append(classes, t.Class)
	}
	panel := &figure.HeatPanel{
		Name:        s.Name,
		Image:       s.Seen,
		Predictions: attribution.Shown(ranked, classes),
		Truth:       attribution.Truth(m, s.Label, ranked),
	}
	for _, target := range targets {
		maps, err := look.Maps(ctx, target, p.Method, o)
		if err != nil {
			return nil, err
		}
		panel.Maps = append(panel.Maps, maps...)
		if p.Difference {
			panel.Maps = append(panel.Maps, attribution.Differences(maps)...)
		}
	}
	return p.Slices.Cut(*panel, look.Planes()), nil
}

// A Sight is one forward pass: the answer, and what the layers put out.
type Sight struct {
	*attribution.Answer
	Layers []model.Layer
	Acts   []*tensor.Tensor // for each layer, in any layout
	Grids  []model.Grid     // how it lies over the picture
	grads  map[asked]*tensor.Tensor
}

// Look runs the network forwards on a prepared picture of shape [1, ...] and
// keeps what the layers put out, and further values.
func Look(ctx context.Context, m *model.Model, x *tensor.Tensor, layers []model.Layer, keep ...ir.ValueID) (*Sight, error) {
	for _, l := range layers {
		keep = append(keep, l.Value)
	}
	answer, err := attribution.AskAny(ctx, m, x, keep...)
	if err != nil {
		return nil, err
	}
	s := &Sight{Answer: answer, Layers: layers, grads: map[asked]*tensor.Tensor{}}
	for _, l := range layers {
		g, ok := answer.Spatial(l.Value)
		if !ok {
			return nil, noPlaces(l, answer.Out[l.Value].String())
		}
		s.Acts = append(s.Acts, answer.Out[l.Value])
		s.Grids = append(s.Grids, g)
	}
	return s, nil
}

// Maps returns the maps of a target: for each layer that of each method, or
// for each method one that is fused over the layers.
func (s *Sight) Maps(ctx context.Context, target attribution.Target, methods []Variant, o Options) ([]figure.Map, error) {
	var out []figure.Map
	add := func(layers []int, v Variant) error {
		e := v.entry()
		f, err := s.wrapped(ctx, layers, target, e, o)
		if err == nil {
			out = append(out, s.newMap(layers, target, e, f, o))
		}
		return err
	}
	if o.Fuse.on() {
		all := make([]int, len(s.Layers))
		for l := range all {
			all[l] = l
		}
		for _, v := range methods {
			if err := add(all, v); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	for l := range s.Layers {
		for _, v := range methods {
			if err := add([]int{l}, v); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// field makes the map of one method for one layer.
func (s *Sight) field(ctx context.Context, layer int, target attribution.Target, e *entry, o Options) (attribution.Field, error) {
	if e.check != nil {
		if err := e.check(s, layer); err != nil {
			return attribution.Field{}, err
		}
	}
	if e.probe != nil {
		return e.probe(ctx, s.newProbe(layer, target, o, e.title))
	}
	g, err := s.read(ctx, e.reads, layer, target)
	if err != nil {
		return attribution.Field{}, err
	}
	stack := newStack(s.Grids[layer], s.Acts[layer], g)
	stack.smooth = o.EigenSmooth
	return stack.field(e.weigh(stack)), nil
}

func (s *Sight) newProbe(layer int, target attribution.Target, o Options, title string) *probe {
	p := &probe{Sight: s, layer: layer, target: target, options: o, progress: func(done, total int) {}}
	p.options.Samples = max(o.Samples, 1)
	// Each map has its own randomness, whichever others are made with it.
	p.random = rand.New(rand.NewPCG(uint64(o.Seed), uint64(layer)<<32|uint64(uint32(target.Class))))
	if o.Progress != nil {
		p.progress = func(done, total int) { o.Progress(title, done, total) }
	}
	return p
}

// A question that was asked of a layer.
type asked struct {
	reading
	layer, class int
	label        string
}

// read returns the gradient that a variant reads, computed once for all of
// them; nil if it reads none.
func (s *Sight) read(ctx context.Context, r reading, layer int, target attribution.Target) (*tensor.Tensor, error) {
	q := asked{r, layer, target.Class, target.Label}
	if g := s.grads[q]; g != nil || r == outputOnly {
		return g, nil
	}
	if r == ofContrast {
		if s.Model.Head == nil || target.Class < 0 {
			return nil, viz.Userf("Finer-CAM tells a class from the classes most similar to it, and %s is no class of a classifier", target.ClassName(s.Model))
		}
		target = attribution.OfContrast(s.Model, target.Class)
	}
	g, err := s.gradient(ctx, layer, target)
	if err == nil {
		s.grads[q] = g
	}
	return g, err
}

// gradient returns the derivative of a target with respect to what the layer
// puts out, in its shape. The layer's output is fed, so that nothing before it
// runs again.
func (s *Sight) gradient(ctx context.Context, layer int, target attribution.Target) (*tensor.Tensor, error) {
	v := s.Layers[layer].Value
	grads, err := s.Gradient(ctx, target, []ir.ValueID{v}, v)
	if err != nil {
		return nil, err
	}
	return grads[0], nil
}

func (s *Sight) newMap(layers []int, target attribution.Target, e *entry, f attribution.Field, o Options) figure.Map {
	if in := s.Grid(s.Main); in.D > 1 { // all maps of a volume are cut in the same places
		f = f.EnlargeTo(in)
	}
	m := figure.Map{
		Method: e.title, Class: target.Class, Label: target.ClassName(s.Model),
		H: f.H, W: f.W, Values: f.Values,
	}
	for i, l := range layers {
		if i > 0 {
			m.Layer += " + "
		}
		m.Layer += s.Layers[l].Name
	}
	m.Low, m.High, m.Warning = f.Span(e.title, e.signed && !o.scaled())
	return m
}
