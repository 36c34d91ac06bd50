package tensor

import "math"

// The floats of up to 8 bits differ in the split of their bits and in what the
// extreme patterns mean (ONNX, "Float stored in 8 bits"; arXiv 2209.05433 and
// 2206.02915; the 8-bit exponent and the 6- and 4-bit types: OCP Microscaling
// Formats v1.0, section 5.3 and 5.4).

// Float32 returns the value of b; 0x7f and 0xff are NaN, there is no infinity.
func (b F8E4M3FNBits) Float32() float32 {
	if b&0x7f == 0x7f {
		return nan32
	}
	return minifloat(uint8(b), 4, 3, 7)
}

// Float32 returns the value of b; 0x80 is NaN, there is no negative zero.
func (b F8E4M3FNUZBits) Float32() float32 {
	if b == 0x80 {
		return nan32
	}
	return minifloat(uint8(b), 4, 3, 8)
}

// Float32 returns the value of b; exponent 31 is infinite or NaN as in IEEE.
func (b F8E5M2Bits) Float32() float32 { return Half(uint16(b) << 8).Float32() }

// Float32 returns the value of b; 0x80 is NaN, there is no negative zero.
func (b F8E5M2FNUZBits) Float32() float32 {
	if b == 0x80 {
		return nan32
	}
	return minifloat(uint8(b), 5, 2, 16)
}

// Float32 returns the value of b, a power of two from 2^-127 to 2^127; 0xff is
// NaN. There is neither sign nor zero: the type holds scales.
func (b F8E8M0Bits) Float32() float32 {
	if b == 0xff {
		return nan32
	}
	return float32(math.Ldexp(1, int(b)-127))
}

// Float32 returns the value of b, -7.5 to 7.5; all patterns are finite.
func (b F6E2M3Bits) Float32() float32 { return minifloat(uint8(b), 2, 3, 1) }

// Float32 returns the value of b, -28 to 28; all patterns are finite.
func (b F6E3M2Bits) Float32() float32 { return minifloat(uint8(b), 3, 2, 3) }

// Float32 returns the value of b, -6 to 6; all patterns are finite.
func (b F4E2M1Bits) Float32() float32 { return minifloat(uint8(b), 2, 1, 1) }

var nan32 = float32(math.NaN())

// minifloat decodes a sign bit, an exponent with the given bias and a fraction,
// all patterns finite.
func minifloat(b uint8, expBits, fracBits, bias int) float32 {
	frac := int(b) & (1<<fracBits - 1)
	exp := int(b) >> fracBits & (1<<expBits - 1)
	if exp == 0 {
		exp = 1
	} else {
		frac |= 1 << fracBits
	}
	v := math.Ldexp(float64(frac), exp-bias-fracBits)
	if b>>(expBits+fracBits)&1 != 0 {
		v = math.Copysign(v, -1)
	}
	return float32(v)
}
