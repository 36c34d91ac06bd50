package saliency

import (
	"context"
	"slices"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/viz"
	"github.com/tomo-viz/tomo/viz/attribution"
	"github.com/tomo-viz/tomo/viz/trust"
)

// compared are the methods that are compared where one or none was chosen.
var compared = []Variant{"gradient", "inputxgradient", "ig", "gradientshap", "smoothgrad"}

// compareMethods ranks the methods on the images, beside a map of chance.
func compareMethods(ctx context.Context, in *viz.Input, p Params) (figure.Figure, error) {
	chosen := slices.Clone(p.Method)
	if len(chosen) == 1 {
		chosen = append(chosen, compared...)
	}
	var methods []trust.Method
	for i, v := range chosen {
		if !slices.Contains(chosen[:i], v) {
			methods = append(methods, MethodOf(v, Options{Params: p, Seed: in.Seed}))
		}
	}
	methods = append(methods, trust.Noise(in.Seed))
	t := trust.Terms{Classes: p.Class, Boxes: p.Box, Colormap: p.colors(), Opacity: p.Opacity}
	t.Options.Seed = in.Seed
	fig, err := trust.Compare(ctx, in, methods, t)
	if r, ok := fig.(*figure.Report); ok && r != nil {
		r.Title = "Which saliency map to trust"
		p.describe(&r.About)
	}
	return fig, err
}

// MethodOf is a variant as package trust takes it.
func MethodOf(v Variant, o Options) trust.Method {
	e := v.entry()
	_, sign := o.look(e)
	return trust.Method{
		Name: e.name, Title: e.title, Layer: "input", Signed: sign != absolute && !e.relative, Percentile: o.Percentile,
		Explain: func(ctx context.Context, m *model.Model, x *tensor.Tensor, class int) (attribution.Field, error) {
			a, err := attribution.Ask(ctx, m, x)
			if err != nil {
				return attribution.Field{}, err
			}
			one, err := Explain(ctx, a, attribution.OfClass(m, class, o.Target), v, o)
			if err != nil {
				return attribution.Field{}, err
			}
			if e.relative { // zero means nothing there; only differences count
				low := slices.Min(one.Values)
				for i := range one.Values {
					one.Values[i] -= low
				}
			}
			return attribution.Field{W: one.W, H: one.H, Values: one.Values}, nil
		},
	}
}

// MethodWithDefaults is a variant with the settings that the technique has by
// default.
func MethodWithDefaults(v Variant, seed int64) trust.Method {
	return MethodOf(v, Options{Params: defaults, Seed: seed})
}
