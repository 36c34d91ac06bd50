package tensor

import (
	"fmt"
	"math"
	"slices"
)

// A Tensor is a dense array. The zero Tensor is not valid; make one with New,
// Of or Scalar.
type Tensor struct {
	dtype DType
	shape []int
	data  any // []T for the dtype's storage type T, len = product of shape
}

// MaxElements bounds the elements of one tensor (2^33): enough for any layer
// that fits a machine, small enough that a hostile shape is refused before
// memory is taken.
const MaxElements = 1 << 33

// NumElements returns the product of shape. It errs on a negative extent and
// if the product of those that are not 0 is over MaxElements.
func NumElements(shape []int) (int, error) {
	n, empty := 1, false
	for _, d := range shape {
		switch {
		case d < 0:
			return 0, fmt.Errorf("shape %v has a negative extent", shape)
		case d == 0:
			empty = true
		case n > MaxElements/d:
			return 0, fmt.Errorf("shape %v has more than %d elements", shape, MaxElements)
		default:
			n *= d
		}
	}
	if empty {
		return 0, nil
	}
	return n, nil
}

// New returns a tensor of zeros. It panics where NumElements errs: shapes from
// outside are checked with NumElements first.
func New(dtype DType, shape ...int) *Tensor {
	n := mustCount(shape)
	return &Tensor{dtype, slices.Clone(shape), alloc(dtype, n)}
}

// Of returns a tensor over data, which it keeps and does not copy. It panics
// if the length does not fit the shape.
func Of[T Element](data []T, shape ...int) *Tensor {
	if n := mustCount(shape); n != len(data) {
		panic(fmt.Sprintf("tensor: %d elements do not fill shape %v", len(data), shape))
	}
	return &Tensor{TypeOf[T](), slices.Clone(shape), data}
}

// Scalar returns a tensor of rank 0.
func Scalar[T Element](v T) *Tensor { return Of([]T{v}) }

// Vector returns a tensor of rank 1 over data.
func Vector[T Element](data ...T) *Tensor { return Of(data, len(data)) }

func mustCount(shape []int) int {
	n, err := NumElements(shape)
	if err != nil {
		panic("tensor: " + err.Error())
	}
	return n
}

// DType returns the type of the elements.
func (t *Tensor) DType() DType { return t.dtype }

// Shape returns the extents, outermost first. The caller must not change it.
func (t *Tensor) Shape() []int { return t.shape }

// Rank returns the number of axes; a scalar has none.
func (t *Tensor) Rank() int { return len(t.shape) }

// Dim returns the extent of axis i; a negative i counts from the end.
func (t *Tensor) Dim(i int) int {
	if i < 0 {
		i += len(t.shape)
	}
	return t.shape[i]
}

// Len returns the number of elements.
func (t *Tensor) Len() int {
	n := 1
	for _, d := range t.shape {
		n *= d
	}
	return n
}

// Bytes returns the memory that the elements take; for strings and containers,
// an estimate.
func (t *Tensor) Bytes() int {
	switch {
	case t.dtype.IsContainer():
		return containerBytes(t)
	case t.dtype != String:
		return t.Len() * t.dtype.Size()
	}
	n := 0
	for _, s := range t.data.([]string) {
		n += 16 + len(s)
	}
	return n
}

// Data returns the elements in row-major order, without a copy. It panics if T
// is not the storage type of the tensor's elements.
func Data[T Element](t *Tensor) []T {
	d, ok := t.data.([]T)
	if !ok {
		panic(fmt.Sprintf("tensor: elements are %s, not %s", t.dtype, TypeOf[T]()))
	}
	return d
}

// F32 returns the elements of a float32 tensor, without a copy.
func (t *Tensor) F32() []float32 { return Data[float32](t) }

// I64 returns the elements of an int64 tensor, without a copy.
func (t *Tensor) I64() []int64 { return Data[int64](t) }

// Reshape returns the same elements under another shape. It panics if the
// shapes differ in size.
func (t *Tensor) Reshape(shape ...int) *Tensor {
	if mustCount(shape) != t.Len() {
		panic(fmt.Sprintf("tensor: shape %v cannot become %v", t.shape, shape))
	}
	return &Tensor{t.dtype, slices.Clone(shape), t.data}
}

// Clone returns a copy that shares nothing with t.
func (t *Tensor) Clone() *Tensor {
	if t.dtype.IsContainer() {
		return t.MapElements((*Tensor).Clone)
	}
	c := New(t.dtype, t.shape...)
	copyRange(c.data, 0, t.data, 0, t.Len())
	return c
}

// CopyRange copies n elements of src, from element j on, to element i on of t.
// Both must have the same element type; indices are into the row-major order.
func (t *Tensor) CopyRange(i int, src *Tensor, j, n int) { copyRange(t.data, i, src.data, j, n) }

// Take returns a tensor of the given shape made of runs of elements of t: run i
// starts at element at[i] of t's row-major order, or is zero if at[i] is
// negative. Every operator that only moves elements is a list of such places.
// It panics if the runs do not fill the shape or leave t.
func (t *Tensor) Take(at []int, run int, shape ...int) *Tensor {
	out := New(t.dtype, shape...)
	if out.Len() != len(at)*run {
		panic(fmt.Sprintf("tensor: %d runs of %d elements do not fill shape %v", len(at), run, shape))
	}
	asRaw(out.data).take(t.data, at, run)
	return out
}

// Slice returns the elements [i, j) of the outermost axis, sharing memory.
func (t *Tensor) Slice(i, j int) *Tensor {
	shape := slices.Clone(t.shape)
	shape[0] = j - i
	row := 1
	for _, d := range shape[1:] {
		row *= d
	}
	return &Tensor{t.dtype, shape, subslice(t.data, i*row, j*row)}
}

// String describes the tensor, not its elements: "float32[1,3,224,224]".
func (t *Tensor) String() string {
	s := t.dtype.String() + "["
	for i, d := range t.shape {
		if i > 0 {
			s += ","
		}
		s += fmt.Sprint(d)
	}
	return s + "]"
}

// Equal reports whether a and b have the same type, shape and elements. NaN
// equals NaN here.
func Equal(a, b *Tensor) bool {
	if a.dtype != b.dtype || !slices.Equal(a.shape, b.shape) {
		return false
	}
	switch x := a.data.(type) {
	case []*Tensor, []Maybe:
		return equalContainers(a, b)
	case []float32:
		return slices.EqualFunc(x, b.data.([]float32), func(p, q float32) bool { return p == q || p != p && q != q })
	case []float64:
		return slices.EqualFunc(x, b.data.([]float64), func(p, q float64) bool { return p == q || math.IsNaN(p) && math.IsNaN(q) })
	}
	return equalData(a.data, b.data)
}
