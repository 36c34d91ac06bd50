package tensor

import (
	"fmt"
	"math"
	"sort"
)

// A MiniRounding says how numbers become floats of up to 8 bits.
type MiniRounding struct {
	// Overflow lets what is too large become infinite, or NaN where the type
	// has no infinity, instead of the largest number.
	Overflow bool
	// Scale is how F8E8M0 rounds to a power of two: "up" (the default),
	// "down" or "nearest".
	Scale string
}

// Minifloats returns t, of real numbers, as floats of up to 8 bits, rounded to
// nearest and ties to even (ONNX, Cast).
func (t *Tensor) Minifloats(to DType, r MiniRounding) (*Tensor, error) {
	v, err := t.Floats()
	if err != nil {
		return nil, err
	}
	data, ok := encodeMini(v, to, r)
	if !ok {
		return nil, fmt.Errorf("%s is not a float of up to 8 bits", to)
	}
	return &Tensor{to, t.shape, data}, nil
}

func encodeMini(v []float64, to DType, r MiniRounding) (any, bool) {
	switch to {
	case F8E4M3FN:
		return encodeAs[F8E4M3FNBits](v, minis.e4m3fn, r), true
	case F8E4M3FNUZ:
		return encodeAs[F8E4M3FNUZBits](v, minis.e4m3fnuz, r), true
	case F8E5M2:
		return encodeAs[F8E5M2Bits](v, minis.e5m2, r), true
	case F8E5M2FNUZ:
		return encodeAs[F8E5M2FNUZBits](v, minis.e5m2fnuz, r), true
	case F6E2M3:
		return encodeAs[F6E2M3Bits](v, minis.e2m3, r), true
	case F6E3M2:
		return encodeAs[F6E3M2Bits](v, minis.e3m2, r), true
	case F4E2M1:
		return encodeAs[F4E2M1Bits](v, minis.e2m1, r), true
	case F8E8M0:
		return mapTo(v, func(x float64) F8E8M0Bits { return encodeScale(x, r) }), true
	}
	return nil, false
}

func encodeAs[T ~uint8](v []float64, m mini, r MiniRounding) []T {
	return mapTo(v, func(x float64) T { return T(m.encode(x, r.Overflow)) })
}

// A mini is one format: its numbers, and what it has beyond numbers.
type mini struct {
	values []float64 // of the patterns from 0 on, ascending and finite
	sign   uint8     // the sign bit; 0 at zero if there is no negative zero
	nan    uint8     // negative zero where the type has no NaN
	inf    uint8     // what infinity and too large numbers become on overflow
	unzero bool      // the pattern of negative zero is NaN
}

var minis = struct{ e4m3fn, e4m3fnuz, e5m2, e5m2fnuz, e2m3, e3m2, e2m1 mini }{
	e4m3fn:   mini{values: miniValues[F8E4M3FNBits](0x7f), sign: 0x80, nan: 0x7f, inf: 0x7f},
	e4m3fnuz: mini{values: miniValues[F8E4M3FNUZBits](0x80), sign: 0x80, nan: 0x80, inf: 0x80, unzero: true},
	e5m2:     mini{values: miniValues[F8E5M2Bits](0x7c), sign: 0x80, nan: 0x7f, inf: 0x7c},
	e5m2fnuz: mini{values: miniValues[F8E5M2FNUZBits](0x80), sign: 0x80, nan: 0x80, inf: 0x80, unzero: true},
	e2m3:     mini{values: miniValues[F6E2M3Bits](0x20), sign: 0x20, nan: 0x20, inf: 0x1f},
	e3m2:     mini{values: miniValues[F6E3M2Bits](0x20), sign: 0x20, nan: 0x20, inf: 0x1f},
	e2m1:     mini{values: miniValues[F4E2M1Bits](0x8), sign: 0x8, nan: 0x8, inf: 0x7},
}

// miniValues lists the values of the patterns from 0 to before end.
func miniValues[T interface {
	~uint8
	Float32() float32
}](end int) []float64 {
	v := make([]float64, end)
	for i := range v {
		v[i] = float64(T(i).Float32())
	}
	return v
}

func (m mini) encode(x float64, overflow bool) uint8 {
	if x != x {
		return m.nan
	}
	code := m.magnitude(math.Abs(x), overflow)
	if !math.Signbit(x) || m.unzero && (code == 0 || code == m.nan) {
		return code
	}
	return code | m.sign
}

// magnitude finds the nearest number that is not negative; of two equally near
// ones, that of the even pattern.
func (m mini) magnitude(x float64, overflow bool) uint8 {
	last := len(m.values) - 1
	i := sort.SearchFloat64s(m.values, x) // the first not below x
	if i > last {
		// The next number would be as far above the last as that is above the
		// one before it.
		if half := (m.values[last] - m.values[last-1]) / 2; overflow && !(x < m.values[last]+half || x == m.values[last]+half && last%2 == 0) {
			return m.inf
		}
		return uint8(last)
	}
	if i == 0 || m.values[i] == x {
		return uint8(i)
	}
	below, above := x-m.values[i-1], m.values[i]-x
	if below < above || below == above && i%2 == 1 {
		i--
	}
	return uint8(i)
}

// encodeScale rounds the magnitude to a power of two. What is out of range
// becomes the smallest or largest scale.
func encodeScale(x float64, r MiniRounding) F8E8M0Bits {
	if math.IsNaN(x) || math.IsInf(x, 0) && r.Overflow {
		return 0xff
	}
	x = math.Abs(x)
	frac, exp := math.Frexp(x) // x = frac·2^exp, frac in [0.5, 1)
	exp--
	switch {
	case x == 0:
		return 0
	case math.IsInf(x, 0):
		return 0xfe
	case frac == 0.5:
	case r.Scale == "down":
	case r.Scale == "nearest":
		if frac >= 0.75 {
			exp++
		}
	default:
		exp++
	}
	return F8E8M0Bits(min(max(exp+127, 0), 0xfe))
}
