package tensor

import (
	"fmt"
	"slices"
	"unsafe"

	"github.com/tomo-viz/tomo/internal/pages"
)

// The functions below are the only ones that know all storage types; each is
// one generic helper behind one type switch.

func alloc(d DType, n int) any {
	switch d {
	case Float32:
		return pages.Make[float32](n)
	case Float64:
		return pages.Make[float64](n)
	case Float16:
		return pages.Make[Half](n)
	case BFloat16:
		return pages.Make[BHalf](n)
	case Int8:
		return pages.Make[int8](n)
	case Int16:
		return pages.Make[int16](n)
	case Int32:
		return pages.Make[int32](n)
	case Int64:
		return pages.Make[int64](n)
	case Uint8:
		return pages.Make[uint8](n)
	case Uint16:
		return pages.Make[uint16](n)
	case Uint32:
		return pages.Make[uint32](n)
	case Uint64:
		return pages.Make[uint64](n)
	case Bool:
		return pages.Make[bool](n)
	case String:
		return make([]string, n)
	case Complex64:
		return pages.Make[complex64](n)
	case Complex128:
		return pages.Make[complex128](n)
	case Int4:
		return pages.Make[Nibble](n)
	case Uint4:
		return pages.Make[UNibble](n)
	case F8E4M3FN:
		return pages.Make[F8E4M3FNBits](n)
	case F8E4M3FNUZ:
		return pages.Make[F8E4M3FNUZBits](n)
	case F8E5M2:
		return pages.Make[F8E5M2Bits](n)
	case F8E5M2FNUZ:
		return pages.Make[F8E5M2FNUZBits](n)
	case Int2:
		return pages.Make[Crumb](n)
	case Uint2:
		return pages.Make[UCrumb](n)
	case F8E8M0:
		return pages.Make[F8E8M0Bits](n)
	case F6E2M3:
		return pages.Make[F6E2M3Bits](n)
	case F6E3M2:
		return pages.Make[F6E3M2Bits](n)
	case F4E2M1:
		return pages.Make[F4E2M1Bits](n)
	case Sequence:
		return make([]*Tensor, n)
	case Optional:
		return make([]Maybe, n)
	}
	panic(fmt.Sprintf("tensor: no storage for %s", d))
}

// A raw is a typed slice seen without its type.
type raw interface {
	copyFrom(i int, src any, j, n int)
	take(src any, at []int, run int)
	sub(i, j int) any
	equal(other any) bool
	bytes() []byte
}

type slice[T Element] []T

func (s slice[T]) copyFrom(i int, src any, j, n int) { copy(s[i:i+n], src.([]T)[j:j+n]) }
func (s slice[T]) take(src any, at []int, run int) {
	from := src.([]T)
	if run == 1 {
		for i, j := range at {
			if j >= 0 {
				s[i] = from[j]
			}
		}
		return
	}
	for i, j := range at {
		if j >= 0 {
			copy(s[i*run:(i+1)*run], from[j:j+run])
		}
	}
}
func (s slice[T]) sub(i, j int) any     { return []T(s[i:j:j]) }
func (s slice[T]) equal(other any) bool { return slices.Equal([]T(s), other.([]T)) }

func (s slice[T]) bytes() []byte {
	var zero T
	if d := TypeOf[T](); d.Bits() == 0 {
		panic(fmt.Sprintf("tensor: %s elements have no bytes of fixed size", d))
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), len(s)*int(unsafe.Sizeof(zero)))
}

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
	case []Crumb:
		return slice[Crumb](x)
	case []UCrumb:
		return slice[UCrumb](x)
	case []F8E8M0Bits:
		return slice[F8E8M0Bits](x)
	case []F6E2M3Bits:
		return slice[F6E2M3Bits](x)
	case []F6E3M2Bits:
		return slice[F6E3M2Bits](x)
	case []F4E2M1Bits:
		return slice[F4E2M1Bits](x)
	case []*Tensor:
		return slice[*Tensor](x)
	case []Maybe:
		return slice[Maybe](x)
	}
	panic(fmt.Sprintf("tensor: %T stores no elements", data))
}

func copyRange(dst any, i int, src any, j, n int) { asRaw(dst).copyFrom(i, src, j, n) }
func subslice(data any, i, j int) any             { return asRaw(data).sub(i, j) }
func bytesOf(data any) []byte                     { return asRaw(data).bytes() }
func equalData(a, b any) bool                     { return asRaw(a).equal(b) }

// viewBytes is native bytes seen as n elements. They are aligned for the type.
func viewBytes(d DType, b []byte, n int) any {
	switch d {
	case Float32:
		return view[float32](b, n)
	case Float64:
		return view[float64](b, n)
	case Float16:
		return view[Half](b, n)
	case BFloat16:
		return view[BHalf](b, n)
	case Int8:
		return view[int8](b, n)
	case Int16:
		return view[int16](b, n)
	case Int32:
		return view[int32](b, n)
	case Int64:
		return view[int64](b, n)
	case Uint8:
		return view[uint8](b, n)
	case Uint16:
		return view[uint16](b, n)
	case Uint32:
		return view[uint32](b, n)
	case Uint64:
		return view[uint64](b, n)
	case Bool:
		return view[bool](b, n)
	case Complex64:
		return view[complex64](b, n)
	case Complex128:
		return view[complex128](b, n)
	case Int4:
		return view[Nibble](b, n)
	case Uint4:
		return view[UNibble](b, n)
	case F8E4M3FN:
		return view[F8E4M3FNBits](b, n)
	case F8E4M3FNUZ:
		return view[F8E4M3FNUZBits](b, n)
	case F8E5M2:
		return view[F8E5M2Bits](b, n)
	case F8E5M2FNUZ:
		return view[F8E5M2FNUZBits](b, n)
	case Int2:
		return view[Crumb](b, n)
	case Uint2:
		return view[UCrumb](b, n)
	case F8E8M0:
		return view[F8E8M0Bits](b, n)
	case F6E2M3:
		return view[F6E2M3Bits](b, n)
	case F6E3M2:
		return view[F6E3M2Bits](b, n)
	case F4E2M1:
		return view[F4E2M1Bits](b, n)
	}
	panic(fmt.Sprintf("tensor: no bytes for %s", d))
}

func view[T Element](b []byte, n int) []T {
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), n)
}
