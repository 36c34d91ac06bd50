package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// gemmTolerance is relative to the sum of the magnitudes of all terms. Rounding
// of float32 is 6e-8; blocks of 320 terms add up less than ten of those.
const gemmTolerance = 5e-7

// layouts are ways in which a matrix may lie in memory.
var layouts = []struct {
	name string
	make func(r *rand.Rand, rows, cols int) Mat
}{
	{"rows", func(r *rand.Rand, rows, cols int) Mat { return RowMajor(noise(r, rows*cols), rows, cols) }},
	{"columns", func(r *rand.Rand, rows, cols int) Mat { return RowMajor(noise(r, rows*cols), cols, rows).T() }},
	{"wide rows", func(r *rand.Rand, rows, cols int) Mat {
		return Mat{Data: noise(r, rows*(cols+3)), Rows: rows, Cols: cols, RowStride: cols + 3, ColStride: 1}
	}},
	{"spread", func(r *rand.Rand, rows, cols int) Mat {
		return Mat{Data: noise(r, rows*cols*6), Rows: rows, Cols: cols, RowStride: cols * 6, ColStride: 2}
	}},
}

func at(m Mat, i, j int) float64 { return float64(m.Data[i*m.RowStride+j*m.ColStride]) }

// naiveGemm computes act(alpha*A*B + c + bias + residual), and the sum of the
// magnitudes, element by element.
func naiveGemm(c, a, b Mat, e Epilogue) (want, scale []float64) {
	for i := range c.Rows {
		for j := range c.Cols {
			sum, size := 0.0, 0.0
			for k := range a.Cols {
				p := float64(e.alpha()) * at(a, i, k) * at(b, k, j)
				sum, size = sum+p, size+math.Abs(p)
			}
			for _, v := range extras(c, e, i, j) {
				sum, size = sum+v, size+math.Abs(v)
			}
			want, scale = append(want, naiveActivation(e.Act, sum)), append(scale, size+1e-30)
		}
	}
	return want, scale
}

// extras are the terms that an epilogue adds to element (i, j).
func extras(c Mat, e Epilogue, i, j int) (terms []float64) {
	if e.Accumulate {
		terms = append(terms, at(c, i, j))
	}
	if e.RowBias != nil {
		terms = append(terms, float64(e.RowBias[i]))
	}
	if e.ColBias != nil {
		terms = append(terms, float64(e.ColBias[j]))
	}
	if e.Residual != nil {
		terms = append(terms, float64(e.Residual[i*c.RowStride+j*c.ColStride]))
	}
	return terms
}

func elements(m Mat) []float32 {
	var f []float32
	for i := range m.Rows {
		for j := range m.Cols {
			f = append(f, float32(at(m, i, j)))
		}
	}
	return f
}

// randomEpilogue picks what to fuse.
func randomEpilogue(r *rand.Rand, c Mat) Epilogue {
	e := Epilogue{Accumulate: r.IntN(3) == 0}
	if r.IntN(2) == 0 {
		e.Alpha = r.Float32() + 0.5
	}
	if r.IntN(2) == 0 {
		e.RowBias = noise(r, c.Rows)
	}
	if r.IntN(2) == 0 {
		e.ColBias = noise(r, c.Cols)
	}
	if r.IntN(2) == 0 {
		e.Residual = noise(r, len(c.Data))
	}
	e.Act = []Activation{{}, {Kind: ActRelu}, {Kind: ActClip, Alpha: -0.5, Beta: 0.5}, {Kind: ActLeakyRelu, Alpha: 0.1}, {Kind: ActTanh}}[r.IntN(5)]
	return e
}

// size picks a dimension: often small or just beside a multiple of a tile's side.
func size(r *rand.Rand) int {
	switch r.IntN(4) {
	case 0:
		return r.IntN(4)
	case 1:
		return r.IntN(20)
	case 2:
		return []int{1, 2, 3, 4, 8}[r.IntN(5)]*16 + r.IntN(3) - 1
	}
	return r.IntN(90)
}

func TestGemmAnyShape(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		onEachTeam(t, func(t *testing.T, team *Team) {
			r := newRand()
			for range tries(400) {
				m, n, k := size(r), size(r), size(r)
				if r.IntN(5) == 0 {
					k = r.IntN(900)
				}
				la, lb, lc := layouts[r.IntN(4)], layouts[r.IntN(4)], layouts[r.IntN(3)]
				a, b, c := la.make(r, m, k), lb.make(r, k, n), lc.make(r, m, n)
				if r.IntN(3) == 0 {
					a = a.PackLeft()
				}
				if r.IntN(3) == 0 {
					b = b.PackRight()
				}
				e := randomEpilogue(r, c)
				want, scale := naiveGemm(c, a, b, e)
				Gemm(team, c, a, b, e)
				near(t, fmt.Sprintf("%dx%dx%d, a in %s, b in %s, c in %s, %+v", m, n, k, la.name, lb.name, lc.name, e.Act),
					elements(c), want, scale, 2*gemmTolerance)
			}
		})
	})
}

