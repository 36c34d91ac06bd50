package kernel

import (
	"math"
	"testing"
)

func TestTransposeAnyShape(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		r := newRand()
		for range 300 {
			rows, cols := size(r), size(r)
			src, dst := noise(r, rows*cols), make([]float32, rows*cols+1)
			Transpose(dst, src, rows, cols)
			for i := range rows {
				for j := range cols {
					if dst[j*rows+i] != src[i*cols+j] {
						t.Fatalf("%dx%d: (%d, %d) is %v, want %v", rows, cols, i, j, dst[j*rows+i], src[i*cols+j])
					}
				}
			}
			if dst[rows*cols] != 0 {
				t.Fatalf("%dx%d: wrote beyond the end", rows, cols)
			}
		}
	})
}

func TestStrided(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		r := newRand()
		for n := range 100 {
			for step := 1; step < 5; step++ {
				long := max(0, (n-1)*step+1)
				src, dst := noise(r, long), make([]float32, n+1)
				gatherStrided(dst[:n], src, step)
				back := make([]float32, long+step)
				scatterStrided(back, dst[:n], step)
				for i := range src {
					if want := src[i]; i%step == 0 && (dst[i/step] != want || back[i] != want) || i%step > 0 && back[i] != 0 {
						t.Fatalf("%d numbers %d apart: number %d is %v, back %v, want %v", n, step, i, dst[i/step], back[i], want)
					}
				}
				if dst[n] != 0 {
					t.Fatalf("%d numbers %d apart: wrote beyond the end", n, step)
				}
			}
		}
	})
}

func TestShortRows(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		r := newRand()
		for cols := 1; cols <= active.move.side; cols++ {
			n, from, to := 1+r.IntN(9), cols+r.IntN(5), cols+1+r.IntN(5)
			src, dst := noise(r, (n-1)*from+cols), make([]float32, n*to)
			active.move.shortRows(dst, to, src, from, cols, n)
			for i := range dst {
				row, col := i/to, i%to
				want := float32(0)
				if col < cols {
					want = src[row*from+col]
				}
				if dst[i] != want {
					t.Fatalf("%d rows of %d: (%d, %d) is %v, want %v", n, cols, row, col, dst[i], want)
				}
			}
		}
	})
}

// halfTruth is what a binary16 number means (IEEE 754-2019, section 3.4).
func halfTruth(h uint16) float64 {
	sign := 1 - 2*float64(h>>15)
	e, f := int(h>>10&31), float64(h&1023)
	switch {
	case e == 31 && f > 0:
		return math.NaN()
	case e == 31:
		return sign * math.Inf(1)
	case e == 0:
		return sign * math.Ldexp(f, -24)
	}
	return sign * math.Ldexp(1024+f, e-25)
}

func TestEveryHalf(t *testing.T) {
	all := make([]uint16, 1<<16)
	for i := range all {
		all[i] = uint16(i)
	}
	onEachPath(t, func(t *testing.T) {
		wide, back := make([]float32, len(all)), make([]uint16, len(all))
		HalfToFloat(wide, all)
		FloatToHalf(back, wide)
		for i, v := range wide {
			want := halfTruth(all[i])
			if float64(v) != want && !(v != v && math.IsNaN(want)) {
				t.Fatalf("%#x is %v, want %v", i, v, want)
			}
			if back[i] != all[i] && back[i] != all[i]|0x200 {
				t.Fatalf("%#x (%v) becomes %#x", i, v, back[i])
			}
		}
	})
}

// TestRoundsToNearestEven walks between neighbouring narrow numbers.
func TestRoundsToNearestEven(t *testing.T) {
	kinds := []struct {
		name   string
		narrow func(dst []uint16, src []float32)
		widen  func(dst []float32, src []uint16)
		top    uint16 // infinity
	}{
		{"half", FloatToHalf, HalfToFloat, 0x7c00},
		{"bfloat", FloatToBFloat, BFloatToFloat, 0x7f80},
	}
	onEachPath(t, func(t *testing.T) {
		for _, k := range kinds {
			var low []uint16
			for h := uint16(0); h < k.top-1; h++ {
				low = append(low, h)
			}
			wide := make([]float32, len(low)+1)
			k.widen(wide, append(low, k.top-1))
			src := make([]float32, 0, 3*len(low))
			for i := range low {
				middle := float32((float64(wide[i]) + float64(wide[i+1])) / 2)
				src = append(src, math.Nextafter32(middle, 0), middle, math.Nextafter32(middle, math.MaxFloat32))
			}
			got := make([]uint16, len(src))
			k.narrow(got, src)
			for i, h := range low {
				want := []uint16{h, h + h&1, h + 1}
				if i == 0 && k.top == 0x7f80 {
					continue // its half is subnormal in both
				}
				for j, w := range want {
					if got[3*i+j] != w {
						t.Fatalf("%s: %v becomes %#x, want %#x", k.name, src[3*i+j], got[3*i+j], w)
					}
				}
			}
		}
	})
}

func TestNarrowSpecialNumbers(t *testing.T) {
	inf := float32(math.Inf(1))
	src := []float32{0, float32(math.Copysign(0, -1)), inf, -inf, 65504, 65519.99, 65520, 1e30, -1e30, 1e-30, 3.4e38, 0, 0, 0, 0, 0, 0, 0, 0, 0}
	half := []uint16{0, 0x8000, 0x7c00, 0xfc00, 0x7bff, 0x7bff, 0x7c00, 0x7c00, 0xfc00, 0}
	onEachPath(t, func(t *testing.T) {
		h, b, back := make([]uint16, len(src)), make([]uint16, len(src)), make([]float32, len(src))
		FloatToHalf(h, src)
		FloatToBFloat(b, src)
		BFloatToFloat(back, b)
		for i, want := range half {
			if h[i] != want {
				t.Errorf("%v becomes half %#x, want %#x", src[i], h[i], want)
			}
		}
		for i, x := range src[:10] {
			checkNumber(t, "bfloat", x, back[i], float64(x), 1.0/256, 0)
		}
		if back[10] != inf {
			t.Errorf("3.4e38 becomes bfloat %v, want +Inf", back[10])
		}
		nan := make([]float32, 19) // quiet and signalling
		for i := range nan {
			nan[i] = math.Float32frombits(0x7f800001 + uint32(i))
		}
		FloatToHalf(h[:19], nan)
		FloatToBFloat(b[:19], nan)
		for i := range nan {
			if !math.IsNaN(halfTruth(h[i])) || b[i]&0x7fff <= 0x7f80 {
				t.Errorf("NaN %d becomes half %#x and bfloat %#x", i, h[i], b[i])
			}
		}
	})
}
