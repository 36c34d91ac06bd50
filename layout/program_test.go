package layout

import (
	"math"
	"testing"
)

// TestSolve checks programmes whose solution is known.
func TestSolve(t *testing.T) {
	for _, c := range []struct {
		name string
		p    program
		want []float64 // relative to the first
	}{
		{"a parent over four children", program{n: 5,
			gaps:    []gap{{1, 2, 10}, {2, 3, 10}, {3, 4, 10}},
			springs: []spring{{0, 1, 1, 0}, {0, 2, 1, 0}, {0, 3, 1, 0}, {0, 4, 1, 0}}},
			[]float64{0, -15, -5, 5, 15}},
		{"a stiff pair and a loose third", program{n: 3,
			gaps:    []gap{{0, 1, 4}, {1, 2, 4}},
			springs: []spring{{0, 1, 9, 6}, {1, 2, 1, 1}}},
			[]float64{0, 6, 10}},
	} {
		if err := c.p.sort(); err != nil {
			t.Fatal(err)
		}
		x, err := c.p.solve(t.Context(), c.p.pack())
		if err != nil {
			t.Fatal(err)
		}
		for v := range x {
			if d := x[v] - x[0]; math.Abs(d-c.want[v]) > 0.1 {
				t.Errorf("%s: unknown %d at %v, want %v", c.name, v, d, c.want[v])
			}
		}
	}
}
