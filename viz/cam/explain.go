package cam

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/viz"
	"github.com/tomo-viz/tomo/viz/attribution"
)

// maxNumbers bounds the numbers in all maps of one figure.
const maxNumbers = 1 << 26

// affordable refuses what would fill the machine: n maps of each layer.
func affordable(layers []model.Layer, n int, look *Sight) error {
	total := 0
	for i := range layers {
		shape := look.Acts[i].Shape()
		total += shape[2] * shape[3] * n
	}
	if total > maxNumbers {
		return viz.Userf("this asks for %d maps with %d numbers, and one figure holds at most %d; ask for fewer images, classes, layers or methods at a time", n*len(layers), total, maxNumbers)
	}
	return nil
}

// explain makes all maps of one picture, one of so many images.
func explain(ctx context.Context, m *model.Model, img viz.Image, images int, layers []model.Layer, p Params, o Options) (*figure.HeatPanel, error) {
	ready, err := m.Prep.Prepare(img.Image)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", img.Name, err)
	}
	look, err := Look(ctx, m, ready.Tensor, layers)
	if err != nil {
		return nil, err
	}
	ranked := m.Rank(look.Logits.F32())
	classes, err := attribution.PickClasses(m, p.Class, ranked)
	if err != nil {
		return nil, err
	}
	if err := affordable(layers, len(classes)*len(p.Method)*images, look); err != nil {
		return nil, err
	}
	panel := &figure.HeatPanel{
		Name:        img.Name,
		Image:       figure.Picture{W: ready.Seen.W, H: ready.Seen.H, Pix: ready.Seen.Pix},
		Predictions: attribution.Shown(ranked, classes),
	}
	for _, class := range classes {
		for l := range layers {
			maps, err := look.Maps(ctx, l, class, p.Method, o)
			if err != nil {
				return nil, err
			}
			panel.Maps = append(panel.Maps, maps...)
		}
	}
	return panel, nil
}

// A Sight is one forward pass: the answer, and what the layers put out.
type Sight struct {
	*attribution.Answer
	Layers []model.Layer
	Acts   []*tensor.Tensor // for each layer, [1, C, H, W]
}

// Look runs the network forwards on a prepared picture of shape [1, C, H, W]
// and keeps what the layers put out.
func Look(ctx context.Context, m *model.Model, x *tensor.Tensor, layers []model.Layer) (*Sight, error) {
	var values []ir.ValueID
	for _, l := range layers {
		values = append(values, l.Value)
	}
	answer, err := attribution.Ask(ctx, m, x, values...)
	if err != nil {
		return nil, err
	}
	s := &Sight{Answer: answer, Layers: layers}
	for _, v := range values {
		s.Acts = append(s.Acts, answer.Out[v])
	}
	return s, nil
}

// Maps returns the map of each method for one layer and class.
func (s *Sight) Maps(ctx context.Context, layer, class int, methods []Variant, o Options) ([]figure.Map, error) {
	grads := map[reading]*tensor.Tensor{}
	var out []figure.Map
	for _, v := range methods {
		e := v.entry()
		if e.check != nil {
			if err := e.check(s.Model, s.Layers[layer]); err != nil {
				return nil, err
			}
		}
		if e.probe != nil {
			f, err := e.probe(ctx, s.newProbe(layer, class, o, e.title))
			if err != nil {
				return nil, err
			}
			out = append(out, s.newMap(layer, class, e, f))
			continue
		}
		g, err := s.read(ctx, e.reads, layer, class, o.Target, grads)
		if err != nil {
			return nil, err
		}
		stack := newStack(s.Acts[layer], g)
		out = append(out, s.newMap(layer, class, e, stack.field(e.weigh(stack))))
	}
	return out, nil
}

func (s *Sight) newProbe(layer, class int, o Options, title string) *probe {
	p := &probe{Sight: s, layer: layer, options: o, progress: func(done, total int) {}}
	p.target = attribution.OfClass(s.Model, class, o.Target)
	p.options.Samples = max(o.Samples, 1)
	// Each map has its own randomness, whichever others are made with it.
	p.random = rand.New(rand.NewPCG(uint64(o.Seed), uint64(layer)<<32|uint64(class)))
	if o.Progress != nil {
		p.progress = func(done, total int) { o.Progress(title, done, total) }
	}
	return p
}

// read returns the gradient that a variant reads, computed once for all of
// them; nil if it reads none.
func (s *Sight) read(ctx context.Context, r reading, layer, class int, q attribution.Quantity, kept map[reading]*tensor.Tensor) (g *tensor.Tensor, err error) {
	if g = kept[r]; g != nil || r == outputOnly {
		return g, nil
	}
	target := attribution.OfContrast(s.Model, class)
	if r == ofClass {
		target = attribution.OfClass(s.Model, class, q)
	}
	kept[r], err = s.gradient(ctx, layer, target)
	return kept[r], err
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

func (s *Sight) newMap(layer, class int, e *entry, f attribution.Field) figure.Map {
	m := figure.Map{
		Method: e.title, Layer: s.Layers[layer].Name, Class: class, Label: s.Model.Label(class),
		H: f.H, W: f.W, Values: f.Values,
	}
	m.Low, m.High, m.Warning = f.Span(e.title, e.signed)
	return m
}

// pickLayers finds the layers by name; none named means the last one that
// still has a height and a width.
func pickLayers(m *model.Model, names []string) ([]model.Layer, error) {
	if _, err := m.Classifier(); err != nil {
		return nil, err
	}
	if m.Prep == nil {
		return nil, viz.Userf("%s takes no picture (none of its inputs has the shape of one), so there is nothing to lay a map over", m.Name)
	}
	if len(names) == 0 {
		l, err := lastMaps(m)
		return []model.Layer{l}, err
	}
	var out []model.Layer
	for _, name := range names {
		l, err := m.Layer(name)
		if err != nil {
			return nil, err
		}
		if !l.Spatial {
			return nil, viz.Userf("layer %q puts out %s, which has no height and width to draw; choose one that puts out [N, C, H, W], such as a convolution", name, l.Shape)
		}
		out = append(out, l)
	}
	return out, nil
}

// lastMaps returns the layer nearest to the answer that has maps and is no
// mere pooling or copy of another: what the methods' papers call the last
// convolutional layer, with its activation and residual sum.
func lastMaps(m *model.Model) (model.Layer, error) {
	needed := m.Net.Needed([]ir.ValueID{m.Head.Logits}, nil)
	layers := m.Layers()
	for _, l := range slices.Backward(layers) {
		if l.Spatial && needed[m.Net.Values[l.Value].Producer] && !slices.Contains(copies, l.Op) {
			return l, nil
		}
	}
	return model.Layer{}, viz.Userf("%s has no layer with a height and a width on the way to its answer, so it has no activation maps", m.Name)
}

var copies = []string{
	"MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool", "LpPool", "Identity", "Dropout", "Cast",
	"Reshape", "Transpose", "Pad", "Expand", "QuantizeLinear", "DequantizeLinear",
}
