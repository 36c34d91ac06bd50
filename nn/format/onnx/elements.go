package onnx

import (
	"fmt"

	"github.com/tomo-viz/tomo/nn/format/onnx/onnxpb"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A source says where the elements of tensors come from that a file does not
// hold itself.
type source struct {
	purse    *purse
	external *external
}

// tensor returns the tensor of p, or why its elements are missing. raw is the
// raw_data if it was lifted out of p. It errs where p contradicts itself.
func (s *source) tensor(p *onnxpb.TensorProto, raw []byte) (t *tensor.Tensor, missing string, err error) {
	dims, n, err := dimsOf(p.Dims)
	if err != nil {
		return nil, "", err
	}
	d := DType(int(p.GetDataType()))
	if raw == nil {
		raw = p.RawData
	}
	switch {
	case d == tensor.Invalid:
		return nil, fmt.Sprintf("elements of ONNX type %d are not known", p.GetDataType()), nil
	case p.Segment != nil:
		return nil, "its elements are spread over segments, which no exporter writes", nil
	case p.GetDataLocation() == onnxpb.TensorProto_EXTERNAL:
		raw, missing, err = s.external.read(p.ExternalData, d, dims)
		if missing != "" || err != nil {
			return nil, missing, err
		}
		t, err = tensor.FromBytes(d, dims, raw)
	case len(raw) > 0:
		t, err = tensor.FromBytes(d, dims, raw)
	case n > 0 && noElements(p):
		return nil, "the file does not hold its elements", nil
	default:
		t, err = typed(p, d, dims, n)
	}
	return t, "", err
}

func noElements(p *onnxpb.TensorProto) bool {
	return len(p.FloatData)+len(p.DoubleData)+len(p.Int32Data)+len(p.Int64Data)+len(p.Uint64Data)+len(p.StringData) == 0
}

// typed returns the tensor of n elements that stand in the field for their type
// and not in raw_data.
func typed(p *onnxpb.TensorProto, d tensor.DType, dims []int, n int) (*tensor.Tensor, error) {
	switch d {
	case tensor.Float32:
		return fill(p.FloatData, dims, n)
	case tensor.Float64:
		return fill(p.DoubleData, dims, n)
	case tensor.Int64:
		return fill(p.Int64Data, dims, n)
	case tensor.Uint64:
		return fill(p.Uint64Data, dims, n)
	case tensor.Uint32:
		return fill(narrow[uint32](p.Uint64Data), dims, n)
	case tensor.Complex64:
		return fill(complexes[complex64](p.FloatData, func(re, im float32) complex64 { return complex(re, im) }), dims, n)
	case tensor.Complex128:
		return fill(complexes[complex128](p.DoubleData, func(re, im float64) complex128 { return complex(re, im) }), dims, n)
	case tensor.String:
		return fill(texts(p.StringData), dims, n)
	}
	return typed32(p.Int32Data, d, dims, n)
}

// typed32 is for the types that share int32_data.
func typed32(v []int32, d tensor.DType, dims []int, n int) (*tensor.Tensor, error) {
	switch d {
	case tensor.Int32:
		return fill(v, dims, n)
	case tensor.Int16:
		return fill(narrow[int16](v), dims, n)
	case tensor.Int8:
		return fill(narrow[int8](v), dims, n)
	case tensor.Uint16:
		return fill(narrow[uint16](v), dims, n)
	case tensor.Uint8:
		return fill(narrow[uint8](v), dims, n)
	case tensor.Float16:
		return fill(narrow[tensor.Half](v), dims, n)
	case tensor.BFloat16:
		return fill(narrow[tensor.BHalf](v), dims, n)
	case tensor.F6E2M3: // not packed here, unlike in raw_data
		return fill(narrow[tensor.F6E2M3Bits](v), dims, n)
	case tensor.F6E3M2:
		return fill(narrow[tensor.F6E3M2Bits](v), dims, n)
	}
	// One byte of the raw form to a number: bool, 8-bit floats, and several
	// elements of 4 and 2 bits.
	return tensor.FromBytes(d, dims, narrow[uint8](v))
}

// fill is tensor.Of for data that may not fit.
func fill[T tensor.Element](data []T, dims []int, n int) (*tensor.Tensor, error) {
	if len(data) != n {
		return nil, fmt.Errorf("%d elements do not fill shape %v, which takes %d", len(data), dims, n)
	}
	return tensor.Of(data, dims...), nil
}

func narrow[T ~int8 | ~int16 | ~uint8 | ~uint16 | ~uint32, S int32 | uint64](v []S) []T {
	out := make([]T, len(v))
	for i, x := range v {
		out[i] = T(x)
	}
	return out
}

func complexes[C complex64 | complex128, F float32 | float64](v []F, pair func(re, im F) C) []C {
	out := make([]C, len(v)/2)
	for i := range out {
		out[i] = pair(v[2*i], v[2*i+1])
	}
	return out
}

func texts(v [][]byte) []string {
	out := make([]string, len(v))
	for i, x := range v {
		out[i] = string(x)
	}
	return out
}
