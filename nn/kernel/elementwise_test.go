package kernel

import (
	"math"
	"testing"
)

// functions are the functions of one number, with their truth and the error
// allowed: relative, plus absolute.
var functions = []struct {
	name          string
	f             func(dst, src []float32)
	want          func(x float64) float64
	relative, abs float64
}{
	{"relu", Relu, func(x float64) float64 { return math.Max(x, 0) }, 0, 0},
	{"leaky", func(d, s []float32) { LeakyRelu(d, s, 0.25) }, func(x float64) float64 { return math.Max(x, x/4) }, 0, 0},
	{"clip", func(d, s []float32) { Clip(d, s, -1, 2) }, func(x float64) float64 { return math.Min(math.Max(x, -1), 2) }, 0, 0},
	{"hard sigmoid", func(d, s []float32) { HardSigmoid(d, s, 0.25, 0.5) }, func(x float64) float64 { return math.Min(math.Max(x/4+0.5, 0), 1) }, 1e-7, 0},
	{"hard swish", HardSwish, func(x float64) float64 { return x * math.Min(math.Max(x/6+0.5, 0), 1) }, 3e-7, 3e-7},
	{"abs", Abs, math.Abs, 0, 0},
	{"reciprocal", Reciprocal, func(x float64) float64 { return 1 / x }, 1e-7, 0},
	{"sqrt", Sqrt, math.Sqrt, 1e-7, 0},
	{"exp", Exp, math.Exp, 2e-7, 1.4e-45},
	{"log", Log, math.Log, 2e-7, 0},
	{"tanh", Tanh, math.Tanh, 3e-7, 0},
	{"sigmoid", Sigmoid, func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }, 4e-7, 1.2e-38},
	{"erf", Erf, math.Erf, 3e-7, 0},
	{"gelu", Gelu, geluTruth, 4e-6, 1e-12},
	{"gelu tanh", GeluTanh, geluTanhTruth, 2e-5, 1e-12},
	{"silu", Silu, func(x float64) float64 { return x / (1 + math.Exp(-x)) }, 4e-7, 1e-36},
	{"scale", func(d, s []float32) { Scale(d, s, 3) }, func(x float64) float64 { return 3 * x }, 1e-7, 0},
	{"add scalar", func(d, s []float32) { AddScalar(d, s, 0.5) }, func(x float64) float64 { return x + 0.5 }, 1e-7, 0},
	{"scale and shift", func(d, s []float32) { ScaleShift(d, s, 2, -1) }, func(x float64) float64 { return 2*x - 1 }, 1e-7, 0},
}

func geluTruth(x float64) float64 {
	if math.IsInf(x, -1) {
		return 0
	}
	return x / 2 * math.Erfc(-x/math.Sqrt2)
}

// geluTanhTruth is x*sigmoid(2y), which unlike x/2*(1+tanh(y)) does not cancel.
func geluTanhTruth(x float64) float64 {
	y := math.Sqrt(2/math.Pi) * (x + 0.044715*x*x*x)
	return x / (1 + math.Exp(-2*y))
}

// everyKindOfNumber returns numbers of all magnitudes and the special ones.
func everyKindOfNumber() []float32 {
	inf := float32(math.Inf(1))
	f := []float32{0, float32(math.Copysign(0, -1)), inf, -inf, float32(math.NaN()), 1, -1, math.MaxFloat32, -math.MaxFloat32,
		math.SmallestNonzeroFloat32, -math.SmallestNonzeroFloat32, 1.1754944e-38, -1.1754944e-38, 88.72, 88.73, -103.9, -104, -87.4, 0.625, 0.9}
	for b := uint32(0); b < 1<<31-1<<16; b += 1 << 17 {
		f = append(f, math.Float32frombits(b+12345), math.Float32frombits(b+54321|1<<31))
	}
	r := newRand()
	for range 20000 {
		f = append(f, float32(r.NormFloat64()*3))
	}
	return f
}

func TestFunctionsEverywhere(t *testing.T) {
	src := everyKindOfNumber()
	onEachPath(t, func(t *testing.T) {
		for _, fn := range functions {
			dst := make([]float32, len(src))
			fn.f(dst, src)
			for i, x := range src {
				want := fn.want(float64(x))
				checkNumber(t, fn.name, x, dst[i], want, fn.relative, fn.abs)
			}
		}
	})
}

// checkNumber fails unless got is want, rounded to float32, with some error.
func checkNumber(t *testing.T, what string, x, got float32, want, relative, abs float64) {
	t.Helper()
	g := float64(got)
	if math.IsNaN(want) || math.IsInf(float64(float32(want)), 0) {
		if near := math.Abs(want) < 1.0001*math.MaxFloat32 && math.Abs(g) > 0.9999*math.MaxFloat32; g != want && !near &&
			!(math.IsNaN(g) && math.IsNaN(want)) && g != float64(float32(want)) {
			t.Errorf("%s(%v) is %v, want %v", what, x, got, want)
		}
		return
	}
	if !(math.Abs(g-want) <= relative*math.Abs(want)+abs+1e-45) {
		t.Errorf("%s(%v) is %v, want %v: relative error %.2g", what, x, got, want, math.Abs(g/want-1))
	}
}

