package tensor

import "fmt"

// A DType is the type of a tensor's elements.
type DType uint8

// The element types. The names follow ONNX; the Go type that stores one
// element is given behind each. Elements of less than a byte are stored one to a byte, and
// floats of up to 8 bits as their bit pattern.
const (
	Invalid    DType = iota
	Float32          // float32
	Float64          // float64
	Float16          // Half
	BFloat16         // BHalf
	Int8             // int8
	Int16            // int16
	Int32            // int32
	Int64            // int64
	Uint8            // uint8
	Uint16           // uint16
	Uint32           // uint32
	Uint64           // uint64
	Bool             // bool
	String           // string
	Complex64        // complex64
	Complex128       // complex128
	Int4             // Nibble, sign-extended
	Uint4            // UNibble
	F8E4M3FN         // F8E4M3FNBits
	F8E4M3FNUZ       // F8E4M3FNUZBits
	F8E5M2           // F8E5M2Bits
	F8E5M2FNUZ       // F8E5M2FNUZBits
	Int2             // Crumb, sign-extended
	Uint2            // UCrumb
	F8E8M0           // F8E8M0Bits
	F6E2M3           // F6E2M3Bits
	F6E3M2           // F6E3M2Bits
	F4E2M1           // F4E2M1Bits
	Sequence         // *Tensor, in a vector
	Optional         // Maybe, in a scalar
	numDTypes
)

// Storage types of the element types that Go does not have.
type (
	Half           uint16 // IEEE 754 binary16, as its bits
	BHalf          uint16 // bfloat16, as its bits
	Nibble         int8   // a 4-bit integer, -8 to 7
	UNibble        uint8  // a 4-bit unsigned integer, 0 to 15
	F8E4M3FNBits   uint8
	F8E4M3FNUZBits uint8
	F8E5M2Bits     uint8
	F8E5M2FNUZBits uint8
	Crumb          int8  // a 2-bit integer, -2 to 1
	UCrumb         uint8 // a 2-bit unsigned integer, 0 to 3
	F8E8M0Bits     uint8
	F6E2M3Bits     uint8
	F6E3M2Bits     uint8
	F4E2M1Bits     uint8
)

// Element is the set of Go types that store tensor elements.
type Element interface {
	float32 | float64 | Half | BHalf |
		int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64 |
		bool | string | complex64 | complex128 | Nibble | UNibble |
		F8E4M3FNBits | F8E4M3FNUZBits | F8E5M2Bits | F8E5M2FNUZBits |
		Crumb | UCrumb | F8E8M0Bits | F6E2M3Bits | F6E3M2Bits | F4E2M1Bits |
		*Tensor | Maybe
}

var dtypes = [numDTypes]struct {
	name string
	bits int // of one element in a file; 0 for strings and containers
}{
	Invalid: {"invalid", 0}, Float32: {"float32", 32}, Float64: {"float64", 64},
	Float16: {"float16", 16}, BFloat16: {"bfloat16", 16},
	Int8: {"int8", 8}, Int16: {"int16", 16}, Int32: {"int32", 32}, Int64: {"int64", 64},
	Uint8: {"uint8", 8}, Uint16: {"uint16", 16}, Uint32: {"uint32", 32}, Uint64: {"uint64", 64},
	Bool: {"bool", 8}, String: {"string", 0}, Complex64: {"complex64", 64}, Complex128: {"complex128", 128},
	Int4: {"int4", 4}, Uint4: {"uint4", 4}, Int2: {"int2", 2}, Uint2: {"uint2", 2},
	F8E4M3FN: {"float8e4m3fn", 8}, F8E4M3FNUZ: {"float8e4m3fnuz", 8},
	F8E5M2: {"float8e5m2", 8}, F8E5M2FNUZ: {"float8e5m2fnuz", 8},
	F8E8M0: {"float8e8m0", 8}, F6E2M3: {"float6e2m3", 6}, F6E3M2: {"float6e3m2", 6}, F4E2M1: {"float4e2m1", 4},
	Sequence: {"sequence", 0}, Optional: {"optional", 0},
}

// String returns the name users read: "float32", "int64", ...
func (d DType) String() string {
	if d >= numDTypes {
		return fmt.Sprintf("dtype(%d)", uint8(d))
	}
	return dtypes[d].name
}

// Size returns the bytes that one stored element takes; 0 for strings and
// containers.
func (d DType) Size() int { return (d.Bits() + 7) / 8 }

// Bits returns the bits that one element takes in a file, where elements of
// less than a byte are packed; 0 for strings and containers.
func (d DType) Bits() int {
	if d >= numDTypes {
		return 0
	}
	return dtypes[d].bits
}

// IsFloat reports whether d is a real floating-point type of any width.
func (d DType) IsFloat() bool {
	switch d {
	case Float32, Float64, Float16, BFloat16,
		F8E4M3FN, F8E4M3FNUZ, F8E5M2, F8E5M2FNUZ, F8E8M0, F6E2M3, F6E3M2, F4E2M1:
		return true
	}
	return false
}

// IsInt reports whether d is an integer type of any width, signed or not.
func (d DType) IsInt() bool {
	switch d {
	case Int8, Int16, Int32, Int64, Uint8, Uint16, Uint32, Uint64, Int4, Uint4, Int2, Uint2:
		return true
	}
	return false
}

// IsContainer reports whether the elements are tensors themselves.
func (d DType) IsContainer() bool { return d == Sequence || d == Optional }

// TypeOf returns the DType whose elements are stored as T.
func TypeOf[T Element]() DType {
	var zero T
	switch any(zero).(type) {
	case float32:
		return Float32
	case float64:
		return Float64
	case Half:
		return Float16
	case BHalf:
		return BFloat16
	case int8:
		return Int8
	case int16:
		return Int16
	case int32:
		return Int32
	case int64:
		return Int64
	case uint8:
		return Uint8
	case uint16:
		return Uint16
	case uint32:
		return Uint32
	case uint64:
		return Uint64
	case bool:
		return Bool
	case string:
		return String
	case complex64:
		return Complex64
	case complex128:
		return Complex128
	case Nibble:
		return Int4
	case UNibble:
		return Uint4
	case F8E4M3FNBits:
		return F8E4M3FN
	case F8E4M3FNUZBits:
		return F8E4M3FNUZ
	case F8E5M2Bits:
		return F8E5M2
	case F8E5M2FNUZBits:
		return F8E5M2FNUZ
	case Crumb:
		return Int2
	case UCrumb:
		return Uint2
	case F8E8M0Bits:
		return F8E8M0
	case F6E2M3Bits:
		return F6E2M3
	case F6E3M2Bits:
		return F6E3M2
	case F4E2M1Bits:
		return F4E2M1
	case *Tensor:
		return Sequence
	case Maybe:
		return Optional
	}
	return Invalid
}
