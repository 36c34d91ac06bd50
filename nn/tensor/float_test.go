package tensor_test

import (
	"math"
	"testing"

	"github.com/tomo-viz/tomo/nn/tensor"
)

// value is the definition of a binary float: sign, exponent bits with a bias,
// fraction bits; no special patterns.
func value(bits uint, expBits, fracBits, bias int) float64 {
	frac := float64(bits&(1<<fracBits-1)) / math.Exp2(float64(fracBits))
	exp := int(bits >> fracBits & (1<<expBits - 1))
	sign := 1.0
	if bits>>(expBits+fracBits) == 1 {
		sign = -1
	}
	if exp == 0 {
		return sign * frac * math.Exp2(float64(1-bias))
	}
	return sign * (1 + frac) * math.Exp2(float64(exp-bias))
}

func same(a float32, b float64) bool {
	return float64(a) == b && math.Signbit(float64(a)) == math.Signbit(b) || a != a && b != b
}

// special gives a pattern whose exponent bits are all ones the meaning that
// IEEE 754 gives it.
func special(bits uint, fracBits int, negative bool, otherwise float64) float64 {
	switch {
	case bits&(1<<fracBits-1) != 0:
		return math.NaN()
	case negative:
		return math.Inf(-1)
	}
	return math.Inf(1)
}

func TestEveryHalf(t *testing.T) {
	for bits := range uint(1 << 16) {
		want := value(bits, 5, 10, 15)
		if bits>>10&31 == 31 {
			want = special(bits, 10, bits>>15 == 1, want)
		}
		h := tensor.Half(bits)
		if got := h.Float32(); !same(got, want) {
			t.Fatalf("half %#04x is %v, want %v", bits, got, want)
		}
		if back := tensor.HalfOf(h.Float32()); back != h && want == want {
			t.Fatalf("half %#04x came back as %#04x", bits, back)
		}
	}
}

func TestEveryBFloat16(t *testing.T) {
	for bits := range uint(1 << 16) {
		want := value(bits, 8, 7, 127)
		if bits>>7&255 == 255 {
			want = special(bits, 7, bits>>15 == 1, want)
		}
		h := tensor.BHalf(bits)
		if got := h.Float32(); !same(got, want) {
			t.Fatalf("bfloat16 %#04x is %v, want %v", bits, got, want)
		}
		if back := tensor.BHalfOf(h.Float32()); back != h && want == want {
			t.Fatalf("bfloat16 %#04x came back as %#04x", bits, back)
		}
	}
}

// Between two neighbours the nearer one wins, and the even one in the middle.
func TestRoundingTo16Bits(t *testing.T) {
	half := func(x float32) uint { return uint(tensor.HalfOf(x)) }
	bfloat := func(x float32) uint { return uint(tensor.BHalfOf(x)) }
	for _, f := range []struct {
		name  string
		round func(float32) uint
		of    func(uint) float32
		last  uint // the largest finite pattern
	}{
		{"half", half, func(b uint) float32 { return tensor.Half(b).Float32() }, 0x7bff},
		{"bfloat16", bfloat, func(b uint) float32 { return tensor.BHalf(b).Float32() }, 0x7f7f},
	} {
		for b := range f.last {
			low, high := f.of(b), f.of(b+1)
			mid := float32((float64(low) + float64(high)) / 2)
			even := b + b&1
			for _, tc := range []struct {
				x    float32
				want uint
			}{
				{math.Nextafter32(mid, 0), b}, {mid, even}, {math.Nextafter32(mid, high), b + 1},
			} {
				if got := f.round(tc.x); got != tc.want {
					t.Fatalf("%s: %v becomes %#04x, want %#04x", f.name, tc.x, got, tc.want)
				}
				if got := f.round(-tc.x); got != tc.want|0x8000 {
					t.Fatalf("%s: %v becomes %#04x, want %#04x", f.name, -tc.x, got, tc.want|0x8000)
				}
			}
		}
		if got := f.round(math.MaxFloat32); got != f.last+1 {
			t.Errorf("%s: the largest float32 becomes %#04x and not infinite", f.name, got)
		}
	}
}

// The patterns with a meaning of their own: ONNX, "Float stored in 8 bits", and
// OCP Microscaling Formats v1.0, tables 1, 2, 5 and 7.
func TestEverySmallFloat(t *testing.T) {
	nan := math.NaN()
	for _, f := range []struct {
		name                  string
		bits, exp, frac, bias int
		of                    func(uint8) float32
		special               map[uint]float64
		largest               float64
	}{
		{"float8e4m3fn", 8, 4, 3, 7, func(b uint8) float32 { return tensor.F8E4M3FNBits(b).Float32() }, map[uint]float64{0x7f: nan, 0xff: nan}, 448},
		{"float8e4m3fnuz", 8, 4, 3, 8, func(b uint8) float32 { return tensor.F8E4M3FNUZBits(b).Float32() }, map[uint]float64{0x80: nan}, 240},
		{"float8e5m2", 8, 5, 2, 15, func(b uint8) float32 { return tensor.F8E5M2Bits(b).Float32() }, map[uint]float64{
			0x7c: math.Inf(1), 0x7d: nan, 0x7e: nan, 0x7f: nan, 0xfc: math.Inf(-1), 0xfd: nan, 0xfe: nan, 0xff: nan}, 57344},
		{"float8e5m2fnuz", 8, 5, 2, 16, func(b uint8) float32 { return tensor.F8E5M2FNUZBits(b).Float32() }, map[uint]float64{0x80: nan}, 57344},
		{"float6e2m3", 6, 2, 3, 1, func(b uint8) float32 { return tensor.F6E2M3Bits(b).Float32() }, nil, 7.5},
		{"float6e3m2", 6, 3, 2, 3, func(b uint8) float32 { return tensor.F6E3M2Bits(b).Float32() }, nil, 28},
		{"float4e2m1", 4, 2, 1, 1, func(b uint8) float32 { return tensor.F4E2M1Bits(b).Float32() }, nil, 6},
	} {
		largest := 0.0
		for bits := range uint(1) << f.bits {
			want, isSpecial := f.special[bits]
			if !isSpecial {
				want = value(bits, f.exp, f.frac, f.bias)
				largest = max(largest, want)
			}
			if got := f.of(uint8(bits)); !same(got, want) {
				t.Errorf("%s %#02x is %v, want %v", f.name, bits, got, want)
			}
		}
		if largest != f.largest {
			t.Errorf("%s goes up to %v, want %v", f.name, largest, f.largest)
		}
	}
	for bits, want := range map[uint8]float64{0: 0x1p-127, 127: 1, 130: 8, 254: 0x1p127, 255: nan} {
		if got := tensor.F8E8M0Bits(bits).Float32(); !same(got, want) {
			t.Errorf("float8e8m0 %d is %v, want %v", bits, got, want)
		}
	}
}
