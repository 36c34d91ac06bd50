package tensor

import "math"

// The four 8-bit floats differ in the split of their bits and in what the
// extreme patterns mean (ONNX, "Float stored in 8 bits"; arXiv 2209.05433 and
// 2206.02915).

// Float32 returns the value of b; 0x7f and 0xff are NaN, there is no infinity.
func (b F8E4M3FNBits) Float32() float32 {
	if b&0x7f == 0x7f {
		return nan32
	}
	return float8(uint8(b), 3, 7)
}

// Float32 returns the value of b; 0x80 is NaN, there is no negative zero.
func (b F8E4M3FNUZBits) Float32() float32 {
	if b == 0x80 {
		return nan32
	}
	return float8(uint8(b), 3, 8)
}

// Float32 returns the value of b; exponent 31 is infinite or NaN as in IEEE.
func (b F8E5M2Bits) Float32() float32 { return Half(uint16(b) << 8).Float32() }

// Float32 returns the value of b; 0x80 is NaN, there is no negative zero.
func (b F8E5M2FNUZBits) Float32() float32 {
	if b == 0x80 {
		return nan32
	}
	return float8(uint8(b), 2, 16)
}

var nan32 = float32(math.NaN())

// float8 decodes a sign bit, an exponent with the given bias and fracBits of
// fraction, all patterns finite.
func float8(b uint8, fracBits, bias int) float32 {
	frac := int(b) & (1<<fracBits - 1)
	exp := int(b&0x7f) >> fracBits
	if exp == 0 {
		exp = 1
	} else {
		frac |= 1 << fracBits
	}
	v := math.Ldexp(float64(frac), exp-bias-fracBits)
	if b&0x80 != 0 {
		v = -v
	}
	return float32(v)
}
