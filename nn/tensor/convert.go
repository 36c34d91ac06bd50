package tensor

import (
	"fmt"
	"math"
)

// Convert returns t with elements of another type, as ONNX Cast does: floats
// are truncated towards zero to integers, integers wrap, nonzero is true, and
// floats round to nearest, those of up to 8 bits saturating (see Minifloats for
// the other way). It returns t itself if nothing changes. Strings and complex
// numbers are not converted here: error.
func (t *Tensor) Convert(to DType) (*Tensor, error) {
	if t.dtype == to {
		return t, nil
	}
	out := &Tensor{dtype: to, shape: t.shape}
	switch {
	case t.dtype.IsInt() || t.dtype == Bool:
		v, _ := ints(t.data)
		d, ok := fromInts(v, to)
		if ok {
			out.data = d
			return out, nil
		}
	case t.dtype.IsFloat():
		v, _ := floats(t.data)
		d, ok := fromFloats(v, to)
		if ok {
			out.data = d
			return out, nil
		}
	}
	return nil, fmt.Errorf("cannot convert %s to %s", t.dtype, to)
}

// Floats returns the elements as float64, whatever numeric type they have.
func (t *Tensor) Floats() ([]float64, error) {
	if v, ok := floats(t.data); ok {
		return v, nil
	}
	if v, ok := ints(t.data); ok {
		return mapTo(v, func(x int64) float64 { return float64(x) }), nil
	}
	return nil, fmt.Errorf("%s elements are not real numbers", t.dtype)
}

// Ints returns the elements as ints. It errs unless they are integers or bools.
func (t *Tensor) Ints() ([]int, error) {
	v, ok := ints(t.data)
	if !ok {
		return nil, fmt.Errorf("%s elements are not integers", t.dtype)
	}
	return mapTo(v, func(x int64) int { return int(x) }), nil
}

func mapTo[T, U any](s []T, f func(T) U) []U {
	out := make([]U, len(s))
	for i, v := range s {
		out[i] = f(v)
	}
	return out
}

// ints widens integers and bools; uint64 above the int64 range wraps.
func ints(data any) ([]int64, bool) {
	switch x := data.(type) {
	case []int64:
		return x, true
	case []int32:
		return widen(x), true
	case []int16:
		return widen(x), true
	case []int8:
		return widen(x), true
	case []uint64:
		return widen(x), true
	case []uint32:
		return widen(x), true
	case []uint16:
		return widen(x), true
	case []uint8:
		return widen(x), true
	case []Nibble:
		return widen(x), true
	case []UNibble:
		return widen(x), true
	case []Crumb:
		return widen(x), true
	case []UCrumb:
		return widen(x), true
	case []bool:
		return mapTo(x, func(b bool) int64 {
			if b {
				return 1
			}
			return 0
		}), true
	}
	return nil, false
}

type integer interface {
	~int8 | ~int16 | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32 | ~uint64
}

func widen[T integer](s []T) []int64 { return mapTo(s, func(v T) int64 { return int64(v) }) }

func narrow[T integer](s []int64) []T { return mapTo(s, func(v int64) T { return T(v) }) }

func floats(data any) ([]float64, bool) {
	switch x := data.(type) {
	case []float64:
		return x, true
	case []float32:
		return mapTo(x, func(v float32) float64 { return float64(v) }), true
	case []Half:
		return decode(x), true
	case []BHalf:
		return decode(x), true
	case []F8E4M3FNBits:
		return decode(x), true
	case []F8E4M3FNUZBits:
		return decode(x), true
	case []F8E5M2Bits:
		return decode(x), true
	case []F8E5M2FNUZBits:
		return decode(x), true
	case []F8E8M0Bits:
		return decode(x), true
	case []F6E2M3Bits:
		return decode(x), true
	case []F6E3M2Bits:
		return decode(x), true
	case []F4E2M1Bits:
		return decode(x), true
	}
	return nil, false
}

func decode[T interface{ Float32() float32 }](s []T) []float64 {
	return mapTo(s, func(v T) float64 { return float64(v.Float32()) })
}

func fromInts(v []int64, to DType) (any, bool) {
	switch to {
	case Int64:
		return append([]int64(nil), v...), true
	case Int32:
		return narrow[int32](v), true
	case Int16:
		return narrow[int16](v), true
	case Int8:
		return narrow[int8](v), true
	case Uint64:
		return narrow[uint64](v), true
	case Uint32:
		return narrow[uint32](v), true
	case Uint16:
		return narrow[uint16](v), true
	case Uint8:
		return narrow[uint8](v), true
	case Int4:
		return mapTo(v, func(x int64) Nibble { return Nibble(int8(x<<4) >> 4) }), true
	case Uint4:
		return mapTo(v, func(x int64) UNibble { return UNibble(x & 15) }), true
	case Int2:
		return mapTo(v, func(x int64) Crumb { return Crumb(int8(x<<6) >> 6) }), true
	case Uint2:
		return mapTo(v, func(x int64) UCrumb { return UCrumb(x & 3) }), true
	case Bool:
		return mapTo(v, func(x int64) bool { return x != 0 }), true
	}
	return fromFloats(mapTo(v, func(x int64) float64 { return float64(x) }), to)
}

func fromFloats(v []float64, to DType) (any, bool) {
	switch to {
	case Float64:
		return append([]float64(nil), v...), true
	case Float32:
		return mapTo(v, func(x float64) float32 { return float32(x) }), true
	case Float16:
		return mapTo(v, func(x float64) Half { return HalfOf(float32(x)) }), true
	case BFloat16:
		return mapTo(v, func(x float64) BHalf { return BHalfOf(float32(x)) }), true
	case Bool:
		return mapTo(v, func(x float64) bool { return x != 0 }), true
	case Uint64:
		return mapTo(v, truncUint64), true
	}
	if to.IsInt() {
		return fromInts(mapTo(v, truncInt64), to)
	}
	return encodeMini(v, to, MiniRounding{})
}

// truncInt64 truncates towards zero; what does not fit saturates, and NaN is 0.
func truncInt64(x float64) int64 {
	switch {
	case x != x:
		return 0
	case x >= math.MaxInt64:
		return math.MaxInt64
	case x <= math.MinInt64:
		return math.MinInt64
	}
	return int64(x)
}

func truncUint64(x float64) uint64 {
	switch {
	case x >= math.MaxUint64:
		return math.MaxUint64
	case x >= math.MaxInt64:
		return uint64(x)
	}
	return uint64(truncInt64(x))
}
