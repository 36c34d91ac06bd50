package tensor

import (
	"math"
	"testing"
)

var minifloats = []DType{F8E4M3FN, F8E4M3FNUZ, F8E5M2, F8E5M2FNUZ, F8E8M0, F6E2M3, F6E3M2, F4E2M1}

// Every number of every format is encoded as itself.
func TestMinifloatsRoundTrip(t *testing.T) {
	for _, d := range minifloats {
		typed := New(d, 1<<d.Bits())
		for i := range typed.Len() {
			setCode(typed, i, uint8(i))
		}
		values, err := typed.Floats()
		if err != nil {
			t.Fatal(err)
		}
		again, err := Of(values, len(values)).Minifloats(d, MiniRounding{Overflow: true})
		if err != nil {
			t.Fatal(err)
		}
		back, err := again.Floats()
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range values {
			if v != back[i] && !(math.IsNaN(v) && math.IsNaN(back[i])) || math.Signbit(v) != math.Signbit(back[i]) && v == v {
				t.Errorf("%s: pattern %#x is %v, encoded and decoded %v", d, i, v, back[i])
			}
		}
	}
}

func setCode(t *Tensor, i int, c uint8) {
	switch x := t.data.(type) {
	case []F8E4M3FNBits:
		x[i] = F8E4M3FNBits(c)
	case []F8E4M3FNUZBits:
		x[i] = F8E4M3FNUZBits(c)
	case []F8E5M2Bits:
		x[i] = F8E5M2Bits(c)
	case []F8E5M2FNUZBits:
		x[i] = F8E5M2FNUZBits(c)
	case []F8E8M0Bits:
		x[i] = F8E8M0Bits(c)
	case []F6E2M3Bits:
		x[i] = F6E2M3Bits(c)
	case []F6E3M2Bits:
		x[i] = F6E3M2Bits(c)
	case []F4E2M1Bits:
		x[i] = F4E2M1Bits(c)
	}
}

// Rounding is to the nearest, ties to even, and beyond the largest number as
// asked (ONNX, Cast).
func TestMinifloatsRound(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		to       DType
		in, want float64
		overflow bool
	}{
		{F4E2M1, 2.5, 2, false}, {F4E2M1, 3.5, 4, false}, {F4E2M1, 100, 6, false}, {F4E2M1, -0.2, 0, false},
		{F8E4M3FN, 464, 448, true}, {F8E4M3FN, 465, nan, true}, {F8E4M3FN, 465, 448, false}, {F8E4M3FN, inf, 448, false},
		{F8E5M2, 61439, 57344, true}, {F8E5M2, 61440, inf, true}, {F8E5M2, -inf, -57344, false},
		{F8E4M3FNUZ, -0.0001, 0, false}, {F8E5M2FNUZ, 1e9, nan, true},
		{F8E8M0, 3, 4, false}, {F8E8M0, 0, 0x1p-127, false},
	} {
		y, err := Vector(c.in).Minifloats(c.to, MiniRounding{Overflow: c.overflow})
		if err != nil {
			t.Fatal(err)
		}
		got, err := y.Floats()
		if err != nil {
			t.Fatal(err)
		}
		if got[0] != c.want && !(math.IsNaN(got[0]) && math.IsNaN(c.want)) {
			t.Errorf("%v as %s is %v, want %v", c.in, c.to, got[0], c.want)
		}
	}
}

func TestTake(t *testing.T) {
	x := Vector[int16](0, 1, 2, 3, 4, 5)
	if got := x.Take([]int{4, -1, 0}, 2, 3, 2); !Equal(got, Of([]int16{4, 5, 0, 0, 0, 1}, 3, 2)) {
		t.Errorf("runs of two are %v", Data[int16](got))
	}
	if got := x.Take([]int{5, 0, -1}, 1, 3); !Equal(got, Vector[int16](5, 0, 0)) {
		t.Errorf("single elements are %v", Data[int16](got))
	}
}
