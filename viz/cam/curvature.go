package cam

import (
	"context"

	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// shapleyCAM: w_k is the mean of g - H·A/2 over the map, H being the Hessian of
// the logit at the layer. arXiv 2501.06261, section 4. Behind ReLUs H is zero
// and the map that of Grad-CAM; behind GELU or attention it is not.
func shapleyCAM(ctx context.Context, p *probe) (field, error) {
	seed := p.seed(p.class, Logit)
	g, err := p.gradient(ctx, p.layer, seed)
	if err != nil {
		return field{}, err
	}
	v := p.Layers[p.layer].Value
	feeds := map[ir.ValueID]*tensor.Tensor{p.Model.Input: p.Input, v: p.acts()}
	of := exec.GradientOf{Y: p.Model.Head.Logits, Seed: seed, Wrt: []ir.ValueID{v}}
	curved, err := p.Model.Session().HessianProduct(ctx, feeds, of, p.acts())
	if err != nil {
		return field{}, err
	}
	s := newStack(p.acts(), g)
	weights := make([]float64, s.channels)
	for i, v := range s.grads {
		weights[i/s.area] += (float64(v) - float64(curved.F32()[i])/2) / float64(s.area)
	}
	return p.weighted(weights), nil
}