func TestFunctionsOfAnyLength(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		r := newRand()
		for n := range 150 {
			src := noise(r, n)
			for _, fn := range functions {
				dst := make([]float32, n+1)
				dst[n] = 7
				fn.f(dst[:n], src)
				if dst[n] != 7 {
					t.Fatalf("%s of %d numbers writes beyond them", fn.name, n)
				}
				for i, x := range src {
					checkNumber(t, fn.name, x, dst[i], fn.want(float64(x)), fn.relative, fn.abs+1e-30)
				}
				inPlace := append([]float32(nil), src...)
				fn.f(inPlace, inPlace)
				for i := range inPlace {
					if inPlace[i] != dst[i] && dst[i] == dst[i] {
						t.Fatalf("%s of %d numbers in place: number %d is %v, want %v", fn.name, n, i, inPlace[i], dst[i])
					}
				}
			}
		}
	})
}

func TestBinaryOfAnyLength(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		r := newRand()
		for n := range 150 {
			a, b := noise(r, n), noise(r, n+3)
			if n > 2 {
				a[n/2], b[n/3] = float32(math.NaN()), float32(math.NaN())
			}
			for name, fn := range map[string]struct {
				f    func(dst, a, b []float32)
				want func(a, b float32) float32
			}{
				"add": {Add, func(a, b float32) float32 { return a + b }},
				"sub": {Sub, func(a, b float32) float32 { return a - b }},
				"mul": {Mul, func(a, b float32) float32 { return a * b }},
				"div": {Div, func(a, b float32) float32 { return a / b }},
				"relu gradient": {ReluGrad, func(a, b float32) float32 {
					if b <= 0 {
						return 0
					}
					return a
				}},
				"max": {Max, func(a, b float32) float32 { return max(a, b) }},
				"min": {Min, func(a, b float32) float32 { return min(a, b) }},
			} {
				dst := make([]float32, n+1)
				fn.f(dst[:n], a, b)
				for i := range a {
					if want := fn.want(a[i], b[i]); dst[i] != want && !(want != want && dst[i] != dst[i]) {
						t.Fatalf("%s of %d: number %d of (%v, %v) is %v, want %v", name, n, i, a[i], b[i], dst[i], want)
					}
				}
				if dst[n] != 0 {
					t.Fatalf("%s of %d numbers writes beyond them", name, n)
				}
			}
			dst := make([]float32, n)
			for name, fn := range map[string]struct {
				f    func(dst, dy, y []float32)
				want func(dy, y float64) float64
			}{
				"sigmoid gradient": {SigmoidGrad, func(dy, y float64) float64 { return dy * y * (1 - y) }},
				"tanh gradient":    {TanhGrad, func(dy, y float64) float64 { return dy * (1 - y*y) }},
				"GELU gradient": {GeluGrad, func(dy, x float64) float64 {
					return dy * (math.Erfc(-x/math.Sqrt2)/2 + x*math.Exp(-x*x/2)/math.Sqrt(2*math.Pi))
				}},
				"GELU tanh gradient": {GeluTanhGrad, func(dy, x float64) float64 {
					const h = 1e-5
					return dy * (geluTanhTruth(x+h) - geluTanhTruth(x-h)) / (2 * h)
				}},
			} {
				fn.f(dst, a, b)
				for i := range a {
					checkNumber(t, name, b[i], dst[i], fn.want(float64(a[i]), float64(b[i])), 2e-7, 2e-7)
				}
			}
			kept := make([]float32, n+1)
			for i := range n / 2 {
				b[2*i] = a[2*i]
			}
			KeepEqual(kept[:n], b, a, b)
			for i, v := range append(b[:n:n], 0) {
				if i < n && a[i] != v {
					v = 0
				}
				if kept[i] != v {
					t.Fatalf("of %d where equal: number %d is %v, want %v", n, i, kept[i], v)
				}
			}
			dst, before := noise(r, n), make([]float32, n)
			copy(before, dst)
			Axpy(dst, b, 0.5)
			for i := range dst {
				checkNumber(t, "axpy", b[i], dst[i], float64(before[i])+0.5*float64(b[i]), 2e-7, 1e-7)
			}
		}
	})
}

// TestGeluGradsFarOut wants 0 and dy where GELU is flat and straight, and NaN of
// NaN.
func TestGeluGradsFarOut(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	onEachPath(t, func(t *testing.T) {
		for name, f := range map[string]func(dst, dy, x []float32){"GELU": GeluGrad, "tanh": GeluTanhGrad} {
			x := []float32{-inf, -1e30, -60, -21, 21, 60, 1e30, inf, nan}
			dst, dy := make([]float32, len(x)), make([]float32, len(x))
			for i := range dy {
				dy[i] = 3
			}
			f(dst, dy, x)
			for i, want := range []float32{0, 0, 0, 0, 3, 3, 3, 3, nan} {
				if !(math.Abs(float64(dst[i]-want)) <= 1e-12) && !(want != want && dst[i] != dst[i]) {
					t.Errorf("%s: the gradient at %v is %v", name, x[i], dst[i])
				}
			}
		}
	})
}

func TestActivations(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		src := noise(newRand(), 77)
		for kind := ActIdentity; kind <= ActHardSwish; kind++ {
			a, dst := Activation{Kind: kind, Alpha: 0.125, Beta: 0.5}, make([]float32, len(src))
			a.Apply(dst, src)
			for i, x := range src {
				checkNumber(t, "activation", x, dst[i], naiveActivation(a, float64(x)), 2e-6, 1e-7)
			}
		}
	})
}
