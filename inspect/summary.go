package inspect

import (
	"math"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A Summary is what the numbers of a tensor are like. Min, Max, Mean and Std are
// of the finite ones, and mean nothing if there are none.
type Summary struct {
	Type  string  `json:"type"`
	Shape []int   `json:"shape"`
	Count int     `json:"count"` // of elements
	NaN   int     `json:"nan"`
	Inf   int     `json:"inf"`
	Min   float64 `json:"min"`
	Mean  float64 `json:"mean"`
	Max   float64 `json:"max"`
	Std   float64 `json:"std"` // of the whole, not of a sample
}

// Finite returns how many elements are finite numbers.
func (s Summary) Finite() int { return s.Count - s.NaN - s.Inf }

// Summarize reads a tensor once. One of texts or complex numbers has no more
// than a type and a shape.
func Summarize(t *tensor.Tensor) Summary {
	s := Summary{Type: t.DType().String(), Shape: t.Shape()}
	if t.DType() == tensor.Float32 {
		return summarize(s, t.F32())
	}
	values, err := t.Floats()
	if err != nil {
		return s
	}
	return summarize(s, values)
}

// summarize updates mean and sum of squares as Welford does (Technometrics 4,
// 1962), so that a large mean does not hide a small deviation.
func summarize[T float32 | float64](s Summary, values []T) Summary {
	s.Count = len(values)
	lo, hi, mean, squares, n := math.Inf(1), math.Inf(-1), 0.0, 0.0, 0.0
	for _, value := range values {
		x := float64(value)
		switch {
		case x != x:
			s.NaN++
			continue
		case math.IsInf(x, 0):
			s.Inf++
			continue
		}
		n++
		d := x - mean
		mean += d / n
		squares += d * (x - mean)
		lo, hi = min(lo, x), max(hi, x)
	}
	if n > 0 {
		s.Min, s.Mean, s.Max, s.Std = lo, mean, hi, math.Sqrt(squares/n)
	}
	return s
}

// SummarizeAll is Summarize of each.
func SummarizeAll(values []*tensor.Tensor) []Summary {
	sums := make([]Summary, len(values))
	for i, t := range values {
		sums[i] = Summarize(t)
	}
	return sums
}

// ShapeText writes a shape as 1×3×224×224.
func ShapeText(shape []int) string { return ir.Dims(shape...).String() }
