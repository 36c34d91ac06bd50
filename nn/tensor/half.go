package tensor

import "math"

// Float32 returns the value of h exactly.
func (h Half) Float32() float32 {
	sign := uint32(h&0x8000) << 16
	exp := uint32(h>>10) & 0x1f
	frac := uint32(h & 0x3ff)
	switch {
	case exp == 0x1f: // infinity or NaN
		return math.Float32frombits(sign | 0x7f800000 | frac<<13)
	case exp != 0:
		return math.Float32frombits(sign | (exp+112)<<23 | frac<<13)
	}
	// Zero and subnormals: frac * 2^-24 is exact in float32.
	v := float32(frac) * 0x1p-24
	return math.Float32frombits(math.Float32bits(v) | sign)
}

// HalfOf returns f rounded to the nearest half, ties to even; values too large
// become infinite.
func HalfOf(f float32) Half {
	b := math.Float32bits(f)
	sign := Half(b >> 16 & 0x8000)
	b &= 0x7fffffff
	switch {
	case b > 0x7f800000: // NaN stays a NaN
		return sign | 0x7e00
	case b >= 0x477ff000: // rounds past 65504
		return sign | 0x7c00
	case b < 0x38800000: // subnormal: adding 0.5 leaves the rounded fraction in the low bits
		return sign | Half(math.Float32bits(math.Float32frombits(b)+0.5)-0x3f000000)
	}
	return sign | Half((b+0xfff+(b>>13&1)-(112<<23))>>13)
}

// Float32 returns the value of h exactly.
func (h BHalf) Float32() float32 { return math.Float32frombits(uint32(h) << 16) }

// BHalfOf returns f rounded to the nearest bfloat16, ties to even.
func BHalfOf(f float32) BHalf {
	b := math.Float32bits(f)
	if b&0x7fffffff > 0x7f800000 {
		return BHalf(b>>16) | 0x40
	}
	return BHalf((b + 0x7fff + (b >> 16 & 1)) >> 16)
}
