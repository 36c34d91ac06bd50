package main

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/tomo-viz/tomo/nn/tensor"
)

// tolerance bounds how far engines may be apart: of each array, the largest
// difference over the largest element.
const tolerance = 1e-4

// Some gradients are less certain than that. A ReLU's derivative jumps at 0, and
// among millions of activations some are so close to it that rounding decides on
// which side they are; other gradients are zero but for rounding, such as those
// of the keys' bias in attention. How uncertain, shows when the inputs and the
// seed gradient are changed in their last digits, each number by up to jitter of
// it, some times: engines may be a few times as far apart as that moves them.
const (
	jitter  = 4e-6
	jitters = 5
	leeway  = 4
)

// A bound is what a result must be: the arrays, and how far each may be off.
type bound struct {
	want    map[string]*tensor.Tensor
	allowed map[string]float64
}

func newBound(want map[string]*tensor.Tensor) *bound {
	b := &bound{want, map[string]float64{}}
	for name := range want {
		b.allowed[name] = tolerance
	}
	return b
}

// loosen allows for what jitter made of the gradients.
func (b *bound) loosen(jittered map[string]*tensor.Tensor) {
	for name, t := range jittered {
		if name != "output" {
			b.allowed[name] = max(b.allowed[name], leeway*distance(b.want[name].F32(), t.F32()))
		}
	}
}

// compare returns how far results are from what they must be at most, and errs
// if that is too far or they are not of the same names and shapes.
func (b *bound) compare(got map[string]*tensor.Tensor) (float64, error) {
	worst := 0.0
	if len(b.want) != len(got) {
		return 0, fmt.Errorf("%d arrays where %d are wanted", len(got), len(b.want))
	}
	for _, name := range slices.Sorted(maps.Keys(b.want)) {
		want, got := b.want[name], got[name]
		if got == nil {
			return 0, fmt.Errorf("%q is missing", name)
		}
		if got.DType() != tensor.Float32 || !slices.Equal(want.Shape(), got.Shape()) {
			return 0, fmt.Errorf("%q is %s where %s is wanted", name, got, want)
		}
		apart := distance(want.F32(), got.F32())
		if !(apart <= b.allowed[name]) {
			return 0, fmt.Errorf("%q is %.2g apart, more than %.2g", name, apart, b.allowed[name])
		}
		worst = max(worst, apart)
	}
	return worst, nil
}

// distance is the largest difference over the largest element; NaN is far from
// everything.
func distance(want, got []float32) float64 {
	scale, apart := 0.0, 0.0
	for i, w := range want {
		scale = max(scale, math.Abs(float64(w)))
		apart = max(apart, math.Abs(float64(w)-float64(got[i])))
	}
	if apart == 0 {
		return 0
	}
	return apart / scale
}
