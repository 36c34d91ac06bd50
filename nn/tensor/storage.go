package tensor

import (
	"fmt"
	"slices"
)

// The functions below are the only ones that know all storage types; each is
// one generic helper behind one type switch.

func alloc(d DType, n int) any {
	switch d {
	case Float32:
		return make([]float32, n)
	case Float64:
		return make([]float64, n)
	case Float16:
		return make([]Half, n)
	case BFloat16:
		return make([]BHalf, n)
	case Int8:
		return make([]int8, n)
	case Int16:
		return make([]int16, n)
	case Int32:
		return make([]int32, n)
	case Int64:
		return make([]int64, n)
	case Uint8:
		return make([]uint8, n)
	case Uint16:
		return make([]uint16, n)
	case Uint32:
		return make([]uint32, n)
	case Uint64:
		return make([]uint64, n)
	case Bool:
		return make([]bool, n)
	case String:
		return make([]string, n)
	case Complex64:
		return make([]complex64, n)
	case Complex128:
		return make([]complex128, n)
	case Int4:
		return make([]Nibble, n)
	case Uint4:
		return make([]UNibble, n)
	case F8E4M3FN:
		return make([]F8E4M3FNBits, n)
	case F8E4M3FNUZ:
		return make([]F8E4M3FNUZBits, n)
	case F8E5M2:
		return make([]F8E5M2Bits, n)
	case F8E5M2FNUZ:
		return make([]F8E5M2FNUZBits, n)
	}
	panic(fmt.Sprintf("tensor: no storage for %s", d))
}

// A raw is a typed slice seen without its type.
type raw interface {
	copyFrom(i int, src any, j, n int)
	sub(i, j int) any
	equal(other any) bool
}

type slice[T Element] []T

func (s slice[T]) copyFrom(i int, src any, j, n int) { copy(s[i:i+n], src.([]T)[j:j+n]) }
func (s slice[T]) sub(i, j int) any                  { return []T(s[i:j:j]) }
func (s slice[T]) equal(other any) bool              { return slices.Equal([]T(s), other.([]T)) }

func asRaw(data any) raw {
	switch x := data.(type) {
	case []float32:
		return slice[float32](x)
	case []float64:
		return slice[float64](x)
	case []Half:
		return slice[Half](x)
	case []BHalf:
		return slice[BHalf](x)
	case []int8:
		return slice[int8](x)
	case []int16:
		return slice[int16](x)
	case []int32:
		return slice[int32](x)
	case []int64:
		return slice[int64](x)
	case []uint8:
		return slice[uint8](x)
	case []uint16:
		return slice[uint16](x)
	case []uint32:
		return slice[uint32](x)
	case []uint64:
		return slice[uint64](x)
	case []bool:
		return slice[bool](x)
	case []string:
		return slice[string](x)
	case []complex64:
		return slice[complex64](x)
	case []complex128:
		return slice[complex128](x)
	case []Nibble:
		return slice[Nibble](x)
	case []UNibble:
		return slice[UNibble](x)
	case []F8E4M3FNBits:
		return slice[F8E4M3FNBits](x)
	case []F8E4M3FNUZBits:
		return slice[F8E4M3FNUZBits](x)
	case []F8E5M2Bits:
		return slice[F8E5M2Bits](x)
	case []F8E5M2FNUZBits:
		return slice[F8E5M2FNUZBits](x)
	}
	panic(fmt.Sprintf("tensor: %T stores no elements", data))
}

func copyRange(dst any, i int, src any, j, n int) { asRaw(dst).copyFrom(i, src, j, n) }
func subslice(data any, i, j int) any             { return asRaw(data).sub(i, j) }
func equalData(a, b any) bool                     { return asRaw(a).equal(b) }
