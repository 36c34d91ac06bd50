package layout

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestSimplexIsOptimal compares the cost of ranks with the least of all.
func TestSimplexIsOptimal(t *testing.T) {
	for seed := range uint64(120) {
		r := rand.New(rand.NewPCG(seed, 3))
		n := 2 + r.IntN(5)
		spans := randomSpans(r, n)
		ranks, err := minimise(t.Context(), n, spans, rankWork)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := cost(spans, ranks)
		if want := leastCost(spans, make([]int, n), 0, n+3); !ok || got != want {
			t.Fatalf("seed %d: ranks %v of %v cost %d, feasible %v, want %d", seed, ranks, spans, got, ok, want)
		}
	}
}

// TestSimplexStopsEarly checks that any budget gives ranks that keep all spans,
// and more of it no worse ones.
func TestSimplexStopsEarly(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 3))
	spans := randomSpans(r, 400)
	last := math.MaxInt
	for _, budget := range []int{0, len(spans), 3_000, 30_000, rankWork} {
		ranks, err := minimise(t.Context(), 400, spans, budget)
		if err != nil {
			t.Fatal(err)
		}
		c, ok := cost(spans, ranks)
		if !ok || c > last {
			t.Errorf("budget %d: cost %d after %d, feasible %v", budget, c, last, ok)
		}
		last = c
	}
}

// randomSpans connects all nodes, forwards only.
func randomSpans(r *rand.Rand, n int) []span {
	var spans []span
	for v := 1; v < n; v++ {
		spans = append(spans, span{r.IntN(v), v, r.IntN(3), r.IntN(4)})
	}
	for range n {
		if a, b := r.IntN(n), r.IntN(n); a != b {
			spans = append(spans, span{min(a, b), max(a, b), r.IntN(3), r.IntN(4)})
		}
	}
	return spans
}

func cost(spans []span, ranks []int) (sum int, feasible bool) {
	for _, s := range spans {
		length := ranks[s.head] - ranks[s.tail]
		if length < s.least {
			return sum, false
		}
		sum += s.weight * length
	}
	return sum, true
}

// leastCost tries all ranks up to highest.
func leastCost(spans []span, ranks []int, at, highest int) int {
	if at == len(ranks) {
		if c, ok := cost(spans, ranks); ok {
			return c
		}
		return math.MaxInt
	}
	best := math.MaxInt
	for ranks[at] = 0; ranks[at] <= highest; ranks[at]++ {
		best = min(best, leastCost(spans, ranks, at+1, highest))
	}
	ranks[at] = 0
	return best
}
