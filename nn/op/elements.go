package op

import (
	"fmt"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// Kernels are generic over the element types below. 16-bit floats never get
// here: Eval widens them before.
type (
	float    interface{ float32 | float64 }
	signed   interface{ int8 | int16 | int32 | int64 }
	unsigned interface {
		uint8 | uint16 | uint32 | uint64
	}
	integer interface{ signed | unsigned }
	number  interface{ float | integer }
)

// mapFloat applies f to every element of a float32 or float64 tensor.
func mapFloat(t *tensor.Tensor, f func(float64) float64) ([]*tensor.Tensor, error) {
	switch t.DType() {
	case tensor.Float32:
		return one(mapAs[float32](t, f))
	case tensor.Float64:
		return one(mapAs[float64](t, f))
	}
	return nil, errElements(t)
}

// mapAs applies f, which computes in a wide type W, to elements stored as T.
func mapAs[T, W number](t *tensor.Tensor, f func(W) W) *tensor.Tensor {
	x := tensor.Data[T](t)
	y := make([]T, len(x))
	for i, v := range x {
		y[i] = T(f(W(v)))
	}
	return tensor.Of(y, t.Shape()...)
}

// mapTo applies f to every element of x.
func mapTo[T, U any](x []T, f func(T) U) []U {
	y := make([]U, len(x))
	for i, v := range x {
		y[i] = f(v)
	}
	return y
}

// one is the usual result of Eval: one output.
func one(t *tensor.Tensor) ([]*tensor.Tensor, error) { return []*tensor.Tensor{t}, nil }

// opt returns the i-th of a node's inputs or their types, or the zero value
// if the list ends before: how an optional input is read.
func opt[T any](in []T, i int) T {
	if i < len(in) {
		return in[i]
	}
	var zero T
	return zero
}

// errElements says that the operator is not defined for t's element type.
func errElements(t *tensor.Tensor) error {
	return fmt.Errorf("elements of type %s are not allowed here", t.DType())
}

// sameElements errs unless all tensors that are given have one element type.
func sameElements(in ...*tensor.Tensor) error {
	var first *tensor.Tensor
	for i, t := range in {
		switch {
		case t == nil:
		case first == nil:
			first = t
		case t.DType() != first.DType():
			return fmt.Errorf("input %d is %s where %s is needed", i, t.DType(), first.DType())
		}
	}
	return nil
}

// maxElements bounds an output whose size comes from elements or attributes or
// from broadcasting, not from an input of that size: 2^28, 1 GiB of float32.
const maxElements = 1 << 28

// checkSize errs where shape is not valid or too large to take memory for.
func checkSize(shape []int) (int, error) {
	n, err := tensor.NumElements(shape)
	if err == nil && extents(shape) > maxElements {
		err = fmt.Errorf("an output of shape %v has more than %d elements", shape, maxElements)
	}
	return n, err
}

// extents multiplies all extents but those that are 0: what a loop over some
// axes of an empty tensor may take.
func extents(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= max(d, 1)
	}
	return n
}

// checkEmpty errs where a tensor without elements has absurd other extents.
func checkEmpty(in []*tensor.Tensor) error {
	for i, t := range in {
		if t != nil && t.Len() == 0 && extents(t.Shape()) > maxElements {
			return fmt.Errorf("input %d has the shape %v, which is no shape of data", i, t.Shape())
		}
	}
	return nil
}

// zeros returns a tensor of zeros, or errs where checkSize does.
func zeros(dtype tensor.DType, shape ...int) (*tensor.Tensor, error) {
	if _, err := checkSize(shape); err != nil {
		return nil, err
	}
	return tensor.New(dtype, shape...), nil
}

// emptyOf ends an Eval whose output cannot be made or has no elements.
func emptyOf(dtype tensor.DType, shape []int, err error) ([]*tensor.Tensor, error) {
	if err != nil {
		return nil, err
	}
	return one(tensor.New(dtype, shape...))
}

// axisOf resolves an axis that may count from the end.
func axisOf(axis, rank int) (int, error) {
	if axis < -rank || axis >= rank {
		return 0, fmt.Errorf("axis %d is outside [%d, %d)", axis, -rank, rank)
	}
	if axis < 0 {
		axis += rank
	}
	return axis, nil
}

// axesOf resolves axes, which must be distinct.
func axesOf(axes []int, rank int) ([]int, error) {
	seen := make([]bool, rank)
	out := make([]int, len(axes))
	for i, a := range axes {
		a, err := axisOf(a, rank)
		if err != nil {
			return nil, err
		}
		if seen[a] {
			return nil, fmt.Errorf("axis %d is named twice", a)
		}
		seen[a], out[i] = true, a
	}
	return out, nil
}

// around splits a shape at an axis: the product of the extents before it, its
// own, and the product of those behind it.
func around(shape []int, axis int) (outer, n, inner int) {
	return product(shape[:axis]), shape[axis], product(shape[axis+1:])
}

func product(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

// elements counts the elements of a value, 0 if unknown.
func elements(t Type) int64 {
	shape, ok := t.Shape.Ints()
	if !ok {
		return 0
	}
	return int64(product(shape))
}

// flops is the Cost of an operator that takes n floating-point operations per
// element of its first output. Simple elementwise functions count one, however
// long the machine takes for them.
func flops(n int64) func(*ir.Node, []Type, []Type) Cost {
	return func(_ *ir.Node, _, out []Type) Cost {
		return Cost{FLOPs: n * elements(opt(out, 0))}
	}
}
