package tensor

// Sequences and optionals are tensors too, as NumPy keeps objects in arrays, so
// that whatever carries tensors carries them: a sequence is a vector whose
// elements are tensors, an optional a scalar whose element may be missing. They
// hold their elements and do not copy them.

// A Maybe is the element of an optional: a tensor or sequence, nil if there is
// none.
type Maybe struct{ Tensor *Tensor }

// NewSequence returns the sequence of the given tensors.
func NewSequence(elems ...*Tensor) *Tensor { return Vector(elems...) }

// NewOptional returns an optional that holds t, or nothing if t is nil.
func NewOptional(t *Tensor) *Tensor { return Scalar(Maybe{t}) }

// Elements returns what a sequence or an optional holds, and nil for any other
// tensor. The caller must not change the list.
func (t *Tensor) Elements() []*Tensor {
	switch data := t.data.(type) {
	case []*Tensor:
		return data
	case []Maybe:
		held := make([]*Tensor, 0, len(data))
		for _, m := range data {
			if m.Tensor != nil {
				held = append(held, m.Tensor)
			}
		}
		return held
	}
	return nil
}

// MapElements returns a container of the same kind and length with f applied to
// all that it holds.
func (t *Tensor) MapElements(f func(*Tensor) *Tensor) *Tensor {
	apply := func(e *Tensor) *Tensor {
		if e == nil {
			return nil
		}
		return f(e)
	}
	out := &Tensor{dtype: t.dtype, shape: t.shape}
	switch data := t.data.(type) {
	case []*Tensor:
		out.data = mapTo(data, apply)
	case []Maybe:
		out.data = mapTo(data, func(m Maybe) Maybe { return Maybe{apply(m.Tensor)} })
	default:
		panic("tensor: " + t.String() + " holds no tensors")
	}
	return out
}

// elementBytes is about what a tensor takes beside its elements.
const elementBytes = 128

func containerBytes(t *Tensor) int {
	n := 0
	for _, e := range t.Elements() {
		if e != nil {
			n += elementBytes + e.Bytes()
		}
	}
	return n
}

// equalContainers compares containers of the same kind and length.
func equalContainers(a, b *Tensor) bool {
	x, y := a.Elements(), b.Elements()
	if len(x) != len(y) {
		return false
	}
	for i := range x {
		if x[i] == nil || y[i] == nil {
			if x[i] != y[i] {
				return false
			}
		} else if !Equal(x[i], y[i]) {
			return false
		}
	}
	return true
}
