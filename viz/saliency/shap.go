package saliency

import (
	"context"
	"math"

	"github.com/tomo-viz/tomo/viz/attribution"
)

// kernelShap estimates the Shapley values of the parts in the game whose value
// is the score: the weighted least squares of Lundberg and Lee, arXiv
// 1705.07874, theorem 2, whose solution must sum to the score less that of the
// baseline. If the queries suffice it asks about every subset, and the values
// are exact. Else subsets are drawn by their weight, each with its complement
// (Covert and Lee, arXiv 2012.01536, sections 3.2 and 4.2).
func kernelShap(ctx context.Context, p *probe) (attribution.Field, error) {
	s := p.segments()
	m := s.count
	list, weights := p.shapSample(m)
	none, all := make(coalition, m), make(coalition, m)
	for k := range all {
		all[k] = true
	}
	scores, err := p.values(ctx, s, append([]coalition{none, all}, list...))
	if err != nil {
		return attribution.Field{}, err
	}
	exact := ""
	if fewParts(m, p.options.Queries) {
		exact = ", exact"
	}
	p.fact("parts", "%d, %d queries%s", m, len(scores), exact)
	p.fact("sum of shares", "%.4g", scores[1]-scores[0])
	return s.paint(shapley(list, scores[2:], weights, m, scores[0], scores[1])), nil
}

// shapSample draws subsets of m parts that are neither empty nor whole, with
// their weights.
func (p *probe) shapSample(m int) (list []coalition, weights []float64) {
	if fewParts(m, p.options.Queries) {
		for _, z := range allCoalitions(m) {
			if n := z.size(); n > 0 && n < m {
				list, weights = append(list, z), append(weights, shapKernel(m, n))
			}
		}
		return list, weights
	}
	sizes := make([]float64, m) // how likely a size is, up to each
	for n := 1; n < m; n++ {
		sizes[n] = sizes[n-1] + 1/float64(n*(m-n))
	}
	for len(list)+2 <= p.options.Queries {
		at, n := p.random.Float64()*sizes[m-1], 1
		for sizes[n] < at {
			n++
		}
		z, rest := make(coalition, m), make(coalition, m)
		for i, k := range p.random.Perm(m) {
			z[k], rest[k] = i < n, i >= n
		}
		list, weights = append(list, z, rest), append(weights, 1, 1)
	}
	return list, weights
}

// shapKernel weighs a subset of n of m parts.
func shapKernel(m, n int) float64 {
	choose := 1.0
	for i := range n {
		choose *= float64(m-i) / float64(i+1)
	}
	return float64(m-1) / (choose * float64(n*(m-n)))
}

// shapley solves for values that sum to all - none: the last one is what the
// others leave, so its column goes into theirs.
func shapley(list []coalition, scores, weights []float64, m int, none, all float64) []float64 {
	n := m - 1
	a, b := newSquare(n), make([]float64, n)
	row := make([]float64, n)
	for i, z := range list {
		last := indicator(z[n])
		y := scores[i] - none - last*(all-none)
		for k := range row {
			row[k] = indicator(z[k]) - last
		}
		a.accumulate(b, row, y, weights[i])
	}
	values := a.solve(b)
	rest := all - none
	for _, v := range values {
		rest -= v
	}
	return append(values, rest)
}

func indicator(on bool) float64 {
	if on {
		return 1
	}
	return 0
}

// A linearFit is a linear model with an intercept.
type linearFit struct {
	coefficients []float64
	r2           float64
}

// ridge fits scores by which parts show, with weights; the intercept is not
// held back.
func ridge(list []coalition, scores, weights []float64, alpha float64) linearFit {
	m := len(list[0])
	mean, total, centre := make([]float64, m), 0.0, 0.0
	for i, z := range list {
		total += weights[i]
		centre += weights[i] * scores[i]
		for k, on := range z {
			mean[k] += weights[i] * indicator(on)
		}
	}
	centre /= total
	for k := range mean {
		mean[k] /= total
	}
	a, b := newSquare(m), make([]float64, m)
	for k := range m {
		a[k][k] = alpha
	}
	row := make([]float64, m)
	for i, z := range list {
		for k, on := range z {
			row[k] = indicator(on) - mean[k]
		}
		a.accumulate(b, row, scores[i]-centre, weights[i])
	}
	fit := linearFit{coefficients: a.solve(b)}
	unexplained, variance := 0.0, 0.0
	for i, z := range list {
		left := scores[i] - centre
		variance += weights[i] * left * left
		for k, on := range z {
			left -= fit.coefficients[k] * (indicator(on) - mean[k])
		}
		unexplained += weights[i] * left * left
	}
	fit.r2 = 1
	if variance > 0 {
		fit.r2 = 1 - unexplained/variance
	}
	return fit
}

// A square is a symmetric matrix, of which the lower half is kept.
type square [][]float64

func newSquare(n int) square {
	a := make(square, n)
	for i := range a {
		a[i] = make([]float64, n)
	}
	return a
}

// accumulate adds one weighted observation to the normal equations a·x = b.
func (a square) accumulate(b, row []float64, y, weight float64) {
	for i, v := range row {
		if v == 0 {
			continue
		}
		b[i] += weight * v * y
		for j := 0; j <= i; j++ {
			a[i][j] += weight * v * row[j]
		}
	}
}

// solve returns x of a·x = b by Cholesky's decomposition, a being positive
// semidefinite. What is not determined is held near zero by a trace of ridge.
func (a square) solve(b []float64) []float64 {
	const trace = 1e-10
	largest := 0.0
	for i := range a {
		largest = max(largest, a[i][i])
	}
	n := len(b)
	l, x := newSquare(n), make([]float64, n)
	for i := range n {
		for j := 0; j <= i; j++ {
			sum := a[i][j]
			if i == j {
				sum += trace * largest
			}
			for k := range j {
				sum -= l[i][k] * l[j][k]
			}
			if i == j {
				l[i][i] = math.Sqrt(max(sum, trace*trace*largest, math.SmallestNonzeroFloat64))
			} else {
				l[i][j] = sum / l[j][j]
			}
		}
		x[i] = b[i]
		for k := range i {
			x[i] -= l[i][k] * x[k]
		}
		x[i] /= l[i][i]
	}
	for i := n - 1; i >= 0; i-- {
		for k := i + 1; k < n; k++ {
			x[i] -= l[k][i] * x[k]
		}
		x[i] /= l[i][i]
	}
	return x
}
