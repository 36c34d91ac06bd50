package saliency

import (
	"math"

	"github.com/tomo-viz/tomo/viz"
)

// A Quadrature is a rule to integrate from 0 to 1 by.
type Quadrature string

// Choices lists the rules.
func (Quadrature) Choices() []viz.Choice {
	return []viz.Choice{
		{Name: "gauss-legendre", Help: "exact for polynomials of high degree"},
		{Name: "trapezoid", Help: "equal steps, the ends counted half"},
		{Name: "middle", Help: "equal steps, at their middle"},
		{Name: "left", Help: "equal steps, at their beginning"},
		{Name: "right", Help: "equal steps, at their end"},
	}
}

// points returns n places, n at least 2, and their weights, which sum to 1.
func (q Quadrature) points(n int) (at, weights []float64) {
	if q == "gauss-legendre" {
		return gaussLegendre(n)
	}
	at, weights = make([]float64, n), make([]float64, n)
	for i := range n {
		weights[i] = 1 / float64(n)
		switch q {
		case "trapezoid":
			at[i], weights[i] = float64(i)/float64(n-1), 1/float64(n-1)
		case "middle":
			at[i] = (float64(i) + 0.5) / float64(n)
		case "right":
			at[i] = float64(i+1) / float64(n)
		default:
			at[i] = float64(i) / float64(n)
		}
	}
	if q == "trapezoid" {
		weights[0] /= 2
		weights[n-1] /= 2
	}
	return at, weights
}

// gaussLegendre returns the roots of the Legendre polynomial of degree n, found
// by Newton's method, and their weights 2/((1-x²)P'(x)²), from -1 to 1 brought
// to 0 to 1. Abramowitz and Stegun, 25.4.29.
func gaussLegendre(n int) (at, weights []float64) {
	at, weights = make([]float64, n), make([]float64, n)
	for i := range n {
		x := -math.Cos(math.Pi * (float64(i) + 0.75) / (float64(n) + 0.5))
		slope := 0.0
		for range 100 {
			var value float64
			value, slope = legendre(n, x)
			step := value / slope
			x -= step
			if math.Abs(step) < 1e-15 {
				break
			}
		}
		_, slope = legendre(n, x)
		at[i], weights[i] = (x+1)/2, 1/((1-x*x)*slope*slope)
	}
	return at, weights
}

// legendre returns the Legendre polynomial of degree n and its derivative.
func legendre(n int, x float64) (value, slope float64) {
	before, value := 1.0, x
	for k := 2; k <= n; k++ {
		before, value = value, (float64(2*k-1)*x*value-float64(k-1)*before)/float64(k)
	}
	return value, float64(n) * (x*value - before) / (x*x - 1)
}
