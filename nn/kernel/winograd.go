package kernel

import (
	"math"
	"sync/atomic"
)

// winograd is a convolution of 3x3 taps by Winograd's minimal filtering
// (arXiv:1509.09308): 4x4 results are made of a tile of 6x6 numbers with 36
// multiplications for each channel instead of 144. Images, filters and results
// are transformed so that the convolution becomes a product of matrices, tiles by
// channels by filters, for each of the 36 points of a tile.
//
// Vectors hold channels, as many as there are lanes.
type winograd struct {
	spec    ConvSpec
	kernels *winogradKernels
	tile    *tileKernels
	tiles   [2]int      // rows and columns of tiles of an image
	lanes   int         // channels of a vector
	depth   int         // channels of a group, filled up to vectors
	width   int         // filters of a group, filled up to panels
	weights [][]float32 // per group: for each point a packed right operand, channels x filters
	// blocked says that images and results lie in the blocked layout.
	blocked bool
	// moderate says that the weights are.
	moderate bool
}

// Sizes of tiles of Winograd's minimal filtering.
const (
	tileIn  = 6
	tileOut = 4
	points  = tileIn * tileIn
)

// ForBatch returns the spec with Minimal set if minimal filtering is possible, and
// probably faster for n images.
func (s ConvSpec) ForBatch(n int) ConvSpec {
	s.Minimal = s.minimalPossible() && s.minimalPays(n)
	return s
}

// ForWeightGrad is ForBatch for [ConvWeightGrad], which gains less.
func (s ConvSpec) ForWeightGrad(n int) ConvSpec {
	s.Minimal = s.minimalPossible() && s.minimalSlopesPay(n)
	return s
}

// minimalPossible says whether the window is one of 3x3 that Winograd's algorithm
// computes.
func (s *ConvSpec) minimalPossible() bool {
	one := [3]int{1, 1, 1}
	return s.Kernel == [3]int{1, 3, 3} && s.Stride == one && s.Dilation == one && s.In[0] == 1 && s.PadLo[0] == 0 && s.PadHi[0] == 0
}

// minimalPays compares multiplications: of the products, and as many as the
// transforms and reading the transformed weights take the time of.
func (s *ConvSpec) minimalPays(n int) bool { return s.minimalCost(n, 220, 8) < 0.75*s.directCost(n) }

// minimalSlopesPay is minimalPays for the gradient of the weights, where the
// transformed images do not stay in the second cache.
func (s *ConvSpec) minimalSlopesPay(n int) bool {
	return s.minimalCost(n, 330, 20) < 0.9*s.directCost(n)
}

// minimalCost counts multiplications for n images; transforming a number for all
// channels of a vector takes as long as so many of them, and reading or writing a
// transformed weight too.
func (s *ConvSpec) minimalCost(n int, transform, weight float64) float64 {
	out, lanes := s.Out(), active.winograd.lanes
	tiles := float64(n * (roundUp(out[1], tileOut) / tileOut) * (roundUp(out[2], tileOut) / tileOut))
	vectors := float64(roundUp(s.groupChannels(), lanes) + roundUp(s.groupFilters(), lanes))
	return points*float64(s.groupChannels()*s.groupFilters())*(tiles+weight) + transform*vectors*tiles
}

// directCost counts the multiplications of a group for n images.
func (s *ConvSpec) directCost(n int) float64 {
	return float64(volume(s.Kernel)) * float64(s.groupChannels()*s.groupFilters()) * float64(n*volume(s.Out()))
}

// directly returns the spec without Minimal.
func (s ConvSpec) directly() ConvSpec {
	s.Minimal = false
	return s
}

func newWinograd(spec ConvSpec) *winograd {
	out, k := spec.Out(), &active.winograd
	return &winograd{
		spec: spec, kernels: k, tile: &active.tile,
		tiles: [2]int{roundUp(out[1], tileOut) / tileOut, roundUp(out[2], tileOut) / tileOut},
		lanes: k.lanes, depth: roundUp(spec.groupChannels(), k.lanes), width: roundUp(spec.groupFilters(), active.tile.width),
		weights: make([][]float32, spec.Groups),
	}
}

// roundUp returns the next multiple of unit.
func roundUp(n, unit int) int { return (n + unit - 1) / unit * unit }

// takes says that neither the images nor the weights have numbers that would spread
// over a whole tile: infinite ones, NaN, and those whose sums may overflow.
func (w *winograd) takes(t *Team, images []float32) bool {
	return w.moderate && isModerate(t, images)
}

func isModerate(t *Team, numbers []float32) bool {
	var odd atomic.Bool
	t.Ranges(len(numbers), packGrain, func(lo, hi int) {
		if squares := SumSquares(numbers[lo:hi]); !(squares < math.MaxFloat32) {
			odd.Store(true)
		}
	})
	return !odd.Load()
}