func TestGemmLeavesTheRestAlone(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		r := newRand()
		for range 50 {
			m, n, k := 1+size(r), 1+size(r), size(r)
			c := Mat{Data: make([]float32, m*(n+5)), Rows: m, Cols: n, RowStride: n + 5, ColStride: 1}
			Gemm(nil, c, RowMajor(noise(r, m*k), m, k), RowMajor(noise(r, k*n), k, n), Epilogue{RowBias: noise(r, m)})
			for i := range m {
				for _, v := range c.Data[i*(n+5)+n : (i+1)*(n+5)] {
					if v != 0 {
						t.Fatalf("%dx%dx%d: wrote beyond row %d", m, n, k, i)
					}
				}
			}
		}
	})
}

func TestGemmBatchBroadcasts(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		onEachTeam(t, func(t *testing.T, team *Team) {
			r := newRand()
			const m, n, k, batch = 13, 21, 34, 9
			a, b := RowMajor(noise(r, m*k), m, k).PackLeft(), RowMajor(noise(r, batch*k*n), k, n)
			c := RowMajor(make([]float32, batch*m*n), m, n)
			e := Epilogue{Alpha: 0.125, Residual: noise(r, batch*m*n)}
			var at []Offsets
			for i := range batch {
				at = append(at, Offsets{C: i * m * n, B: i * k * n})
			}
			GemmBatch(team, c, a, b, e, at)
			for _, o := range at {
				want, scale := naiveGemm(c.from(o.C), a, b.from(o.B), *e.at(o.C))
				near(t, "product", c.Data[o.C:], want, scale, gemmTolerance)
			}
		})
	})
}

func TestGemmKeepsNaNAndInf(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	onEachPath(t, func(t *testing.T) {
		r := newRand()
		a, b := RowMajor(noise(r, 20*33), 20, 33), RowMajor(noise(r, 33*40), 33, 40)
		a.Data[5*33+7], a.Data[9*33] = nan, inf
		c := RowMajor(make([]float32, 20*40), 20, 40)
		Gemm(nil, c, a, b, Epilogue{Act: Activation{Kind: ActRelu}})
		for i := range 20 {
			for j := range 40 {
				v := c.Data[i*40+j]
				if (i == 5) != (v != v) || i == 9 && v != 0 && v != inf || i != 5 && i != 9 && v > 100 {
					t.Fatalf("result (%d, %d) is %v", i, j, v)
				}
			}
		}
	})
}

func TestGemmRefusesWhatDoesNotFit(t *testing.T) {
	f := make([]float32, 12)
	for name, call := range map[string]func(){
		"inner sizes": func() { Gemm(nil, RowMajor(f, 3, 4), RowMajor(f, 3, 2), RowMajor(f, 3, 4), Epilogue{}) },
		"short slice": func() { Gemm(nil, RowMajor(f, 4, 4), RowMajor(f, 4, 1), RowMajor(f, 1, 4), Epilogue{}) },
		"huge": func() {
			Gemm(nil, RowMajor(f, 3, 4), RowMajor(f, 3, maxInt/2), RowMajor(f, maxInt/2, 4), Epilogue{})
		},
		"overlapping": func() {
			Gemm(nil, Mat{Data: f, Rows: 3, Cols: 4, RowStride: 1, ColStride: 1}, RowMajor(f, 3, 1), RowMajor(f, 1, 4), Epilogue{})
		},
		"row bias": func() {
			Gemm(nil, RowMajor(f, 3, 4), RowMajor(f, 3, 1), RowMajor(f, 1, 4), Epilogue{RowBias: f[:2]})
		},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("was accepted")
				}
			}()
			call()
		})
	}
}

// naiveActivation is an activation in float64.
func naiveActivation(a Activation, x float64) float64 {
	sigmoid := func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
	clip := func(x, lo, hi float64) float64 { return math.Min(math.Max(x, lo), hi) }
	switch a.Kind {
	case ActRelu:
		return math.Max(x, 0)
	case ActClip:
		return clip(x, float64(a.Alpha), float64(a.Beta))
	case ActLeakyRelu:
		if x < 0 {
			return float64(a.Alpha) * x
		}
	case ActSigmoid:
		return sigmoid(x)
	case ActTanh:
		return math.Tanh(x)
	case ActGelu:
		return x / 2 * math.Erfc(-x/math.Sqrt2)
	case ActGeluTanh:
		return geluTanh(x)
	case ActSilu:
		return x * sigmoid(x)
	case ActHardSigmoid:
		return clip(float64(a.Alpha)*x+float64(a.Beta), 0, 1)
	case ActHardSwish:
		return x * clip(x/6+0.5, 0, 1)
	}
	return x
}
