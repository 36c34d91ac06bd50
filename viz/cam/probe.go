package cam

import (
	"context"
	"math/rand/v2"

	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/viz"
)

// A probe runs the network again to make the map of one layer for one class.
type probe struct {
	*Sight
	layer, class int
	options      Options
	random       *rand.Rand
	progress     func(done, total int)
}

// Options are what the maps of all variants have in common.
type Options struct {
	// Target is what is explained of a class.
	Target Target
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

// A field is a map as a variant returns it, row by row.
type field struct {
	w, h   int
	values []float32
}

func (p *probe) acts() *tensor.Tensor { return p.Acts[p.layer] }

func (p *probe) stack() stack { return newStack(p.acts(), nil) }

// weighted adds up the layer's maps with a weight each, and cuts off what
// speaks against the class.
func (p *probe) weighted(weights []float64) field {
	s := p.stack()
	return field{s.w, s.h, relu(s.sum(func(k int) float64 { return weights[k] }))}
}

// score returns what is explained, of one row of logits.
func (p *probe) score(logits []float32) float64 {
	if p.options.Target == Probability {
		return p.Model.Head.Scores(logits)[p.class]
	}
	return float64(logits[p.class])
}

// batchNumbers bounds the numbers that one batch feeds, and maxBatch its rows.
const (
	batchNumbers = 1 << 22
	maxBatch     = 64
)

// scores feeds a value n times, each time with what fill makes of a row of its
// numbers, and returns the scores of the class. The picture goes along with
// every row, for what the network takes from it past the value. Rows are run in
// batches where the network takes them.
func (p *probe) scores(ctx context.Context, v ir.ValueID, row *tensor.Tensor, n int, fill func(i int, row []float32)) ([]float64, error) {
	size := p.batchSize(row.Len(), n)
	if size > 1 {
		scores, err := p.inBatches(ctx, v, row, n, size, fill)
		if err == nil || ctx.Err() != nil {
			return scores, err
		}
		p.single = true // a network whose batch is fixed to one
	}
	return p.inBatches(ctx, v, row, n, 1, fill)
}

func (p *probe) batchSize(numbers, n int) int {
	if p.single {
		return 1
	}
	return min(max(batchNumbers/max(numbers, p.Input.Len()), 1), maxBatch, n)
}

// inBatches fills batches of one size; what is left of the last one stays as it
// was, so that one program serves them all.
func (p *probe) inBatches(ctx context.Context, v ir.ValueID, row *tensor.Tensor, n, size int, fill func(i int, row []float32)) ([]float64, error) {
	batch := repeat(row, size)
	feeds := map[ir.ValueID]*tensor.Tensor{p.Model.Input: repeat(p.Input, size), v: batch}
	scores := make([]float64, 0, n)
	for len(scores) < n {
		for j := range min(size, n-len(scores)) {
			fill(len(scores)+j, batch.F32()[j*row.Len():(j+1)*row.Len()])
		}
		out, err := p.Model.Session().Run(ctx, feeds, p.Model.Head.Logits)
		if err != nil {
			return nil, err
		}
		classes := p.Logits.Len()
		if out[0].Len() != size*classes {
			return nil, viz.Userf("%s puts out %s for a batch of %d", p.Model.Name, out[0], size)
		}
		for j := range min(size, n-len(scores)) {
			scores = append(scores, p.score(out[0].F32()[j*classes:(j+1)*classes]))
		}
		p.progress(len(scores), n)
	}
	return scores, nil
}

// repeat returns n copies of a tensor, whose first extent is 1, as one batch.
func repeat(row *tensor.Tensor, n int) *tensor.Tensor {
	shape := append([]int{n}, row.Shape()[1:]...)
	out := tensor.New(row.DType(), shape...)
	for i := range n {
		out.CopyRange(i*row.Len(), row, 0, row.Len())
	}
	return out
}

// planes returns the picture's height and width, and how far apart in memory
// are the neighbours in a row, in a column, and of two channels.
func (p *probe) planes() (channels, h, w, dx, dy, dc int) {
	shape := p.Input.Shape()
	if p.Model.Prep.Layout == model.NHWC {
		channels, h, w = shape[3], shape[1], shape[2]
		return channels, h, w, channels, w * channels, 1
	}
	channels, h, w = shape[1], shape[2], shape[3]
	return channels, h, w, 1, w, h * w
}
