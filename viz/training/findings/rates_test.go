package findings

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// A course is a made-up training: what its losses follow, without noise, at a
// share of its length.
type course struct {
	name       string
	train, val func(x float64) float64
	spikes     bool
}

func fall(to, rate float64) func(float64) float64 {
	return func(x float64) float64 { return to + 2.2*math.Exp(-rate*x) }
}

// then adds a rise from a place on.
func then(f func(float64) float64, from, slope float64) func(float64) float64 {
	return func(x float64) float64 { return f(x) + slope*math.Max(0, x-from) }
}

var courses = []course{
	{"healthy", fall(0.1, 6), fall(0.2, 6), false},
	{"healthy, gap", fall(0.02, 8), fall(0.6, 8), false},
	{"healthy, slow", func(x float64) float64 { return 2.3 / math.Sqrt(1+60*x) }, func(x float64) float64 { return 0.1 + 2.3/math.Sqrt(1+60*x) }, false},
	{"healthy, spiky", fall(0.1, 6), fall(0.2, 6), true},
	{"overfitting", fall(0.02, 6), then(fall(0.3, 12), 0.4, 0.5), false},
	{"overfitting, mild", fall(0.05, 6), then(fall(0.4, 12), 0.3, 0.15), false},
	{"diverging", then(fall(0.1, 12), 0.6, 6), then(fall(0.2, 12), 0.6, 6), false},
	{"stuck", func(float64) float64 { return 2.3 }, func(float64) float64 { return 2.31 }, false},
	{"flat from a fifth on", fall(0.1, 30), fall(0.2, 30), false},
}

// make draws a training of n evaluations with multiplicative noise, whose
// neighbours are correlated by rho.
func (c course) make(n int, noise, rho float64, seed uint64) (train, val Series) {
	random := rand.New(rand.NewPCG(seed, 17))
	draw := func(f func(float64) float64) Series {
		s := Series{Name: "loss"}
		e := random.NormFloat64()
		for i := range n {
			e = rho*e + math.Sqrt(1-rho*rho)*random.NormFloat64()
			y := f(float64(i)/float64(n-1)) * (1 + noise*e)
			s.Step, s.Mean, s.Count = append(s.Step, float64(10*i)), append(s.Mean, y), append(s.Count, 1)
		}
		if c.spikes {
			for k := range 3 {
				s.Mean[n*(k+2)/6] *= 4
			}
		}
		s.Max = s.Mean
		return s
	}
	return draw(c.train), draw(c.val)
}

func TestRates(t *testing.T) {
	const seeds = 60
	for _, n := range []int{20, 60, 300} {
		for _, noise := range []float64{0.003, 0.02, 0.08} {
			for _, rho := range []float64{0, 0.8} {
				for _, c := range courses {
					got := map[string]int{}
					for seed := range uint64(seeds) {
						train, val := c.make(n, noise, rho, seed)
						if _, ok := Overfit(train, val); ok {
							got["overfit"]++
						}
						if _, ok := Diverge(train); ok {
							got["diverge"]++
						}
						if _, ok := FindPlateau(train); ok {
							got["plateau"]++
						}
						if _, _, ok := Stuck(train); ok {
							got["stuck"]++
						}
						if _, _, ok := StillFalling(train); ok {
							got["still"]++
						}
						if s := FindSpikes(train); len(s) > 0 {
							got["spikes"]++
							if len(s) == 3 {
								got["3"]++
							}
						}
					}
					fmt.Printf("n=%d noise=%v rho=%v %s: %v\n", n, noise, rho, c.name, got)
				}
			}
		}
	}
}
