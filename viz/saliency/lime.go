package saliency

import (
	"context"
	"math"

	"github.com/tomo-viz/tomo/viz/attribution"
)

// The constants of LIME as its authors' program has them for pictures: the width
// of the kernel in cosine distance, and the weight of the ridge.
const (
	limeWidth = 0.25
	limeRidge = 1
)

// poorFit is the share of the variance under which a linear model is warned of.
const poorFit = 0.3

// lime fits a linear model of which parts show to the scores, those near to the
// whole picture counting most, by ridge regression. Ribeiro et al., arXiv
// 1602.04938, section 3.4 and eq. 2. If the queries suffice, it asks about every
// subset of the parts.
func lime(ctx context.Context, p *probe) (attribution.Field, error) {
	s := p.segments()
	list := p.limeSample(s.count)
	scores, err := p.values(ctx, s, list)
	if err != nil {
		return attribution.Field{}, err
	}
	weights := make([]float64, len(list))
	for i, z := range list {
		weights[i] = limeKernel(z)
	}
	fit := ridge(list, scores, weights, limeRidge)
	p.fact("parts", "%d, %d queries, R² %.3f", s.count, len(list), fit.r2)
	if fit.r2 < poorFit {
		p.warn("The linear model of LIME explains %.0f %% of the variance of the scores about the picture: its map says little. Ask for other --segments or more --queries.", 100*max(fit.r2, 0))
	}
	return s.paint(fit.coefficients), nil
}

// limeSample draws subsets of m parts, each part showing with even odds. The
// first is the whole picture.
func (p *probe) limeSample(m int) []coalition {
	if fewParts(m, p.options.Queries) {
		return allCoalitions(m)
	}
	list := make([]coalition, p.options.Queries)
	for i := range list {
		list[i] = make(coalition, m)
		for k := range m {
			list[i][k] = i == 0 || p.random.IntN(2) == 1
		}
	}
	return list
}

// limeKernel is sqrt(exp(-d²/σ²)), d being one less the cosine between what
// shows and the whole.
func limeKernel(z coalition) float64 {
	d := 1 - math.Sqrt(float64(z.size())/float64(len(z)))
	return math.Exp(-d * d / (limeWidth * limeWidth) / 2)
}
