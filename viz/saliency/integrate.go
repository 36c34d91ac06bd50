package saliency

import (
	"context"
	"math"
	"slices"

	"github.com/tomo-viz/tomo/viz/attribution"
)

// integratedGradients is (x - x') ⊙ ∫ ∂y/∂x (x' + α(x - x')) dα, α from 0 to 1.
// arXiv 1703.01365, eq. 1.
func integratedGradients(ctx context.Context, p *probe) ([]float32, error) {
	x := p.Input.F32()
	base := p.baseline()
	at, weights := p.options.Quadrature.points(p.options.Steps)
	total := make([]float64, len(x))
	step := 0
	err := p.Slopes(ctx, p.target, attribution.Variations{
		Value: p.Main, N: len(at), Progress: p.progress, Apart: true,
		Fill: func(i int, row []float32) {
			for j := range x {
				row[j] = base[j] + float32(at[i])*(x[j]-base[j])
			}
		},
	}, func(g []float32, _ float64) {
		for j, v := range g {
			total[j] += weights[step] * float64(v)
		}
		step++
	})
	if err != nil {
		return nil, err
	}
	out := make([]float32, len(x))
	for i := range out {
		out[i] = float32(total[i] * float64(x[i]-base[i]))
	}
	return out, p.checkSum(ctx, out, base, "more --steps bring it nearer")
}

// gradientShap is the mean of (x + ε - x') ⊙ ∂y/∂x over random places between a
// noisy picture and a baseline. Expected gradients, arXiv 1906.10670, eq. 3,
// with the noise of SmoothGrad on the picture as in Captum.
func gradientShap(ctx context.Context, p *probe) ([]float32, error) {
	x, n := p.Input.F32(), p.options.Samples
	deviation := p.deviations()
	var base []float32
	total, way := make([]float64, len(x)), [][]float32{}
	err := p.Slopes(ctx, p.target, attribution.Variations{
		Value: p.Main, N: n, Progress: p.progress,
		Fill: func(i int, row []float32) {
			if i == 0 {
				way = nil // it begins anew where batches are refused
			}
			if base == nil || p.options.Baseline == "random" {
				base = p.baseline()
			}
			alpha, diff := p.random.Float32(), make([]float32, len(x))
			for j := range x {
				diff[j] = x[j] + float32(deviation(j)*p.random.NormFloat64()) - base[j]
				row[j] = base[j] + alpha*diff[j]
			}
			way = append(way, diff)
		},
	}, func(g []float32, _ float64) {
		for j, v := range g {
			total[j] += float64(way[0][j]) * float64(v) / float64(n)
		}
		way = way[1:]
	})
	if err != nil {
		return nil, err
	}
	return narrow(total), nil
}

// baseline draws what the picture is compared with.
func (p *probe) baseline() []float32 {
	if p.base != nil {
		return p.base
	}
	if p.isRow() {
		return p.rowBaseline()
	}
	if p.OfTokens() && p.options.padding != nil {
		return slices.Repeat(p.options.padding, p.Planes().W)
	}
	return p.options.Baseline.of(p.Model, p.Input.F32(), p.Planes(), p.random)
}

// unexplained is how far shares may miss the score before it is warned of, as a
// share of it.
const unexplained = 0.05

// checkSum notes by how much the shares miss what they are to add up to: the
// score of the picture less that of the baseline (completeness).
func (p *probe) checkSum(ctx context.Context, shares, base []float32, cure string) error {
	scores, err := p.Scores(ctx, p.target, attribution.Variations{
		Value: p.Main, N: 1, Fill: func(_ int, row []float32) { copy(row, base) },
	})
	if err != nil {
		return err
	}
	p.addUp(shares, p.Score(p.target)-scores[0], cure)
	return nil
}

// addUp notes by how much the shares miss the whole that they divide up.
func (p *probe) addUp(shares []float32, whole float64, cure string) {
	sum := 0.0
	for _, v := range shares {
		sum += float64(v)
	}
	delta := sum - whole
	p.fact("convergence delta", "%.3g of %.4g", delta, whole)
	if math.Abs(delta) > unexplained*math.Abs(whole) {
		p.warn("The shares of %s add up to %.4g, and the score differs from the baseline's by %.4g: %s.", p.title, sum, whole, cure)
	}
}

func narrow(v []float64) []float32 {
	out := make([]float32, len(v))
	for i, x := range v {
		out[i] = float32(x)
	}
	return out
}
