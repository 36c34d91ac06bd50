package onnxtest

import (
	"fmt"
	"math"
	"slices"

	"github.com/tomo-viz/tomo/nn/tensor"
)

// The tolerances of the ONNX project's own runner.
const (
	Rtol = 1e-3
	Atol = 1e-7
)

// Close errs unless got has the type and shape of want, and elements that
// differ by no more than atol + rtol·|want|. NaN is close to NaN only.
// Integers, truth values and strings must be equal. Containers are compared by
// what they hold.
func Close(got, want *tensor.Tensor, rtol, atol float64) error {
	if got == nil {
		return fmt.Errorf("there is none where %v is expected", want)
	}
	if got.DType() != want.DType() || !slices.Equal(got.Shape(), want.Shape()) {
		return fmt.Errorf("%v where %v is expected", got, want)
	}
	if want.DType().IsContainer() {
		return closeElements(got.Elements(), want.Elements(), rtol, atol)
	}
	if !want.DType().IsFloat() {
		if !tensor.Equal(got, want) {
			return fmt.Errorf("%v differs: %v", want, firstDifference(got, want))
		}
		return nil
	}
	g, err := got.Floats()
	if err != nil {
		return err
	}
	w, err := want.Floats()
	if err != nil {
		return err
	}
	for i := range w {
		if !near(g[i], w[i], rtol, atol) {
			return fmt.Errorf("element %d of %v is %v, expected %v", i, want, g[i], w[i])
		}
	}
	return nil
}

func closeElements(got, want []*tensor.Tensor, rtol, atol float64) error {
	if len(got) != len(want) {
		return fmt.Errorf("it holds %d tensors where %d are expected", len(got), len(want))
	}
	for i := range want {
		if err := Close(got[i], want[i], rtol, atol); err != nil {
			return fmt.Errorf("element %d: %w", i, err)
		}
	}
	return nil
}

func near(g, w, rtol, atol float64) bool {
	if g == w || math.IsNaN(g) && math.IsNaN(w) {
		return true
	}
	return !math.IsInf(w, 0) && math.Abs(g-w) <= atol+rtol*math.Abs(w)
}

func firstDifference(got, want *tensor.Tensor) string {
	if want.DType() == tensor.String {
		g, w := tensor.Data[string](got), tensor.Data[string](want)
		for i := range w {
			if g[i] != w[i] {
				return fmt.Sprintf("element %d is %q, expected %q", i, g[i], w[i])
			}
		}
	}
	g, err := got.Floats()
	if err != nil {
		return err.Error()
	}
	w, err := want.Floats()
	if err != nil {
		return err.Error()
	}
	for i := range w {
		if g[i] != w[i] {
			return fmt.Sprintf("element %d is %v, expected %v", i, g[i], w[i])
		}
	}
	return "somewhere"
}
