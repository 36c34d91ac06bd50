package exec

import (
	"math"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/kernel"
)

// unaries are functions of one number that are no activations, on slices.
var unaries = map[string]func(dst, src []float32){
	"Exp":  kernel.Exp,
	"Log":  kernel.Log,
	"Sqrt": kernel.Sqrt,
	"Erf":  kernel.Erf,
	"Neg":  func(dst, src []float32) { kernel.Scale(dst, src, -1) },
	"Abs": func(dst, src []float32) {
		for i, x := range src {
			dst[i] = math.Float32frombits(math.Float32bits(x) &^ (1 << 31))
		}
	},
	"Reciprocal": func(dst, src []float32) {
		for i, x := range src {
			dst[i] = 1 / x
		}
	},
}

var unaryLowerings = func() map[string]lowering {
	table := map[string]lowering{}
	for name, f := range unaries {
		table[name] = func(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
			n := &p.g.Nodes[id]
			if !p.isFloat(n.Inputs[0], n.Outputs[0]) {
				return nil, 0
			}
			return elementwise(n.Inputs[:1], n.Outputs[0], func(dst []float32, src [][]float32) { f(dst, src[0]) }), id
		}
	}
	for _, name := range []string{"Relu", "LeakyRelu", "Sigmoid", "Tanh", "HardSigmoid", "HardSwish", "Gelu", "Swish", "Clip"} {
		table[name] = lowerActivation
	}
	return table
}()

// activationGrads are the gradients (dy, v) -> dx of activations, v being the
// output of the activation.
var activationGrads = map[string]func(dx, dy, v []float32){
	"ReluGrad":    reluGrad,
	"SigmoidGrad": sigmoidGrad,
	"TanhGrad":    tanhGrad,
}

var activationGradLowerings = func() map[string]lowering {
	table := map[string]lowering{}
	for name, f := range activationGrads {
		table[name] = func(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
			n := &p.g.Nodes[id]
			if !p.isFloat(n.Inputs[0], n.Inputs[1], n.Outputs[0]) {
				return nil, 0
			}
			return elementwise(n.Inputs[:2], n.Outputs[0], func(dst []float32, src [][]float32) { f(dst, src[0], src[1]) }), id
		}
	}
	return table
}()

// reluGrad is dy where y is positive, else 0, without a branch, which the
// processor could not foresee.
func reluGrad(dx, dy, y []float32) {
	dy, y = dy[:len(dx)], y[:len(dx)]
	for i := range dx {
		b := int32(math.Float32bits(y[i]))
		b &^= b >> 31 // 0 if negative
		dx[i] = math.Float32frombits(math.Float32bits(dy[i]) & uint32(-b>>31))
	}
}

// sigmoidGrad is dy*y*(1-y).
func sigmoidGrad(dx, dy, y []float32) {
	dy, y = dy[:len(dx)], y[:len(dx)]
	for i, v := range y {
		dx[i] = dy[i] * v * (1 - v)
	}
}

// tanhGrad is dy*(1-y*y).
func tanhGrad(dx, dy, y []float32) {
	dy, y = dy[:len(dx)], y[:len(dx)]
	for i, v := range y {
		dx[i] = dy[i] * (1 - v*v)
	}
}
