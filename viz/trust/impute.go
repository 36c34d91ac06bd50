package trust

import "math"

// An imputation is the linear system that makes each missing pixel the weighted
// mean of its eight neighbours, 1/6 for those beside and 1/12 for those across;
// beyond the border there are none, and the weights of the others add up to
// less. arXiv 2202.00449, section 4.2.
type imputation struct {
	w, h    int
	missing []int  // pixels
	gone    []bool // of each pixel
	diag    []float64
}

// imputationError is the residual, as a share of the first, at which the
// conjugate gradients stop; maxImputation bounds their steps.
const (
	imputationError = 1e-7
	maxImputation   = 2000
)

func newImputation(w, h int, missing []int) *imputation {
	s := &imputation{w: w, h: h, missing: missing, gone: make([]bool, w*h), diag: make([]float64, len(missing))}
	for _, i := range missing {
		s.gone[i] = true
	}
	for k, i := range missing {
		s.each(i, func(_ int, weight float64) { s.diag[k] += weight })
	}
	return s
}

// each calls f with the neighbours of a pixel.
func (s *imputation) each(i int, f func(neighbour int, weight float64)) {
	x, y := i%s.w, i/s.w
	for v := max(0, y-1); v <= min(s.h-1, y+1); v++ {
		for u := max(0, x-1); u <= min(s.w-1, x+1); u++ {
			switch j := v*s.w + u; {
			case j == i:
			case u == x || v == y:
				f(j, 1.0/6)
			default:
				f(j, 1.0/12)
			}
		}
	}
}

// solve fills in the missing pixels of a plane, by conjugate gradients with
// Jacobi's preconditioner: the matrix is symmetric and, as soon as a pixel is
// known, positive definite.
func (s *imputation) solve(plane []float64) {
	if len(s.missing) == 0 {
		return
	}
	if len(s.missing) == len(plane) {
		mean := 0.0
		for _, v := range plane {
			mean += v / float64(len(plane))
		}
		for i := range plane {
			plane[i] = mean
		}
		return
	}
	s.guess(plane)
	n := len(s.missing)
	residual, direction, image := make([]float64, n), make([]float64, len(plane)), make([]float64, n)
	// The right-hand side less the image of the guess is what the neighbours
	// give, known or guessed, less what the pixel holds.
	for k, i := range s.missing {
		residual[k] = -s.diag[k] * plane[i]
		s.each(i, func(j int, weight float64) { residual[k] += weight * plane[j] })
	}
	rz := 0.0
	for k, i := range s.missing {
		direction[i] = residual[k] / s.diag[k]
		rz += residual[k] * direction[i]
	}
	least := scaleOf(plane) * imputationError
	for step := 0; step < maxImputation && math.Sqrt(rz/float64(n)) > least; step++ {
		dot := 0.0
		for k, i := range s.missing {
			image[k] = s.diag[k] * direction[i]
			s.each(i, func(j int, weight float64) {
				if s.gone[j] {
					image[k] -= weight * direction[j]
				}
			})
			dot += image[k] * direction[i]
		}
		alpha, next := rz/dot, 0.0
		for k, i := range s.missing {
			plane[i] += alpha * direction[i]
			residual[k] -= alpha * image[k]
			next += residual[k] * residual[k] / s.diag[k]
		}
		beta := next / rz
		for k, i := range s.missing {
			direction[i] = residual[k]/s.diag[k] + beta*direction[i]
		}
		rz = next
	}
}

// scaleOf is the root of the mean square of a plane, 1 if that is 0.
func scaleOf(plane []float64) float64 {
	sum := 0.0
	for _, v := range plane {
		sum += v * v
	}
	if sum == 0 {
		return 1
	}
	return math.Sqrt(sum / float64(len(plane)))
}

// guess fills in the missing pixels from ever coarser means of the known ones,
// which leaves the solver little to do.
func (s *imputation) guess(plane []float64) {
	known := make([]float64, len(plane))
	for i := range plane {
		if s.gone[i] {
			plane[i] = 0
		} else {
			known[i] = 1
		}
	}
	pullPush(plane, known, s.w, s.h)
}

// pullPush fills cells of no weight from the mean of a picture half as large,
// filled in the same way.
func pullPush(plane, weight []float64, w, h int) {
	if w == 1 && h == 1 {
		return
	}
	halfW, halfH := (w+1)/2, (h+1)/2
	mean, known := make([]float64, halfW*halfH), make([]float64, halfW*halfH)
	for i, v := range plane {
		at := i/w/2*halfW + i%w/2
		mean[at] += weight[i] * v
		known[at] += weight[i]
	}
	full := true
	for i, k := range known {
		if k > 0 {
			mean[i] /= k
			known[i] = 1
		} else {
			full = false
		}
	}
	if !full {
		pullPush(mean, known, halfW, halfH)
	}
	for i := range plane {
		if weight[i] == 0 {
			plane[i] = mean[i/w/2*halfW+i%w/2]
		}
	}
}
