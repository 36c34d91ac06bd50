package cam

import (
	"context"

	"github.com/tomo-viz/tomo/nn/tensor"
)

// step is how far the layer's output is scaled up and down to see how the
// gradient changes along it: float32 gradients carry six digits, of which this
// leaves four.
const step = 0.01

// shapleyCAM: w_k is the mean of g - H·A/2 over the map, H being the Hessian of
// the score at the layer. arXiv 2501.06261, section 4. H·A is the change of the
// gradient when A is scaled, by central difference.
func shapleyCAM(ctx context.Context, p *probe) (field, error) {
	at := func(scale float32) ([]float32, error) {
		acts := p.acts().Clone()
		for i := range acts.F32() {
			acts.F32()[i] *= scale
		}
		g, err := p.gradientWith(ctx, acts)
		if err != nil {
			return nil, err
		}
		return g.F32(), nil
	}
	g, err := at(1)
	if err != nil {
		return field{}, err
	}
	less, err := at(1 - step)
	if err != nil {
		return field{}, err
	}
	more, err := at(1 + step)
	if err != nil {
		return field{}, err
	}
	s := p.stack()
	weights := make([]float64, s.channels)
	for i := range g {
		curved := (float64(more[i]) - float64(less[i])) / (2 * step)
		weights[i/s.area] += (float64(g[i]) - curved/2) / float64(s.area)
	}
	return p.weighted(weights), nil
}

// gradientWith returns the gradient at the layer when it puts out other
// numbers.
func (p *probe) gradientWith(ctx context.Context, acts *tensor.Tensor) (*tensor.Tensor, error) {
	other, err := p.with(ctx, p.layer, acts)
	if err != nil {
		return nil, err
	}
	return other.gradient(ctx, p.layer, other.seed(p.class, p.options.Target))
}
