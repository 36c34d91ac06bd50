package tensor

import (
	"encoding/binary"
	"fmt"
	"slices"
	"unsafe"
)

// FromBytes returns the tensor whose elements b holds as model files do:
// little-endian, in row-major order, elements of less than a byte packed with
// the first one in the lowest bits. It errs if the length of b does not fit the
// shape, before it takes memory, and for strings, which have no such form.
//
// The tensor keeps b and shares its memory where the host stores elements the
// same way, so the caller must not change b afterwards.
func FromBytes(d DType, shape []int, b []byte) (*Tensor, error) {
	want, err := ByteLen(d, shape)
	if err != nil {
		return nil, err
	}
	if len(b) != want {
		return nil, fmt.Errorf("%d bytes do not fill %s of shape %v, which takes %d", len(b), d, shape, want)
	}
	n, _ := NumElements(shape)
	return &Tensor{d, slices.Clone(shape), viewBytes(d, nativeBytes(d, b, n), n)}, nil
}

// ByteLen returns how many bytes FromBytes wants. It errs where NumElements
// errs and for types without fixed size.
func ByteLen(d DType, shape []int) (int, error) {
	n, err := NumElements(shape)
	if err != nil {
		return 0, err
	}
	if d.Bits() == 0 {
		return 0, fmt.Errorf("%s elements have no fixed size", d)
	}
	return (n*d.Bits() + 7) / 8, nil
}

// LittleEndian returns the elements as FromBytes takes them. It may share
// memory with t: the caller must not change it. Strings have no such form; it
// panics for them and for containers.
func (t *Tensor) LittleEndian() []byte {
	b := bytesOf(t.data)
	if t.dtype.Bits() < 8 {
		return pack(b, t.dtype.Bits())
	}
	if !hostIsLittle {
		return swapped(b, wordSize(t.dtype))
	}
	return b
}

var hostIsLittle = binary.NativeEndian.Uint16([]byte{1, 0}) == 1

// nativeBytes turns the bytes of a file into those of storage; it returns b
// itself where they are the same and aligned.
func nativeBytes(d DType, b []byte, n int) []byte {
	word := wordSize(d)
	switch {
	case d == Bool: // Go must not see other bytes than 0 and 1
		return truths(b)
	case d.Bits() < 8:
		return unpack(b, d.Bits(), n, d == Int4 || d == Int2)
	case word > 1 && !hostIsLittle:
		return swapped(b, word)
	case uintptr(unsafe.Pointer(unsafe.SliceData(b)))%uintptr(word) != 0:
		return append(make([]byte, 0, max(len(b), 16)), b...) // 16 and more are aligned
	}
	return b
}

// wordSize returns the bytes that byte order and alignment apply to: half a
// complex number, else an element.
func wordSize(d DType) int {
	if d == Complex64 || d == Complex128 {
		return d.Size() / 2
	}
	return d.Size()
}

// swapped returns a copy of b with the bytes of every word reversed.
func swapped(b []byte, word int) []byte {
	out := append(make([]byte, 0, max(len(b), 16)), b...)
	for i := 0; i+word <= len(out); i += word {
		slices.Reverse(out[i : i+word])
	}
	return out
}

func truths(b []byte) []byte {
	out := make([]byte, len(b))
	for i, x := range b {
		if x != 0 {
			out[i] = 1
		}
	}
	return out
}

// unpack spreads n elements of less than 8 bits over a byte each.
func unpack(b []byte, bits, n int, signed bool) []byte {
	out := make([]byte, n)
	for i := range out {
		at := i * bits
		pair := uint16(b[at/8])
		if at/8+1 < len(b) { // a 6-bit element may reach into the next byte
			pair |= uint16(b[at/8+1]) << 8
		}
		x := byte(pair>>(at%8)) << (8 - bits)
		if signed {
			out[i] = byte(int8(x) >> (8 - bits))
		} else {
			out[i] = x >> (8 - bits)
		}
	}
	return out
}

func pack(elems []byte, bits int) []byte {
	out := make([]byte, (len(elems)*bits+7)/8)
	for i, x := range elems {
		at := i * bits
		pair := uint16(x&(1<<bits-1)) << (at % 8)
		out[at/8] |= byte(pair)
		if pair>>8 != 0 {
			out[at/8+1] |= byte(pair >> 8)
		}
	}
	return out
}
