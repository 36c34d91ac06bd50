package activations

import (
	"context"
	"math"

	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/viz/attribution"
)

// contributions returns, for each channel of the layer, the sum over all places
// of activation × gradient of a target: the first-order Taylor estimate of what
// the target would lose without the channel (Molchanov et al., "Pruning
// Convolutional Neural Networks for Resource Efficient Inference", ICLR 2017,
// arXiv 1611.06440, eq. 7, there averaged over the places). Tokens that have no
// place count too.
func (s *survey) contributions(ctx context.Context, r *reading, t attribution.Target) ([]float64, error) {
	v := s.layers[0].Value
	grads, err := r.answer.Gradient(ctx, t, []ir.ValueID{v}, v)
	if err != nil {
		return nil, err
	}
	return perChannel(r.maps[0].Grid, r.answer.Out[v], grads[0]), nil
}

func perChannel(g model.Grid, acts, grads *tensor.Tensor) []float64 {
	out := make([]float64, g.Channels)
	a, d := acts.F32(), grads.F32()
	for i := range a {
		out[channelAt(g, i)] += float64(a[i]) * float64(d[i])
	}
	return out
}

// channelAt is the channel of a number by its place in memory.
func channelAt(g model.Grid, i int) int { return i / g.DC % g.Channels }

// logOdds is a class's logit above what all others have together, log p/(1−p)
// under a softmax. Unlike that of the probability its gradient does not vanish
// where the network is sure.
func logOdds(m *model.Model, class int) attribution.Target {
	return attribution.Target{
		Value: m.Head.Logits, Class: class,
		Score: func(logits []float32) float64 {
			rest, _ := others(logits, class)
			return float64(logits[class]) - rest
		},
		Slope: func(logits []float32) []float32 {
			_, shares := others(logits, class)
			out := make([]float32, len(logits))
			for c, share := range shares {
				out[c] = float32(-share)
			}
			out[class] = 1
			return out
		},
	}
}

// others is the log of the sum of the other classes' exponentials, and the share
// that each has in it.
func others(logits []float32, class int) (sum float64, shares []float64) {
	top := math.Inf(-1)
	for c, z := range logits {
		if c != class {
			top = math.Max(top, float64(z))
		}
	}
	shares = make([]float64, len(logits))
	if math.IsInf(top, -1) {
		return 0, shares
	}
	total := 0.0
	for c, z := range logits {
		if c != class {
			shares[c] = math.Exp(float64(z) - top)
			total += shares[c]
		}
	}
	for c := range shares {
		shares[c] /= total
	}
	return top + math.Log(total), shares
}
