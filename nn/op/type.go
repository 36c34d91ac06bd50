package op

import (
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A Type is what is known of a value before it is computed.
type Type struct {
	DType tensor.DType
	Shape ir.Shape // nil if the rank is unknown
	// Value holds the elements if the value is constant.
	Value *tensor.Tensor
	// Extents holds the elements, in row-major order, of a small integer tensor
	// that is computed from shapes, as far as known, so that Shape -> Gather ->
	// Concat -> Reshape keeps a symbolic batch. A negative element is the symbol
	// of its digits. Nil if nothing is known.
	Extents ir.Shape
	// Elem is what is known of every element of a sequence, or of what an
	// optional holds; nil if nothing is.
	Elem *Type
}

// Ints returns the elements of a constant integer input, such as the axes of
// Squeeze, and whether they are known.
func (t Type) Ints() ([]int, bool) {
	if t.Value != nil {
		v, err := t.Value.Ints()
		return v, err == nil
	}
	if t.Extents == nil {
		return nil, false
	}
	v := make([]int, len(t.Extents))
	for i, d := range t.Extents {
		var ok bool
		if v[i], ok = dimNumber(d); !ok {
			return nil, false
		}
	}
	return v, true
}

// Dims returns the elements of an integer input as far as they are known, or
// nil.
func (t Type) Dims() ir.Shape {
	if t.Value == nil {
		return t.Extents
	}
	v, err := t.Value.Ints()
	if err != nil {
		return nil
	}
	return mapTo(v, dimOf)
}

// TypeOf returns the Type of a computed tensor.
func TypeOf(t *tensor.Tensor) Type {
	if t == nil {
		return Type{}
	}
	return Type{DType: t.DType(), Shape: ir.ShapeOf(t), Value: t, Elem: commonType(t.Elements())}
}

// commonType returns what the types of tensors have in common, nil if there are
// none.
func commonType(list []*tensor.Tensor) *Type {
	if len(list) == 0 {
		return nil
	}
	common := TypeOf(list[0])
	common.Value = nil
	for _, t := range list[1:] {
		common = Join(common, TypeOf(t))
	}
	return &common
}

// Join returns what two types have in common; elements are left out.
func Join(a, b Type) Type {
	var out Type
	if a.DType == b.DType {
		out.DType = a.DType
	}
	if a.Elem != nil && b.Elem != nil && out.DType.IsContainer() {
		elem := Join(*a.Elem, *b.Elem)
		out.Elem = &elem
	}
	if a.Shape == nil || len(a.Shape) != len(b.Shape) {
		return out
	}
	out.Shape = make(ir.Shape, len(a.Shape))
	for i, d := range a.Shape {
		if out.Shape[i] = ir.Symbol(""); d.Same(b.Shape[i]) {
			out.Shape[i] = d
		}
	}
	return out
}

// dtypeOf returns the element type of a tensor that may be left out.
func dtypeOf(t *tensor.Tensor) tensor.DType {
	if t == nil {
		return tensor.Invalid
	}
	return t.DType()
}
