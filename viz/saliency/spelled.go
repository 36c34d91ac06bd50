package saliency

import (
	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/pass"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// spelled is the network from the picture to y in operators that the rules of
// DeepLIFT and LRP know: functions inlined, for the picture's shape, and
// normalizations written as what they compute.
func (p *probe) spelled(y ir.ValueID) (*ir.Graph, error) {
	picture := exec.Feed{Value: p.Main, DType: tensor.Float32, Shape: p.Input.Shape()}
	g, err := exec.Prepare(p.Model.Net, []exec.Feed{picture}, []ir.ValueID{y})
	if err != nil {
		return nil, err
	}
	types, err := pass.InferStrict(g)
	if err != nil {
		return nil, err
	}
	read := g.Consumers()
	return pass.Respell(g, func(b *ir.Builder, n *ir.Node) []ir.ValueID {
		for i, v := range n.Outputs {
			if i > 0 && v != ir.None && len(read[v]) > 0 { // a statistic, which is not spelled
				return nil
			}
		}
		if y := spellNorm(b, n, types); y != ir.None {
			return []ir.ValueID{y}
		}
		return nil
	}), nil
}
