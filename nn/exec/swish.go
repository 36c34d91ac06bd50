package exec

import (
	"math"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/kernel"
)

// lowerSwish lowers x·sigmoid(alpha·x), which is silu(alpha·x)/alpha, for alpha as
// the node or its operator has it. The kernels' own silu has 1.
func lowerSwish(def float64) lowering {
	return func(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
		if s, last := lowerActivation(p, id); s != nil {
			return s, last
		}
		n := &p.g.Nodes[id]
		x, y, alpha := n.Inputs[0], n.Outputs[0], float32(n.Attrs.Float("alpha", def))
		if math.Abs(float64(alpha)) < minAlpha || !p.isFloat(x, y) {
			return nil, 0
		}
		silu := kernel.Activation{Kind: kernel.ActSilu}
		return elementwise([]ir.ValueID{x}, y, func(dst []float32, src [][]float32) {
			kernel.Scale(dst, src[0], alpha)
			silu.Apply(dst, dst)
			kernel.Scale(dst, dst, 1/alpha)
		}), id
	}
}
