package exec

import (
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/kernel"
)

// activationGrads make the gradients (dy, v) -> dx of activations, with what the
// node's attributes say; v is the input of the activation, but the output of
// Relu, Sigmoid and Tanh.
var activationGrads = map[string]func(n *ir.Node) func(dx, dy, v []float32){
	"ReluGrad":      always(kernel.ReluGrad),
	"SigmoidGrad":   always(kernel.SigmoidGrad),
	"TanhGrad":      always(kernel.TanhGrad),
	"HardSwishGrad": always(hardSwishGrad),
	"HardSigmoidGrad": func(n *ir.Node) func(dx, dy, v []float32) {
		return hardSigmoidGrad(n.Attrs.Float("alpha", 0.2), n.Attrs.Float("beta", 0.5))
	},
	"LeakyReluGrad": func(n *ir.Node) func(dx, dy, v []float32) {
		return leakyReluGrad(float32(n.Attrs.Float("alpha", 0.01)))
	},
}

var activationGradLowerings = func() map[string]lowering {
	table := map[string]lowering{}
	for name, of := range activationGrads {
		table[name] = func(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
			n := &p.g.Nodes[id]
			if !p.isFloat(n.Inputs[0], n.Inputs[1], n.Outputs[0]) {
				return nil, 0
			}
			f := of(n)
			return elementwise(n.Inputs[:2], n.Outputs[0], func(dst []float32, src [][]float32) { f(dst, src[0], src[1]) }), id
		}
	}
	return table
}()

// always is the gradient of an activation without attributes.
func always(f func(dx, dy, v []float32)) func(*ir.Node) func(dx, dy, v []float32) {
	return func(*ir.Node) func(dx, dy, v []float32) { return f }
}

// hardSwishGrad is dy times 0 up to -3, 1 from 3 on, and x/3 + 1/2 between.
func hardSwishGrad(dx, dy, x []float32) {
	dy, x = dy[:len(dx)], x[:len(dx)]
	for i, v := range x {
		slope := v*(1.0/3) + 0.5
		if v <= -3 {
			slope = 0
		}
		if v >= 3 {
			slope = 1
		}
		dx[i] = dy[i] * slope
	}
}

// hardSigmoidGrad is alpha*dy where alpha*x + beta is between 0 and 1, else 0.
func hardSigmoidGrad(alpha, beta float64) func(dx, dy, x []float32) {
	slope := float32(alpha)
	return func(dx, dy, x []float32) {
		dy, x = dy[:len(dx)], x[:len(dx)]
		for i, v := range x {
			y := alpha*float64(v) + beta
			d := slope * dy[i]
			if !(y > 0 && y < 1) {
				d = 0
			}
			dx[i] = d
		}
	}
}

// leakyReluGrad is alpha*dy where x is negative, else dy.
func leakyReluGrad(alpha float32) func(dx, dy, x []float32) {
	return func(dx, dy, x []float32) {
		dy, x = dy[:len(dx)], x[:len(dx)]
		for i, v := range x {
			d := dy[i]
			if v < 0 {
				d *= alpha
			}
			dx[i] = d
		}
	}
}
