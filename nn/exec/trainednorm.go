package exec

import (
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/kernel"
)

// A trainedNorm is a batch normalisation in training: with the statistics of the
// batch, which also move the running ones (arXiv 1502.03167, algorithm 1).
type trainedNorm struct {
	batch, channels, size int
	momentum              float64
}

// lowerTrainedNorm lowers (x, scale, bias, mean, variance) -> (y, mean?,
// variance?).
func lowerTrainedNorm(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
	n := &p.g.Nodes[id]
	if len(n.Inputs) != 5 || len(n.Outputs) > 3 || n.Outputs[0] == ir.None || !p.isFloat(n.Inputs...) || !p.isFloat(n.Outputs...) {
		return nil, 0
	}
	shape := p.shape(n.Inputs[0])
	if len(shape) < 2 || elementsOf(shape) == 0 {
		return nil, 0
	}
	t := trainedNorm{shape[0], shape[1], elementsOf(shape[2:]), n.Attrs.Float("momentum", 0.9)}
	x, scale, bias, y := n.Inputs[0], n.Inputs[1], n.Inputs[2], n.Outputs[0]
	moving := []struct{ from, to ir.ValueID }{{n.Inputs[3], n.Output(1)}, {n.Inputs[4], n.Output(2)}}
	return &stage{
		reads: slices.Clone(n.Inputs), over: []ir.ValueID{x},
		writes: slices.DeleteFunc(slices.Clone(n.Outputs), func(v ir.ValueID) bool { return v == ir.None }),
		run: func(r *run) error {
			mean, variance := t.statistics(r.team, r.in(x))
			for i, batch := range [][]float32{mean, variance} {
				if m := moving[i]; m.to != ir.None {
					t.move(r.out(m.to), r.in(m.from), batch)
				}
			}
			a := batchNorm(n, r.in(scale), r.in(bias), mean, variance)
			kernel.ChannelAffine(r.team, r.out(y), r.in(x), a.scale, a.shift, t.batch, t.channels, t.size)
			return nil
		},
	}, id
}

// statistics returns mean and variance of each channel.
func (t *trainedNorm) statistics(team *kernel.Team, x []float32) (mean, variance []float32) {
	mean, variance = make([]float32, t.channels), make([]float32, t.channels)
	count := float64(t.batch * t.size)
	team.Ranges(t.channels, grain/(t.batch*t.size)+1, func(lo, hi int) {
		for c := lo; c < hi; c++ {
			sum, squares := 0.0, 0.0
			for row := range t.rows(x, c) {
				sum += float64(kernel.Sum(row))
			}
			mean[c] = float32(sum / count)
			for row := range t.rows(x, c) {
				squares += float64(kernel.SumSquaredDiff(row, mean[c]))
			}
			variance[c] = float32(squares / count)
		}
	})
	return mean, variance
}

// rows goes through the parts of x that belong to a channel.
func (t *trainedNorm) rows(x []float32, c int) func(func([]float32) bool) {
	return func(yield func([]float32) bool) {
		for i := range t.batch {
			at := (i*t.channels + c) * t.size
			if !yield(x[at : at+t.size]) {
				return
			}
		}
	}
}

func (t *trainedNorm) move(to, from, batch []float32) {
	for c, b := range batch {
		to[c] = float32(float64(from[c])*t.momentum + float64(b)*(1-t.momentum))
	}
}
