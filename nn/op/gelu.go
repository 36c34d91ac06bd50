package op

import (
	"fmt"
	"math"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// Gelu (arXiv 1606.08415) is x·Φ(x) with the normal distribution's Φ, or with
// approximate="tanh" the formula of section 2 of the paper.
var geluOps = append(activationFamily([]activation{geluErf, geluTanh}), []Op{
	{Name: "Gelu", MinIn: 1, Infer: sameType, Eval: evalGelu, Grad: gradGelu, Cost: flops(1)},
	{Name: "Gelu", Domain: microsoft, MinIn: 1, Infer: sameType, Eval: geluErf.eval, Grad: geluErf.grad, Cost: flops(1)},
}...)

const microsoft = "com.microsoft"

var geluErf = activation{
	name: "GeluErf", domain: Domain,
	f:     func(x float64, _ []float64) float64 { return x * normalCDF(x) },
	slope: func(x float64, _ []float64) float64 { return normalCDF(x) + x*normalDensity(x) },
	bend:  func(x float64, _ []float64) float64 { return (2 - x*x) * normalDensity(x) },
}

func normalCDF(x float64) float64     { return math.Erfc(-x/math.Sqrt2) / 2 }
func normalDensity(x float64) float64 { return math.Exp(-x*x/2) / math.Sqrt(2*math.Pi) }

var geluTanh = activation{
	name: "GeluTanh", domain: Domain,
	f: func(x float64, _ []float64) float64 {
		t, _, _ := geluGate(x)
		return x / 2 * (1 + t)
	},
	slope: func(x float64, _ []float64) float64 {
		t, dt, _ := geluGate(x)
		return (1+t)/2 + x/2*dt
	},
	bend: func(x float64, _ []float64) float64 {
		_, dt, ddt := geluGate(x)
		return dt + x/2*ddt
	},
}

// geluGate returns tanh(√(2/π)(x + 0.044715x³)) and its first two derivatives.
func geluGate(x float64) (t, dt, ddt float64) {
	c := math.Sqrt(2 / math.Pi)
	du := c * (1 + 3*0.044715*x*x)
	t = math.Tanh(c * (x + 0.044715*x*x*x))
	dt = (1 - t*t) * du
	ddt = -2*t*dt*du + (1-t*t)*c*6*0.044715*x
	return t, dt, ddt
}

func geluOf(n *ir.Node) (*activation, error) {
	switch kind := n.Attrs.Str("approximate", "none"); kind {
	case "none":
		return &geluErf, nil
	case "tanh":
		return &geluTanh, nil
	default:
		return nil, fmt.Errorf("approximate %q is neither none nor tanh", kind)
	}
}

func evalGelu(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	a, err := geluOf(n)
	if err != nil {
		return nil, err
	}
	return a.eval(n, in)
}

func gradGelu(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	a, err := geluOf(n)
	if err != nil {
		return nil, err
	}
	return a.grad(g, n, dy)
}
