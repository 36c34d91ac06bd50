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

// compare returns how far two engines' results are apart at most, and errs if
// it is too far or they are not of the same names and shapes.
func compare(want, got map[string]*tensor.Tensor) (float64, error) {
	worst := 0.0
	if len(want) != len(got) {
		return 0, fmt.Errorf("%d arrays where %d are wanted", len(got), len(want))
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		a, b := want[name], got[name]
		if b == nil {
			return 0, fmt.Errorf("%q is missing", name)
		}
		if a.DType() != tensor.Float32 || b.DType() != tensor.Float32 || !slices.Equal(a.Shape(), b.Shape()) {
			return 0, fmt.Errorf("%q is %s where %s is wanted", name, b, a)
		}
		apart := distance(a.F32(), b.F32())
		if !(apart <= tolerance) {
			return 0, fmt.Errorf("%q is %.2g apart, more than %g", name, apart, tolerance)
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
