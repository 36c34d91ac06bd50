package layout

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestProjection compares with Hildreth's dual coordinate ascent, which is
// slow and simple.
func TestProjection(t *testing.T) {
	for seed := range uint64(80) {
		r := rand.New(rand.NewPCG(seed, 1))
		p := &program{n: 3 + r.IntN(10)}
		for range r.IntN(2 * p.n) {
			if a, b := r.IntN(p.n), r.IntN(p.n); a != b {
				p.apart(min(a, b), max(a, b), float64(r.IntN(20)))
			}
		}
		weight, target := make([]float64, p.n), make([]float64, p.n)
		for v := range target {
			weight[v], target[v] = 0.1+r.Float64(), 50*r.Float64()
		}
		if err := p.sort(); err != nil {
			t.Fatal(err)
		}
		d := newProjection(p, weight)
		got, want := d.project(t.Context(), target), hildreth(p, weight, target)
		for v := range want {
			if math.Abs(got[v]-want[v]) > 1e-4 {
				t.Fatalf("seed %d: %v, want %v", seed, got, want)
			}
		}
	}
}

func hildreth(p *program, weight, target []float64) []float64 {
	x := append([]float64(nil), target...)
	pressure := make([]float64, len(p.gaps))
	for range 20_000 {
		for i, g := range p.gaps {
			short := g.least - (x[g.right] - x[g.left])
			step := short / (1/weight[g.left] + 1/weight[g.right])
			step = max(step, -pressure[i])
			pressure[i] += step
			x[g.left] -= step / weight[g.left]
			x[g.right] += step / weight[g.right]
		}
	}
	return x
}
