package cam

import (
	"context"
	"slices"
	"strings"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/viz"
	"github.com/tomo-viz/tomo/viz/attribution"
	"github.com/tomo-viz/tomo/viz/trust"
)

// compared are the methods that are compared where one or none was chosen:
// those that need a few passes at most, and the baselines.
var compared = []Variant{"gradcam", "gradcam++", "xgradcam", "layercam", "hirescam", "eigencam", "sobel", "random"}

// compareMethods ranks the methods on the images; the baseline Random is always among
// them.
func compareMethods(ctx context.Context, in *viz.Input, layers []model.Layer, p Params) (figure.Figure, error) {
	if len(layers) > 1 && p.Fuse == "none" {
		return nil, viz.Userf("methods are compared by one map each; give --layer once, or say how the layers' maps become one with --fuse")
	}
	chosen := slices.Clone(p.Method)
	if len(chosen) == 1 {
		chosen = append(chosen, compared...)
	}
	chosen = append(chosen, "random")
	var methods []trust.Method
	for i, v := range chosen {
		if !slices.Contains(chosen[:i], v) {
			methods = append(methods, MethodOf(v, layers, p.Target, Options{Fuse: p.Fuse, Augment: p.Augment, EigenSmooth: p.EigenSmooth, Samples: p.Samples, Noise: p.Noise, Seed: in.Seed}))
		}
	}
	t := trust.Terms{Classes: p.Class, Boxes: p.Box, Colormap: string(p.Colormap), Opacity: p.Opacity}
	t.Options.Seed = in.Seed
	fig, err := trust.Compare(ctx, in, methods, t)
	if r, ok := fig.(*figure.Report); ok && r != nil {
		r.Title = "Which class activation map to trust"
		r.Add("layer", namesOf(layers))
		warnOfLayers(&r.About, in.Model, layers)
	}
	return fig, err
}

func warnOfLayers(about *figure.About, m *model.Model, layers []model.Layer) {
	for _, l := range layers {
		if w := trust.LayerWarning(m, l); w != "" {
			about.Warn(w)
		}
	}
}

func namesOf(layers []model.Layer) string {
	var names []string
	for _, l := range layers {
		names = append(names, l.Name)
	}
	return strings.Join(names, ", ")
}

// MethodOf is a variant at a layer, or at several whose maps are fused, as
// package trust takes it.
func MethodOf(v Variant, layers []model.Layer, q attribution.Quantity, o Options) trust.Method {
	e := v.entry()
	return trust.Method{
		Name: e.name, Title: e.title, Layer: namesOf(layers), Signed: e.signed, Baseline: e.name == "random" || e.name == "sobel",
		Explain: func(ctx context.Context, m *model.Model, x *tensor.Tensor, class int) (attribution.Field, error) {
			look, err := Look(ctx, m, x, layers)
			if err != nil {
				return attribution.Field{}, err
			}
			maps, err := look.Maps(ctx, attribution.OfClass(m, class, q), []Variant{v}, o)
			if err != nil {
				return attribution.Field{}, err
			}
			return attribution.Field{W: maps[0].W, H: maps[0].H, Values: maps[0].Values}, nil
		},
	}
}

// MethodAt is a variant with its usual settings at a layer by name, or at several
// whose maps are fused; no name means the last layer with maps.
func MethodAt(m *model.Model, v Variant, names []string, seed int64) (trust.Method, error) {
	if _, err := m.Classifier(); err != nil {
		return trust.Method{}, err
	}
	layers, err := pickLayers(m, names, m.Head.Logits)
	if err != nil {
		return trust.Method{}, err
	}
	return MethodOf(v, layers, attribution.Logit, Options{Fuse: fusionOf(layers), Samples: 10, Noise: 0.15, Seed: seed}), nil
}

// fusionOf is how the maps of layers become one, if there are several.
func fusionOf(layers []model.Layer) Fusion {
	if len(layers) > 1 {
		return "mean"
	}
	return "none"
}
