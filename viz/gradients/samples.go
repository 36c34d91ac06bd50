package gradients

import (
	"context"
	"math/rand/v2"
	"slices"

	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/viz"
)

// A source gives samples by their numbers.
type source interface {
	len() int
	// read makes inputs of some samples, and what the loss compares with, in the
	// form that it takes; samples that cannot be read are left out.
	read(ctx context.Context, which []int, form truthForm) (*batch, error)
	// describe adds to the facts of a figure.
	describe(add func(name, value string))
}

// A batch is what one run of the network is given.
type batch struct {
	feeds map[ir.ValueID]*tensor.Tensor
	truth *tensor.Tensor // nil if there is none
	n     int
	lost  error // why a sample was left out
}

// newSource opens the data of an input for a model.
func newSource(in *viz.Input, m *model.Model) (source, error) {
	if len(in.Arrays) > 0 {
		return newArrays(in.Arrays, m)
	}
	return newPictures(in, m)
}

// draw chooses samples: all, or some by the seed, in an order that the seed
// makes, so that a batch is not of one class.
func draw(n, most int, seed int64) []int {
	random := rand.New(rand.NewPCG(uint64(seed), 0x9a7))
	order := random.Perm(n)
	if most > 0 {
		order = order[:min(n, most)]
	}
	return order
}

// batches cuts the samples into batches of a size. The last one may be smaller,
// but where a network takes one size only it is left out.
func batches(which []int, size int, fixed bool) [][]int {
	var out [][]int
	for b := range slices.Chunk(which, size) {
		if fixed && len(b) < size && len(out) > 0 {
			break
		}
		out = append(out, b)
	}
	return out
}

// fixedBatch is how many samples the inputs of a network are declared for, 0 if
// any.
func fixedBatch(m *model.Model) int {
	for _, v := range m.Net.Inputs {
		if s := m.Net.Values[v].Shape; len(s) > 0 && s[0].IsKnown() && m.Net.Values[v].Const == nil {
			return s[0].N
		}
	}
	return 0
}

// truthOf writes labels in a form.
func truthOf(labels []int64, classes int, form truthForm) *tensor.Tensor {
	if form != asOneHot {
		return tensor.Of(labels, len(labels))
	}
	t := tensor.New(tensor.Float32, len(labels), classes)
	for i, label := range labels {
		if classes == 1 {
			t.F32()[i] = float32(label)
		} else {
			t.F32()[i*classes+int(label)] = 1
		}
	}
	return t
}
