package op

import (
	"math"

	"github.com/tomo-viz/tomo/nn/ir"
)

// groupsOf tells for every element of a shape, in row-major order, which group
// it belongs to if the given axes are summed over, and counts the groups.
func groupsOf(shape []int, axes ...int) (of []int, n int) {
	kept := append([]int(nil), shape...)
	for _, a := range axes {
		kept[a] = 1
	}
	return offsets(shape, 0, broadcastStrides(kept, shape)), product(kept)
}

// statistics returns mean and variance (divided by the count) of each group.
func statistics[T float](x []T, of []int, n int) (mean, variance []float64) {
	mean, variance = make([]float64, n), make([]float64, n)
	count := float64(len(x)) / float64(n)
	for i, v := range x {
		mean[of[i]] += float64(v)
	}
	for g := range mean {
		mean[g] /= count
	}
	for i, v := range x {
		d := float64(v) - mean[of[i]]
		variance[of[i]] += d * d
	}
	for g := range variance {
		variance[g] /= count
	}
	return mean, variance
}

// standardize returns (x - mean)/√(variance + epsilon) for each group, and
// what it subtracted and multiplied with.
func standardize[T float](x []T, of []int, n int, epsilon float64) (xhat []T, mean, inv []float64) {
	mean, variance := statistics(x, of, n)
	inv = mapTo(variance, func(v float64) float64 { return 1 / math.Sqrt(v+epsilon) })
	xhat = make([]T, len(x))
	for i, v := range x {
		xhat[i] = T((float64(v) - mean[of[i]]) * inv[of[i]])
	}
	return xhat, mean, inv
}

// affine multiplies x with scale and adds bias, which may be nil; at tells
// which of theirs belongs to each element.
func affine[T float](x, scale, bias []T, at []int) {
	for i, k := range at {
		x[i] *= scale[k]
		if bias != nil {
			x[i] += bias[k]
		}
	}
}

// A standardized is what standardize makes, as nodes of a gradient graph.
type standardized struct {
	xhat, inv ir.ValueID
	axes      []int
}

// standardize appends (x - mean)·inv with inv = 1/√(variance + epsilon) over
// axes.
func (g *Grad) standardize(x, epsilon ir.ValueID, axes ...int) standardized {
	centred := g.Op("Sub", nil, x, g.reduceMean(x, true, axes...))
	variance := g.reduceMean(g.Op("Mul", nil, centred, centred), true, axes...)
	inv := g.inverseRoot(variance, epsilon)
	return standardized{g.Op("Mul", nil, centred, inv), inv, axes}
}

// inverseRoot appends 1/√(v + epsilon).
func (g *Grad) inverseRoot(v, epsilon ir.ValueID) ir.ValueID {
	return g.Op("Reciprocal", nil, g.Op("Sqrt", nil, g.Op("Add", nil, v, epsilon)))
}

// back appends the gradient of x from that of xhat:
// inv·(d - mean(d) - xhat·mean(d·xhat)).
func (g *Grad) back(s standardized, d ir.ValueID) ir.ValueID {
	along := g.reduceMean(g.Op("Mul", nil, d, s.xhat), true, s.axes...)
	rest := g.Op("Sub", nil, d, g.reduceMean(d, true, s.axes...))
	rest = g.Op("Sub", nil, rest, g.Op("Mul", nil, s.xhat, along))
	return g.Op("Mul", nil, s.inv, rest)
}
