package report

import (
	"context"
	"fmt"

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
	report  func(done int, what string, a *account)
	// random are networks with other weights, made for the first picture.
	random []*model.Model
}

// An account is all that is known of one answer.
type account struct {
	subject  *attribution.Subject
	name     string // of the explained class
	class    int
	model    *model.Model
	ranked   []figure.Prediction
	cases    []*trust.Case
	measured []measures
	regions  []region
	params   Params
	layer    string
	whole    bool // every method was measured
}

// measures are the results of the metrics that a report tells of one map.
type measures map[trust.Metric]trust.Result

// told are those metrics.
var told = []trust.Metric{"road", "randomized", "sensitivity", "classes"}

// explain makes the account of one picture. On an error it returns what it has,
// nil if not even the answer is known.
func (w *work) explain(ctx context.Context, s *attribution.Subject) (*account, error) {
	answer, err := attribution.Ask(ctx, w.Model, s.Input)
	if err != nil {
		return nil, err
	}
	a := &account{subject: s, model: w.Model, params: w.params, layer: w.methods[0].Layer}
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
	planes := answer.Planes()
	a.regions = regionsOf(s.Seen, s.Mask, planes.W, planes.H)
	if w.random == nil {
		w.random = trust.Randomized(w.Model, 1, w.Seed)
	}
	for k, method := range w.methods {
		w.report(k, method.Title, a)
		o := trust.Options{Stages: 1, Seed: w.Seed, Perturbed: 3, Shares: []float64{0.2}}
		o.Progress = func(metric string, done, total int) {
			w.report(k, fmt.Sprintf("%s, %s: %d of %d", method.Title, metric, done, total), nil)
		}
		c, err := trust.NewCase(ctx, answer, a.class, method, s.Mask, o)
		if err != nil {
			return a, err
		}
		a.cases = append(a.cases, c)
		c.Randomized = w.random
		results := measures{}
		for _, m := range told {
			if results[m], err = m.Measure(ctx, c); err != nil {
				return a, err
			}
		}
		a.measured = append(a.measured, results)
	}
	a.whole = true
	return a, nil
}
