package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// onEachPath runs a test on every set of kernels that this processor runs.
func onEachPath(t *testing.T, test func(t *testing.T)) {
	before := active
	defer func() { active = before }()
	for _, p := range supportedPaths() {
		active = p
		t.Run(p.name, test)
	}
}

// testPool is shared by the tests: more threads than processors, so that they
// meet.
var testPool = NewPool(3)

// onEachTeam runs a test with one thread and with several.
func onEachTeam(t *testing.T, test func(t *testing.T, team *Team)) {
	t.Run("alone", func(t *testing.T) { test(t, nil) })
	t.Run("team", func(t *testing.T) { test(t, testPool.Team(t.Context())) })
}

// tries is how many random shapes a test has: fewer where time is short, as under
// the race detector, for which the portable kernels are slow.
func tries(n int) int {
	if testing.Short() {
		return n / 5
	}
	return n
}

func newRand() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

// noise returns n numbers between -1 and 1.
func noise(r *rand.Rand, n int) []float32 {
	f := make([]float32, n)
	for i := range f {
		f[i] = r.Float32()*2 - 1
	}
	return f
}

// near compares with a reference computed in float64. The error may be tol times
// the size of what was added up, given by scale (1 where it is nil).
func near(t *testing.T, what string, got []float32, want, scale []float64, tol float64) {
	t.Helper()
	for i, w := range want {
		s := 1.0
		if scale != nil {
			s = scale[i]
		}
		g := float64(got[i])
		if same := g == w || math.IsNaN(g) && math.IsNaN(w); !same && !(math.Abs(g-w) <= tol*s) {
			t.Fatalf("%s: number %d of %d is %v, want %v (tolerance %g)", what, i, len(want), g, w, tol*s)
		}
	}
}
