package op

import (
	"fmt"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// Broadcasting is NumPy's: shapes are aligned at their last axes, and an
// extent of 1 is repeated (ONNX, "Broadcasting in ONNX").

// broadcastShapes returns the common shape, or errs if there is none or if it
// is too large.
func broadcastShapes(shapes ...[]int) ([]int, error) {
	rank := 0
	for _, s := range shapes {
		rank = max(rank, len(s))
	}
	out := make([]int, rank)
	for i := range out {
		out[i] = 1
	}
	for _, s := range shapes {
		lead := rank - len(s)
		for i, d := range s {
			switch {
			case d == 1 || d == out[lead+i]:
			case out[lead+i] == 1:
				out[lead+i] = d
			default:
				return nil, fmt.Errorf("shapes %v cannot be broadcast together", shapes)
			}
		}
	}
	_, err := checkSize(out)
	return out, err
}

// broadcastDims is broadcastShapes for what is known of the shapes; the result
// is nil if a rank is unknown.
func broadcastDims(shapes ...ir.Shape) (ir.Shape, error) {
	rank := 0
	for _, s := range shapes {
		if s == nil {
			return nil, nil
		}
		rank = max(rank, len(s))
	}
	out := make(ir.Shape, rank)
	for i := range out {
		out[i] = ir.Known(1)
	}
	for _, s := range shapes {
		lead := rank - len(s)
		for i, d := range s {
			var ok bool
			if out[lead+i], ok = broadcastDim(out[lead+i], d); !ok {
				return nil, fmt.Errorf("shapes %v cannot be broadcast together", shapes)
			}
		}
	}
	return out, nil
}

// broadcastDim relies on an extent that is known and not 1 to be the common
// one, whatever the other turns out to be.
func broadcastDim(a, b ir.Dim) (ir.Dim, bool) {
	one := ir.Known(1)
	switch {
	case a == one || a.Same(b):
		return b, true
	case b == one:
		return a, true
	case a.IsKnown() && b.IsKnown():
		return ir.Dim{}, false
	case a.IsKnown():
		return a, true
	case b.IsKnown():
		return b, true
	}
	return ir.Symbol(""), true
}

// stridesOf returns how far apart neighbours along each axis lie in row-major
// order.
func stridesOf(shape []int) []int {
	s := make([]int, len(shape))
	step := 1
	for i := len(shape) - 1; i >= 0; i-- {
		s[i] = step
		step *= shape[i]
	}
	return s
}

// broadcastStrides returns the strides that read a tensor of the given shape
// as one of shape to: zero along repeated axes.
func broadcastStrides(shape, to []int) []int {
	s := make([]int, len(to))
	own := stridesOf(shape)
	lead := len(to) - len(shape)
	for i, d := range shape {
		if d != 1 {
			s[lead+i] = own[i]
		}
	}
	return s
}

// offsets lists, in row-major order of shape, where the elements of a strided
// view lie: start + Σ index·stride.
func offsets(shape []int, start int, strides []int) []int {
	n := product(shape)
	if n == 0 {
		return nil
	}
	out := make([]int, 1, n)
	out[0] = start
	for axis, d := range shape {
		next := make([]int, 0, len(out)*d)
		for _, o := range out {
			for k := range d {
				next = append(next, o+k*strides[axis])
			}
		}
		out = next
	}
	return out
}

// strided copies a strided view of t: element index of shape is the one at
// start + Σ index·stride. Axes at the end that lie row-major move as one run.
func strided(t *tensor.Tensor, start int, shape, strides []int) *tensor.Tensor {
	if product(shape) == 0 {
		return tensor.New(t.DType(), shape...)
	}
	run, k := 1, len(shape)
	for k > 0 && (shape[k-1] == 1 || strides[k-1] == run) {
		run *= shape[k-1]
		k--
	}
	return t.Take(offsets(shape[:k], start, strides[:k]), run, shape...)
}

// takeAs makes an output of the given shape of runs of x; places is called
// only if the output is not empty and not too large.
func takeAs(x *tensor.Tensor, shape []int, places func() (at []int, run int)) ([]*tensor.Tensor, error) {
	n, err := checkSize(shape)
	if err != nil {
		return nil, err
	}
	if n == 0 {
		return one(tensor.New(x.DType(), shape...))
	}
	at, run := places()
	return one(x.Take(at, run, shape...))
}

// broadcastTo repeats t to fill a shape that broadcastShapes returned.
func broadcastTo(t *tensor.Tensor, shape []int) *tensor.Tensor {
	if slices.Equal(t.Shape(), shape) {
		return t
	}
	return strided(t, 0, shape, broadcastStrides(t.Shape(), shape))
}

// zip computes f over two tensors broadcast together, element by element.
func zip[T, U tensor.Element](a, b *tensor.Tensor, f func(T, T) U) ([]*tensor.Tensor, error) {
	shape, err := broadcastShapes(a.Shape(), b.Shape())
	if err != nil {
		return nil, err
	}
	x, y := tensor.Data[T](a), tensor.Data[T](b)
	out := make([]U, product(shape))
	eachPair(a.Shape(), b.Shape(), shape, func(k, i, j, n, di, dj int) {
		for e := range n {
			out[k+e] = f(x[i+e*di], y[j+e*dj])
		}
	})
	return one(tensor.Of(out, shape...))
}

// zipAs is zip with f computing in a wide type W.
func zipAs[T, W number](a, b *tensor.Tensor, f func(W, W) W) ([]*tensor.Tensor, error) {
	return zip(a, b, func(x, y T) T { return T(f(W(x), W(y))) })
}

// eachPair walks two tensors broadcast to shape row by row: n elements of the
// result from k on come from those at i, i+di, ... and j, j+dj, ...
func eachPair(a, b, shape []int, row func(k, i, j, n, di, dj int)) {
	n := 1
	var di, dj int
	outer := shape
	sa, sb := broadcastStrides(a, shape), broadcastStrides(b, shape)
	if last := len(shape) - 1; last >= 0 {
		n, di, dj = shape[last], sa[last], sb[last]
		outer, sa, sb = shape[:last], sa[:last], sb[:last]
	}
	if n == 0 {
		return
	}
	index := make([]int, len(outer))
	i, j := 0, 0
	for r := range product(outer) {
		row(r*n, i, j, n, di, dj)
		for ax := len(outer) - 1; ax >= 0; ax-- {
			i, j = i+sa[ax], j+sb[ax]
			if index[ax]++; index[ax] < outer[ax] {
				break
			}
			i, j, index[ax] = i-outer[ax]*sa[ax], j-outer[ax]*sb[ax], 0
		}
	}
}
