package cam

import (
	"context"

	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"

	"github.com/tomo-viz/tomo/viz/attribution"
)

// shapleyCAM: w_k is the mean of g - H·A/2 over the map, H being the Hessian of
// the logit at the layer. arXiv 2501.06261, section 4. Behind ReLUs H is zero
// and the map that of Grad-CAM; behind GELU or attention it is not.
func shapleyCAM(ctx context.Context, p *probe) (attribution.Field, error) {
	logit := p.target
	if !logit.Linear {
		logit = attribution.OfClass(p.Model, p.target.Class, attribution.Logit)
	}
	g, err := p.gradient(ctx, p.layer, logit)
	if err != nil {
		return attribution.Field{}, err
	}
	v := p.Layers[p.layer].Value
	of := exec.GradientOf{Y: logit.Value, Seed: p.Seed(logit), Wrt: []ir.ValueID{v}}
	curved, err := p.Model.Session().HessianProduct(ctx, p.Feeds(v), of, p.acts())
	if err != nil {
		return attribution.Field{}, err
	}
	s := newStack(p.Grids[p.layer], p.acts(), g)
	bent := s.grid.Maps(curved.F32())
	weights := make([]float64, s.channels)
	for i, v := range s.grads {
		weights[i/s.area] += (float64(v) - float64(bent[i])/2) / float64(s.area)
	}
	return p.weighted(weights), nil
}
