package cam

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/tensor"

	"github.com/tomo-viz/tomo/viz/attribution"
)

// scoreCAM: w_k is how far the score rises when the picture is seen through
// channel k, scaled to 0 to 1 and enlarged; the weights of all channels go
// through a softmax. arXiv 1910.01279, definition 3 and algorithm 1, where the
// score of a baseline is subtracted from all, which the softmax cancels.
func scoreCAM(ctx context.Context, p *probe) (attribution.Field, error) {
	return p.seenThrough(ctx, 1, func(int, []float32) {})
}

// smoothScoreCAM: as scoreCAM, with the mean score over noise on the enlarged
// channel. arXiv 2006.14255, algorithm 1, type 1.
func smoothScoreCAM(ctx context.Context, p *probe) (attribution.Field, error) {
	seed := p.random.Uint64()
	return p.seenThrough(ctx, p.options.Samples, func(i int, mask []float32) {
		random := rand.New(rand.NewPCG(seed, uint64(i)))
		for j := range mask {
			mask[j] += float32(p.options.Noise * random.NormFloat64())
		}
	})
}

// integratedScoreCAM: as scoreCAM, with the mean score over i/N of the masked
// picture, i = 1 to N. arXiv 2010.03023, algorithm 1.
func integratedScoreCAM(ctx context.Context, p *probe) (attribution.Field, error) {
	n := p.options.Samples
	return p.seenThrough(ctx, n, func(i int, mask []float32) {
		for j := range mask {
			mask[j] *= float32(i%n+1) / float32(n)
		}
	})
}

// seenThrough weighs each channel by the mean score, over some samples, of the
// picture seen through the channel as a mask, which change alters for the i-th
// pass through the network.
func (p *probe) seenThrough(ctx context.Context, samples int, change func(i int, mask []float32)) (attribution.Field, error) {
	s, in := p.stack(), p.Grid(p.Main)
	picture := p.Input.F32()
	fill := func(i int, row []float32) {
		a, _ := s.channel(i / samples)
		mask := s.field(attribution.Normalize(a)).EnlargeTo(in).Values
		change(i, mask)
		for c := range in.Channels {
			for y := range in.H {
				at := in.At(c, y, 0)
				for x, m := range mask[y*in.W : (y+1)*in.W] {
					row[at+x*in.DX] = m * picture[at+x*in.DX]
				}
			}
		}
	}
	scores, err := p.Scores(ctx, p.target, attribution.Variations{
		Value: p.Main, N: s.channels * samples, Fill: fill, Apart: true, Progress: p.progress,
	})
	if err != nil {
		return attribution.Field{}, err
	}
	means := make([]float64, s.channels)
	for i, score := range scores {
		means[i/samples] += score / float64(samples)
	}
	return p.weighted(softmax(means)), nil
}

func softmax(v []float64) []float64 {
	top, sum := slices.Max(v), 0.0
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = math.Exp(x - top)
		sum += out[i]
	}
	for i := range out {
		out[i] /= sum
	}
	return out
}

// ablationCAM: w_k = (y - y_k) / y, y_k being the score without channel k. Desai
// and Ramaswamy, WACV 2020, eq. 3, which for a negative score shows what speaks
// against the class. Only what lies behind the layer runs.
func ablationCAM(ctx context.Context, p *probe) (attribution.Field, error) {
	s := p.stack()
	clean := p.Score(p.target)
	scores, err := p.scores(ctx, p.Layers[p.layer].Value, s.channels, func(k int, row []float32) {
		copy(row, p.acts().F32())
		silence(row, s.grid, k)
	})
	if err != nil {
		return attribution.Field{}, err
	}
	for k, without := range scores {
		scores[k] = clean - without
		if clean != 0 {
			scores[k] /= clean
		}
	}
	return p.weighted(scores), nil
}

// silence clears a channel at all places, and in tokens that have none.
func silence(row []float32, g model.Grid, channel int) {
	for i := range row {
		if g.Channels == 1 || i/g.DC%g.Channels == channel {
			row[i] = 0
		}
	}
}

// smoothGradCAMpp: Grad-CAM++ whose powers of the gradient are means over noisy
// copies of the picture. arXiv 1908.01224, section 3.
func smoothGradCAMpp(ctx context.Context, p *probe) (attribution.Field, error) {
	s, n := p.stack(), p.options.Samples
	size := len(s.acts)
	g1, g2, g3 := make([]float64, size), make([]float64, size), make([]float64, size)
	low, high := slices.Min(p.Input.F32()), slices.Max(p.Input.F32())
	deviation := p.options.Noise * float64(high-low)
	for i := range n {
		noisy := p.Input.Clone()
		for j := range noisy.F32() {
			noisy.F32()[j] += float32(deviation * p.random.NormFloat64())
		}
		grads, err := p.gradientFor(ctx, noisy)
		if err != nil {
			return attribution.Field{}, err
		}
		for j, v := range s.grid.Maps(grads.F32()) {
			g := float64(v)
			g1[j] += g / float64(n)
			g2[j] += g * g / float64(n)
			g3[j] += g * g * g / float64(n)
		}
		p.progress(i+1, n)
	}
	return s.field(relu(s.sum(func(k int) float64 {
		a, _ := s.channel(k)
		total := 0.0
		for _, v := range a {
			total += float64(v)
		}
		w := 0.0
		for i := k * s.area; i < (k+1)*s.area; i++ {
			if d := 2*g2[i] + total*g3[i]; d != 0 {
				w += g2[i] / d * max(g1[i], 0)
			}
		}
		return w
	}))), nil
}

// gradientFor returns the gradient at the layer for another picture.
func (p *probe) gradientFor(ctx context.Context, picture *tensor.Tensor) (*tensor.Tensor, error) {
	other, err := Look(ctx, p.Model, picture, p.Layers[p.layer:p.layer+1], p.target.Value)
	if err != nil {
		return nil, err
	}
	return other.gradient(ctx, 0, p.target)
}
