package saliency

import (
	"context"
	"math"

	"github.com/tomo-viz/tomo/viz/attribution"
)

// gradient is ∂y/∂x. arXiv 1312.6034, section 3.
func gradient(ctx context.Context, p *probe) ([]float32, error) {
	grads, err := p.Gradient(ctx, p.target, nil, p.Main)
	if err != nil {
		return nil, err
	}
	return grads[0].F32(), nil
}

// inputTimesGradient is x ⊙ ∂y/∂x. arXiv 1605.01713, section 2.
func inputTimesGradient(ctx context.Context, p *probe) ([]float32, error) {
	g, err := gradient(ctx, p)
	if err != nil {
		return nil, err
	}
	for i, x := range p.Input.F32() {
		g[i] *= x
	}
	return g, nil
}

// smoothGrad is the mean gradient over noisy copies. arXiv 1706.03825, eq. in
// section 2.
func smoothGrad(ctx context.Context, p *probe) ([]float32, error) {
	return p.overNoise(ctx, func(mean, _ float64) float64 { return mean })
}

// smoothGradSquared is the mean of the squared gradient. arXiv 1806.10758,
// section 3.2.
func smoothGradSquared(ctx context.Context, p *probe) ([]float32, error) {
	return p.overNoise(ctx, func(_, square float64) float64 { return square })
}

// varGrad is the variance of the gradient, over n. arXiv 1810.03292, section
// 2.1.
func varGrad(ctx context.Context, p *probe) ([]float32, error) {
	return p.overNoise(ctx, func(mean, square float64) float64 { return max(square-mean*mean, 0) })
}

// overNoise reduces the gradients of noisy copies of the picture, number by
// number, by their mean and their mean square.
func (p *probe) overNoise(ctx context.Context, reduce func(mean, square float64) float64) ([]float32, error) {
	x, n := p.Input.F32(), p.options.Samples
	deviation := p.deviations()
	sum, squares := make([]float64, len(x)), make([]float64, len(x))
	err := p.Slopes(ctx, p.target, attribution.Variations{
		Value: p.Main, N: n, Progress: p.progress,
		Fill: func(_ int, row []float32) {
			for i, v := range x {
				row[i] = v + float32(deviation(i)*p.random.NormFloat64())
			}
		},
	}, func(g []float32, _ float64) {
		for i, v := range g {
			sum[i] += float64(v)
			squares[i] += float64(v) * float64(v)
		}
	})
	if err != nil {
		return nil, err
	}
	out := make([]float32, len(x))
	for i := range out {
		out[i] = float32(reduce(sum[i]/float64(n), squares[i]/float64(n)))
	}
	return out, nil
}

// deviations are those of the noise on each number: a share of the range of all
// numbers, or in a row of features, which have ranges of their own, of the
// feature's in all rows.
func (p *probe) deviations() func(i int) float64 {
	if p.isRow() && len(p.options.rows) > 1 {
		low, high := p.options.featureRanges()
		return func(i int) float64 { return p.options.Noise * float64(high[i]-low[i]) }
	}
	all := p.options.Noise * p.valueRange()
	return func(int) float64 { return all }
}

// valueRange is how far the input's numbers lie apart.
func (p *probe) valueRange() float64 {
	low, high := math.Inf(1), math.Inf(-1)
	for _, v := range p.Input.F32() {
		low, high = min(low, float64(v)), max(high, float64(v))
	}
	return high - low
}
