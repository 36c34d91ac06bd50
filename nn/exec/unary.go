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
	for _, name := range []string{"Relu", "LeakyRelu", "Sigmoid", "Tanh", "HardSigmoid", "HardSwish", "Gelu", "Clip"} {
		table[name] = lowerActivation
	}
	table["Swish"] = lowerSwish(1)
	return table
}()
