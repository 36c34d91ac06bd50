package op

import (
	"fmt"
	"math"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// Gelu (arXiv 1606.08415) is x·Φ(x) with the normal distribution's Φ, or with
// approximate="tanh" the formula of section 2 of the paper. The operators of
// com.microsoft add a bias first; they are differentiated as that sum.
var geluOps = append(activationFamily([]activation{geluErf, geluTanh}), []Op{
	{Name: "Gelu", MinIn: 1, Infer: sameType, Eval: evalGelu, Grad: gradGelu, Cost: flops(1)},
	{Name: "Gelu", Domain: microsoft, MinIn: 1, Infer: sameType, Eval: geluErf.eval, Grad: geluErf.grad, Cost: flops(1)},
	{Name: "BiasGelu", Domain: microsoft, MinIn: 2, Infer: sameType, Eval: biased(&geluErf), Grad: gradBiased(&geluErf), Cost: flops(2)},
	{Name: "FastGelu", Domain: microsoft, MinIn: 1, Infer: sameType, Eval: biased(&geluTanh), Grad: gradBiased(&geluTanh), Cost: flops(2)},
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

// biased evaluates an activation of x plus a vector along the last axis, which
// may be left out.
func biased(a *activation) evalFunc {
	return func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		if opt(in, 1) == nil {
			return a.eval(n, in)
		}
		sum, err := addInto(in[0], in[1])
		if err != nil {
			return nil, err
		}
		return a.eval(n, []*tensor.Tensor{sum})
	}
}

// addInto adds b, broadcast to a.
func addInto(a, b *tensor.Tensor) (*tensor.Tensor, error) {
	if a.DType() != b.DType() {
		return nil, fmt.Errorf("%s and %s cannot be added", a.DType(), b.DType())
	}
	if err := checkAddend(ir.ShapeOf(b), ir.ShapeOf(a)); err != nil {
		return nil, err
	}
	switch a.DType() {
	case tensor.Float32:
		return first(zip(a, b, func(x, y float32) float32 { return x + y }))
	case tensor.Float64:
		return first(zip(a, b, func(x, y float64) float64 { return x + y }))
	}
	return nil, errElements(a)
}

func first(out []*tensor.Tensor, err error) (*tensor.Tensor, error) {
	if err != nil {
		return nil, err
	}
	return out[0], nil
}

func gradBiased(a *activation) GradFunc {
	return func(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
		out := noGrads(n)
		sum := n.Inputs[0]
		if n.Input(1) != ir.None {
			sum = g.Op("Add", nil, sum, n.Inputs[1])
		}
		dx := g.tomo(a.name+"Grad", nil, dy[0], sum)
		if g.Needs(0) {
			out[0] = dx
		}
		if g.Needs(1) {
			out[1] = g.sumTo(dx, n.Inputs[1], n.Inputs[0])
		}
		return out, nil
	}
}
