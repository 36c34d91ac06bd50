package kernel

import "math"

// HalfToFloat widens IEEE binary16 numbers.
func HalfToFloat(dst []float32, src []uint16) {
	src = src[:len(dst)]
	n := active.move.whole(len(dst))
	active.move.halfToFloat(dst, src, n)
	for i := n; i < len(dst); i++ {
		dst[i] = halfToFloat(src[i])
	}
}

// FloatToHalf rounds to IEEE binary16, to nearest, ties to even. What is too
// large becomes infinite.
func FloatToHalf(dst []uint16, src []float32) {
	src = src[:len(dst)]
	n := active.move.whole(len(dst))
	active.move.floatToHalf(dst, src, n)
	for i := n; i < len(dst); i++ {
		dst[i] = floatToHalf(src[i])
	}
}

// BFloatToFloat widens bfloat16 numbers, the upper halves of binary32.
func BFloatToFloat(dst []float32, src []uint16) {
	src = src[:len(dst)]
	n := active.move.whole(len(dst))
	active.move.bfloatToFloat(dst, src, n)
	for i := n; i < len(dst); i++ {
		dst[i] = math.Float32frombits(uint32(src[i]) << 16)
	}
}

// FloatToBFloat rounds to bfloat16, to nearest, ties to even.
func FloatToBFloat(dst []uint16, src []float32) {
	src = src[:len(dst)]
	n := active.move.whole(len(dst))
	active.move.floatToBFloat(dst, src, n)
	for i := n; i < len(dst); i++ {
		dst[i] = floatToBFloat(src[i])
	}
}

func floatToBFloat(x float32) uint16 {
	b := math.Float32bits(x)
	if x != x {
		return uint16(b>>16) | 0x40 // stays a NaN, and quiet
	}
	return uint16((b + 0x7fff + b>>16&1) >> 16)
}

// halfToFloat widens 1+5+10 bits to 1+8+23.
func halfToFloat(h uint16) float32 {
	sign, exponent, fraction := uint32(h)>>15<<31, uint32(h)>>10&0x1f, uint32(h)&0x3ff
	switch exponent {
	case 0: // zero or subnormal: fraction * 2^-24
		return math.Float32frombits(sign | math.Float32bits(float32(fraction)/(1<<24)))
	case 0x1f:
		if fraction != 0 {
			fraction |= 0x200 // quiet
		}
		return math.Float32frombits(sign | 0xff<<23 | fraction<<13)
	}
	return math.Float32frombits(sign | (exponent+127-15)<<23 | fraction<<13)
}

func floatToHalf(x float32) uint16 {
	b := math.Float32bits(x)
	sign, b := uint16(b>>31<<15), b&0x7fffffff
	switch {
	case b > 0xff<<23: // NaN
		return sign | 0x7e00 | uint16(b>>13&0x1ff)
	case b >= 0x477ff000: // rounds to 65536 or more
		return sign | 0x7c00
	case b < 0x38800000: // below 2^-14: a multiple of 2^-24
		return sign | uint16(math.RoundToEven(float64(math.Float32frombits(b))*(1<<24)))
	}
	b -= (127 - 15) << 23
	return sign | uint16((b+0xfff+b>>13&1)>>13)
}
