package kernel

import (
	"fmt"
	"testing"
)

// TestStrips multiplies vectors with matrices of any size, from either end. Up to
// 1000 terms are added up one after the other, and not in blocks of 320.
func TestStrips(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		onEachTeam(t, func(t *testing.T, team *Team) {
			r := newRand()
			for _, size := range [][2]int{{1, 1}, {3, 64}, {70, 63}, {256, 1024}, {33, 200}, {1000, 65}} {
				k, n := size[0], size[1]
				x, m := noise(r, k), RowMajor(noise(r, k*n), n, k).T()
				s := newStrips(m)
				for _, add := range []bool{false, true} {
					c := RowMajor(noise(r, n), 1, n)
					want, scale := naiveGemm(c, RowMajor(x, 1, k), m, Epilogue{Accumulate: add})
					s.multiply(team, c.Data, x, add, add)
					near(t, fmt.Sprintf("%dx%d, added: %v", k, n, add), c.Data, want, scale, 4*gemmTolerance)
				}
			}
		})
	})
}
