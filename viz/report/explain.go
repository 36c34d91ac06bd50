package report

import (
	"context"
	"fmt"

	"github.com/tomo-viz/tomo/data"
	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/viz"
	"github.com/tomo-viz/tomo/viz/attribution"
	"github.com/tomo-viz/tomo/viz/cam"
	"github.com/tomo-viz/tomo/viz/saliency"
	"github.com/tomo-viz/tomo/viz/trust"
)

// methodsFor are those whose maps a report shows: two that read a late layer and
// two that go down to the pixels, so that agreement means something.
func methodsFor(m *model.Model, layers []string, seed int64) ([]trust.Method, error) {
	var out []trust.Method
	for _, v := range []cam.Variant{"gradcam", "layercam"} {
		method, err := cam.MethodAt(m, v, layers, seed)
		if err != nil {
			return nil, err
		}
		out = append(out, method)
	}
	for _, v := range []saliency.Variant{"ig", "smoothgrad"} {
		out = append(out, saliency.MethodWithDefaults(v, seed))
	}
	return out, nil
}

// work is the report on one picture in the making.
type work struct {
	*viz.Input
	params  Params
	methods []trust.Method
	report  func(done int, what string)
}

// An account is all that is known of one answer.
type account struct {
	image    viz.Image
	name     string // of the explained class
	class    int
	model    *model.Model
	ranked   []figure.Prediction
	seen     *data.Image
	cases    []*trust.Case
	measured []measures
	regions  []region
	params   Params
	layer    string
}

// measures are the results of the metrics that a report tells of one map.
type measures map[trust.Metric]trust.Result

// told are those metrics.
var told = []trust.Metric{"road", "randomized", "sensitivity", "classes"}

func (w *work) explain(ctx context.Context, img viz.Image) (*account, error) {
	ready, err := w.Model.Prep.Prepare(img.Image)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", img.Name, err)
	}
	mask, err := trust.MaskFor(w.Model, img, w.params.Box)
	if err != nil {
		return nil, err
	}
	answer, err := attribution.Ask(ctx, w.Model, ready.Tensor)
	if err != nil {
		return nil, err
	}
	a := &account{image: img, model: w.Model, seen: ready.Seen, params: w.params, layer: w.methods[0].Layer}
	a.ranked = w.Model.Rank(answer.Logits.F32())
	classes, err := attribution.PickClasses(w.Model, []string{w.params.Class}, a.ranked)
	if err != nil {
		return nil, err
	}
	if len(classes) == 0 {
		return nil, viz.Userf("%s knows no class, so there is no answer to report on", w.Model.Name)
	}
	a.class = classes[0]
	a.name = w.Model.Label(a.class)
	networks := trust.Randomized(w.Model, 1, w.Seed)
	for k, method := range w.methods {
		w.report(k, method.Title)
		o := trust.Options{Stages: 1, Seed: w.Seed, Perturbed: 3, Shares: []float64{0.2}}
		o.Progress = func(metric string, done, total int) {
			w.report(k, fmt.Sprintf("%s, %s: %d of %d", method.Title, metric, done, total))
		}
		c, err := trust.NewCase(ctx, answer, a.class, method, mask, o)
		if err != nil {
			return nil, err
		}
		c.Randomized = networks
		results := measures{}
		for _, m := range told {
			if results[m], err = m.Measure(ctx, c); err != nil {
				return nil, err
			}
		}
		a.cases = append(a.cases, c)
		a.measured = append(a.measured, results)
	}
	planes := answer.Planes()
	a.regions = regionsOf(ready.Seen, mask, planes.W, planes.H)
	return a, nil
}
