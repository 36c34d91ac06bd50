package trust

import "math"

// An imputation is the linear system that makes each missing pixel the weighted
// mean of its eight neighbours, 1/6 for those beside and 1/12 for those across;
// beyond the border there are none, and the weights of the others add up to
// less. arXiv 2202.00449, section 4.2.
//
// Planes have a border of one pixel all around, which holds 0.
type imputation struct {
	w, h    int
	stride  int   // of a row with its border
	missing []int // places in a plane with a border
	gone    []bool
	diag    []float64 // the sum of each missing pixel's weights
}

// imputationError is the mean error of the equations, as a share of the plane's
// scale, at which the conjugate gradients stop; maxImputation bounds their steps.
const (
	imputationError = 1e-6
	maxImputation   = 1000
)

func newImputation(w, h int, missing []int) *imputation {
	s := &imputation{w: w, h: h, stride: w + 2, gone: make([]bool, w*h), diag: make([]float64, len(missing))}
	inside := make([]float64, s.stride*(h+2))
	for i := range w * h {
		inside[s.place(i)] = 1
	}
	for k, i := range missing {
		s.gone[i] = true
		s.missing = append(s.missing, s.place(i))
		s.diag[k] = s.around(inside, s.place(i))
	}
	return s
}

// place is where a pixel lies in a plane with a border.
func (s *imputation) place(i int) int { return (i/s.w+1)*s.stride + i%s.w + 1 }

// around is the weighted sum of a place's neighbours.
func (s *imputation) around(v []float64, at int) float64 {
	up, here, down := v[at-s.stride-1:][:3], v[at-1:][:3], v[at+s.stride-1:][:3]
	return (up[1]+here[0]+here[2]+down[1])/6 + (up[0]+up[2]+down[0]+down[2])/12
}

// solve fills in the missing pixels of a plane, by conjugate gradients with
// Jacobi's preconditioner: the matrix is symmetric and, as soon as a pixel is
// known, positive definite.
func (s *imputation) solve(plane []float64) {
	switch len(s.missing) {
	case 0:
		return
	case len(plane):
		fillMean(plane)
		return
	}
	s.guess(plane)
	least := scaleOf(plane) * imputationError
	x := make([]float64, s.stride*(s.h+2))
	for i, v := range plane {
		x[s.place(i)] = v
	}
	s.descend(x, least)
	for i := range plane {
		plane[i] = x[s.place(i)]
	}
}

// descend improves a guess until the equations hold.
func (s *imputation) descend(x []float64, least float64) {
	n := len(s.missing)
	residual, image := make([]float64, n), make([]float64, n)
	direction := make([]float64, len(x)) // 0 where a pixel is known
	rz := 0.0
	for k, at := range s.missing {
		residual[k] = s.around(x, at) - s.diag[k]*x[at]
		direction[at] = residual[k] / s.diag[k]
		rz += residual[k] * direction[at]
	}
	for step := 0; step < maxImputation && math.Sqrt(rz/float64(n)) > least; step++ {
		dot := 0.0
		for k, at := range s.missing {
			image[k] = s.diag[k]*direction[at] - s.around(direction, at)
			dot += image[k] * direction[at]
		}
		alpha, next := rz/dot, 0.0
		for k, at := range s.missing {
			x[at] += alpha * direction[at]
			residual[k] -= alpha * image[k]
			next += residual[k] * residual[k] / s.diag[k]
		}
		beta := next / rz
		for k, at := range s.missing {
			direction[at] = residual[k]/s.diag[k] + beta*direction[at]
		}
		rz = next
	}
}

func fillMean(plane []float64) {
	mean := 0.0
	for _, v := range plane {
		mean += v / float64(len(plane))
	}
	for i := range plane {
		plane[i] = mean
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

// guess fills in the missing pixels from the solution of the same problem at half
// the size, where a pixel is missing if all that it stands for are. What is left
// for the solver are errors of a few pixels' length, which it is quick with.
func (s *imputation) guess(plane []float64) {
	w, h := (s.w+1)/2, (s.h+1)/2
	coarse, known := make([]float64, w*h), make([]float64, w*h)
	for i, v := range plane {
		if !s.gone[i] {
			at := i/s.w/2*w + i%s.w/2
			coarse[at] += v
			known[at]++
		}
	}
	var missing []int
	for i, n := range known {
		if n > 0 {
			coarse[i] /= n
		} else {
			missing = append(missing, i)
		}
	}
	newImputation(w, h, missing).solve(coarse)
	for i := range plane {
		if s.gone[i] {
			plane[i] = between(coarse, w, h, (float64(i%s.w)-0.5)/2, (float64(i/s.w)-0.5)/2)
		}
	}
}

// between interpolates bilinearly; beyond the border the plane goes on as it
// ends.
func between(plane []float64, w, h int, x, y float64) float64 {
	x, y = max(0, min(float64(w-1), x)), max(0, min(float64(h-1), y))
	i, j := int(x), int(y)
	u, v := x-float64(i), y-float64(j)
	k, l := min(i+1, w-1), min(j+1, h-1)
	return (plane[j*w+i]*(1-u)+plane[j*w+k]*u)*(1-v) + (plane[l*w+i]*(1-u)+plane[l*w+k]*u)*v
}
