package kernel

import (
	"fmt"
	"math"
	"testing"
)

// TestRowGrads compares the gradients of softmax and layer norm with float64.
func TestRowGrads(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		onEachTeam(t, func(t *testing.T, team *Team) {
			r := newRand()
			for _, size := range [][2]int{{1, 1}, {3, 7}, {65, 16}, {100, 33}, {2, 2500}, {0, 5}} {
				rows, cols := size[0], size[1]
				what := fmt.Sprintf("%dx%d", rows, cols)
				dy, x, gamma := noise(r, rows*cols), noise(r, rows*cols), noise(r, cols)
				y, dx := make([]float32, rows*cols), make([]float32, rows*cols)
				Softmax(team, y, x, rows, cols)
				SoftmaxGrad(team, dx, dy, y, rows, cols)
				want, scale := naiveSoftmaxGrad(dy, y, rows, cols)
				near(t, "softmax, "+what, dx, want, scale, 1e-6)
				SoftmaxGrad(team, dy, dy, y, rows, cols)
				near(t, "softmax in place, "+what, dy, want, scale, 1e-6)

				dy, dgamma := noise(r, rows*cols), noise(r, cols)
				const eps = 1e-2
				LayerNormGrad(team, dx, dgamma, dy, x, gamma, rows, cols, eps)
				want, scale, wantGamma, gammaScale := naiveLayerNormGrad(dy, x, gamma, rows, cols, eps)
				near(t, "layer norm, "+what, dx, want, scale, 2e-6)
				near(t, "gamma, "+what, dgamma, wantGamma, gammaScale, 2e-6)
				clear(dgamma)
				LayerNormGrad(team, nil, dgamma, dy, x, gamma, rows, cols, eps)
				near(t, "gamma alone, "+what, dgamma, wantGamma, gammaScale, 2e-6)
				LayerNormGrad(team, dy, nil, dy, x, gamma, rows, cols, eps)
				near(t, "layer norm in place, "+what, dy, want, scale, 2e-6)
			}
		})
	})
}

// naiveSoftmaxGrad is y*(dy - sum(dy*y)), with the size of its terms.
func naiveSoftmaxGrad(dy, y []float32, rows, cols int) (dx, scale []float64) {
	for i := range rows * cols {
		sum, size := 0.0, 0.0
		for k := i / cols * cols; k < (i/cols+1)*cols; k++ {
			p := float64(dy[k]) * float64(y[k])
			sum, size = sum+p, size+math.Abs(p)
		}
		v := float64(y[i])
		dx, scale = append(dx, v*(float64(dy[i])-sum)), append(scale, v*(math.Abs(float64(dy[i]))+size)+1e-30)
	}
	return dx, scale
}

// naiveLayerNormGrad is [LayerNormGrad] in float64, with the size of its terms.
func naiveLayerNormGrad(dy, x, gamma []float32, rows, cols int, eps float64) (dx, scale, dgamma, gammaScale []float64) {
	n := float64(cols)
	dgamma, gammaScale = make([]float64, cols), make([]float64, cols)
	for r := range rows {
		mean, variance := 0.0, 0.0
		row := x[r*cols : (r+1)*cols]
		for _, v := range row {
			mean += float64(v) / n
		}
		for _, v := range row {
			variance += (float64(v) - mean) * (float64(v) - mean) / n
		}
		inv := 1 / math.Sqrt(variance+eps)
		h, d := make([]float64, cols), make([]float64, cols)
		sum, along, size := 0.0, 0.0, 0.0
		for i, v := range row {
			g := float64(dy[r*cols+i])
			h[i], d[i] = (float64(v)-mean)*inv, g*float64(gamma[i])
			sum, along, size = sum+d[i]/n, along+d[i]*h[i]/n, size+math.Abs(d[i])*(1+math.Abs(h[i]))/n
			dgamma[i] += g * h[i]
			gammaScale[i] += math.Abs(g)*(math.Abs(h[i])+inv) + 1e-30
		}
		for i := range row {
			dx = append(dx, inv*(d[i]-sum-h[i]*along))
			scale = append(scale, inv*(math.Abs(d[i])+(1+math.Abs(h[i]))*size)+1e-30)
		}
	}
	return dx, scale, dgamma, gammaScale
}
