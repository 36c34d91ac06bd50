package cam

import (
	"context"
	"math/rand/v2"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/viz/attribution"
)

// A probe runs the network again to make the map of one layer for one class.
type probe struct {
	*Sight
	layer    int
	target   attribution.Target
	options  Options
	random   *rand.Rand
	progress func(done, total int)
}

// Options are what the maps of all variants have in common.
type Options struct {
	// Fuse makes one map of those of several layers.
	Fuse Fusion
	// Augment averages the maps of flipped, darker and lighter copies of the
	// picture.
	Augment bool
	// EigenSmooth has the strongest pattern of the weighted channels in place of
	// their sum, for methods that weigh channels.
	EigenSmooth bool
	// Samples are how many noisy copies or steps a variant averages over that
	// does.
	Samples int
	// Noise is the standard deviation of the noise on those copies, in units of
	// the range of what it is added to.
	Noise float64
	// Seed starts the noise.
	Seed int64
	// Progress is told how many of a variant's passes through the network are
	// done; it may be nil.
	Progress func(variant string, done, total int)
}

func (p *probe) acts() *tensor.Tensor { return p.Acts[p.layer] }

func (p *probe) stack() stack {
	s := newStack(p.Grids[p.layer], p.acts(), nil)
	s.smooth = p.options.EigenSmooth
	return s
}

// weighted adds up the layer's maps with a weight each, and cuts off what
// speaks against the class.
func (p *probe) weighted(weights []float64) attribution.Field {
	s := p.stack()
	return s.field(relu(s.sum(func(k int) float64 { return weights[k] })))
}

// scores returns the target for n variations of a value.
func (p *probe) scores(ctx context.Context, v ir.ValueID, n int, fill func(i int, row []float32)) ([]float64, error) {
	return p.Scores(ctx, p.target, attribution.Variations{Value: v, N: n, Fill: fill, Progress: p.progress})
}
