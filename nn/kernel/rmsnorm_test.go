package kernel

import (
	"math"
	"testing"
)

func TestRMSNorm(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		onEachTeam(t, func(t *testing.T, team *Team) {
			r := newRand()
			for _, size := range [][2]int{{0, 5}, {1, 1}, {3, 7}, {40, 33}, {128, 384}} {
				rows, cols := size[0], size[1]
				x, gamma := noise(r, rows*cols), noise(r, cols)
				if r.IntN(3) == 0 {
					gamma = nil
				}
				y, inv := make([]float32, len(x)), make([]float32, rows)
				RMSNorm(team, y, x, gamma, rows, cols, 1e-5, inv)
				for i := range rows {
					var mean float64
					for _, v := range x[i*cols : (i+1)*cols] {
						mean += float64(v) * float64(v) / float64(cols)
					}
					root := 1 / math.Sqrt(mean+1e-5)
					checkNumber(t, "root", 0, inv[i], root, 1e-5, 0)
					for j := range cols {
						want := float64(x[i*cols+j]) * root
						if gamma != nil {
							want *= float64(gamma[j])
						}
						checkNumber(t, "RMS norm", x[i*cols+j], y[i*cols+j], want, 1e-5, 1e-6)
					}
				}
			}
		})
	})
}
