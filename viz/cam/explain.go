package cam

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/viz"
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
	classes, err := pickClasses(m, p.Class, ranked)
	if err != nil {
		return nil, err
	}
	if err := affordable(layers, len(classes)*len(p.Method)*images, look); err != nil {
		return nil, err
	}
	panel := &figure.HeatPanel{
		Name:        img.Name,
		Image:       figure.Picture{W: ready.Seen.W, H: ready.Seen.H, Pix: ready.Seen.Pix},
		Predictions: shown(ranked, classes),
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

// A Sight is one forward pass: what the layers put out for a picture.
type Sight struct {
	Model  *model.Model
	Layers []model.Layer
	Input  *tensor.Tensor
	Logits *tensor.Tensor   // one row, of any rank
	Acts   []*tensor.Tensor // for each layer, [1, C, H, W]
	single bool             // the network takes no more than one picture at a time
}

// Look runs the network forwards on a prepared picture of shape [1, C, H, W]
// and keeps what the layers put out.
func Look(ctx context.Context, m *model.Model, x *tensor.Tensor, layers []model.Layer) (*Sight, error) {
	head, err := m.Classifier()
	if err != nil {
		return nil, err
	}
	fetch := []ir.ValueID{head.Logits}
	for _, l := range layers {
		fetch = append(fetch, l.Value)
	}
	out, err := m.Session().Run(ctx, map[ir.ValueID]*tensor.Tensor{m.Input: x}, fetch...)
	if err != nil {
		return nil, err
	}
	return &Sight{Model: m, Layers: layers, Input: x, Logits: out[0], Acts: out[1:]}, nil
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
		out = append(out, s.newMap(layer, class, e, field{stack.w, stack.h, e.weigh(stack)}))
	}
	return out, nil
}

func (s *Sight) newProbe(layer, class int, o Options, title string) *probe {
	p := &probe{Sight: s, layer: layer, class: class, options: o, progress: func(done, total int) {}}
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
func (s *Sight) read(ctx context.Context, r reading, layer, class int, target Target, kept map[reading]*tensor.Tensor) (g *tensor.Tensor, err error) {
	if g = kept[r]; g != nil || r == outputOnly {
		return g, nil
	}
	seed := s.contrastSeed(class)
	if r == ofClass {
		seed = s.seed(class, target)
	}
	kept[r], err = s.gradient(ctx, layer, seed)
	return kept[r], err
}

// gradient returns the derivative of the logits, weighed by the seed, with
// respect to what the layer puts out, in its shape. The layer's output is fed,
// so that nothing before it runs again.
func (s *Sight) gradient(ctx context.Context, layer int, seed *tensor.Tensor) (*tensor.Tensor, error) {
	v := s.Layers[layer].Value
	feeds := map[ir.ValueID]*tensor.Tensor{s.Model.Input: s.Input, v: s.Acts[layer]}
	grads, _, err := s.Model.Session().Gradient(ctx, feeds, exec.GradientOf{
		Y: s.Model.Head.Logits, Seed: seed, Wrt: []ir.ValueID{v},
	})
	if err != nil {
		return nil, err
	}
	return grads[0], nil
}

func (s *Sight) newMap(layer, class int, e *entry, f field) figure.Map {
	m := figure.Map{
		Method: e.title, Layer: s.Layers[layer].Name, Class: class, Label: s.Model.Label(class),
		H: f.h, W: f.w, Values: f.values,
	}
	m.Low, m.High, m.Warning = span(f.values, e)
	return m
}

// span returns what the ends of the colour scale stand for: none of the
// evidence and the most of it. It says why a map tells nothing, if it does not.
func span(values []float32, e *entry) (low, high float32, warning string) {
	for _, v := range values {
		if v != v || v-v != 0 {
			return 0, 1, fmt.Sprintf("The %s map holds numbers that are not finite. Look for where they first appear in the network; an input setting of the wrong size is a common cause.", e.title)
		}
	}
	low, high = slices.Min(values), slices.Max(values)
	if !e.signed {
		low = 0
	}
	if high <= low {
		return low, low + 1, fmt.Sprintf("The %s map is flat: nothing in this layer speaks for the class more in one place than in another. Try another layer or class.", e.title)
	}
	return low, high, ""
}

// Normalize returns the map scaled to 0 to 1, its least value 0 and its
// greatest 1, as maps are usually published.
func Normalize(values []float32) []float32 {
	low, high := slices.Min(values), slices.Max(values)
	out := make([]float32, len(values))
	for i, v := range values {
		out[i] = (v - low) / (high - low + 1e-8)
	}
	return out
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

// pickClasses reads "zebra", "340", "top" and "top 3".
func pickClasses(m *model.Model, wanted []string, ranked []figure.Prediction) ([]int, error) {
	var out []int
	add := func(class int) {
		if !slices.Contains(out, class) {
			out = append(out, class)
		}
	}
	for _, text := range wanted {
		if n, ok, err := top(text, len(ranked)); err != nil {
			return nil, err
		} else if ok {
			for _, r := range ranked[:n] {
				add(r.Class)
			}
			continue
		}
		class, err := m.Class(text)
		if err != nil {
			return nil, err
		}
		add(class)
	}
	return out, nil
}

func top(text string, most int) (n int, ok bool, err error) {
	rest, ok := strings.CutPrefix(strings.ToLower(strings.TrimSpace(text)), "top")
	if !ok || rest != "" && !strings.HasPrefix(rest, " ") && !strings.HasPrefix(rest, "-") && !isDigit(rest) {
		return 0, false, nil
	}
	rest = strings.TrimLeft(rest, " -")
	if rest == "" {
		return min(1, most), true, nil
	}
	n, err = strconv.Atoi(rest)
	if err != nil {
		return 0, false, nil // a label such as "top hat"
	}
	if n < 1 {
		return 0, false, viz.Userf("%q asks for no class; give top 1 or more", text)
	}
	return min(n, most), true, nil
}

func isDigit(s string) bool { return s[0] >= '0' && s[0] <= '9' }

// shown returns the first predictions, and the explained ones if they are not
// among them.
func shown(ranked []figure.Prediction, classes []int) []figure.Prediction {
	out := slices.Clone(ranked[:min(shownPredictions, len(ranked))])
	for _, r := range ranked[len(out):] {
		if slices.Contains(classes, r.Class) {
			out = append(out, r)
		}
	}
	return out
}
