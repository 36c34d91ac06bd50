package zoo

import (
	"math"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// activation is an operator that computes f of each element.
func activation(name string, attrs ir.Attrs, f func(float64) float64) block {
	return func(b *builder, x signal) signal { return x.through(f).as(b.op(name, attrs, x.value)) }
}

var (
	relu        = activation("Relu", nil, rectified)
	sigmoid     = activation("Sigmoid", nil, logistic)
	hardSigmoid = activation("HardSigmoid", ir.Pairs("alpha", 1.0/6), func(z float64) float64 { return clipped(z+3) / 6 })
	hardSwish   = activation("HardSwish", nil, func(z float64) float64 { return z * clipped(z+3) / 6 })
)

// relu6 is min(max(x, 0), 6).
func relu6(b *builder, x signal) signal {
	low, high := b.Float(0, tensor.Float32), b.Float(6, tensor.Float32)
	return x.through(clipped).as(b.op("Clip", nil, x.value, low, high))
}

// silu is the signal times its sigmoid, as the operators of the opset spell it.
func silu(b *builder, x signal) signal {
	gate := b.op("Sigmoid", nil, x.value)
	return x.through(func(z float64) float64 { return z * logistic(z) }).as(b.op("Mul", nil, x.value, gate))
}

func rectified(z float64) float64 { return max(z, 0) }
func clipped(z float64) float64   { return min(max(z, 0), 6) }
func logistic(z float64) float64  { return 1 / (1 + math.Exp(-z)) }

// through expects mean and variance of f of the signal's elements, taken to be
// normally distributed: the mean over a grid of six deviations to both sides.
func (x signal) through(f func(float64) float64) signal {
	const steps = 600
	deviation, sum, mean, power := math.Sqrt(x.variance), 0.0, 0.0, 0.0
	for i := -steps; i <= steps; i++ {
		z := 6 * float64(i) / steps
		density, y := math.Exp(-z*z/2), f(x.mean+deviation*z)
		sum, mean, power = sum+density, mean+density*y, power+density*y*y
	}
	x.mean = mean / sum
	x.variance = power/sum - x.mean*x.mean
	return x
}
