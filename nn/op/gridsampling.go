package op

import (
	"fmt"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A gridSampling is a GridSample ready to run.
type gridSampling struct {
	sampler
	x, grid, dy []float64
	shape       []int // of X
	outShape    []int
}

func newGridSampling(n *ir.Node, x, grid *tensor.Tensor) (*gridSampling, error) {
	s := &gridSampling{
		sampler: sampler{n.Attrs.Str("mode", "linear"), n.Attrs.Str("padding_mode", "zeros"), n.Attrs.Bool("align_corners", false)},
		shape:   x.Shape(),
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	g := grid.Shape()
	axes := len(s.shape) - 2
	if axes < 1 || len(g) != len(s.shape) || g[len(g)-1] != axes || g[0] != s.shape[0] {
		return nil, fmt.Errorf("a grid of shape %v does not fit an input of shape %v", g, s.shape)
	}
	s.outShape = slices.Concat(s.shape[:2], g[1:len(g)-1])
	if _, err := checkSize(s.outShape); err != nil {
		return nil, err
	}
	var err error
	if s.x, err = x.Floats(); err == nil {
		s.grid, err = grid.Floats()
	}
	return s, err
}

// each visits every pair of an element y of the output and an element x of the
// input that it is made of, with the place in the grid that says so, the
// weight, and how fast the weight changes along each axis.
func (s *gridSampling) each(visit func(y, x, place int, weight float64, slopes []float64)) {
	spatial := s.shape[2:]
	size, perBatch := product(spatial), product(s.outShape[2:])
	taps := make([][]tap, len(spatial))
	for place := range len(s.grid) / len(spatial) {
		at := s.grid[place*len(spatial):]
		for axis, n := range spatial {
			taps[axis] = s.taps(at[len(spatial)-1-axis], n)
		}
		b, p := place/perBatch, place%perBatch
		eachCombination(taps, spatial, func(offset int, weight float64, slopes []float64) {
			for c := range s.shape[1] {
				channel := b*s.shape[1] + c
				visit(channel*perBatch+p, channel*size+offset, place, weight, slopes)
			}
		})
	}
}

// eachCombination visits the products of taps, one of each axis of the given shape.
func eachCombination(taps [][]tap, shape []int, visit func(offset int, weight float64, slopes []float64)) {
	chosen := make([]tap, len(taps))
	slopes := make([]float64, len(taps))
	var choose func(axis, offset int)
	choose = func(axis, offset int) {
		if axis < len(taps) {
			for _, chosen[axis] = range taps[axis] {
				choose(axis+1, offset*shape[axis]+chosen[axis].index)
			}
			return
		}
		weight := 1.0
		for i, t := range chosen {
			weight *= t.weight
			slopes[i] = t.slope
			for j, other := range chosen {
				if j != i {
					slopes[i] *= other.weight
				}
			}
		}
		visit(offset, weight, slopes)
	}
	choose(0, 0)
}
