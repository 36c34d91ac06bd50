package saliency

import (
	"cmp"
	"slices"

	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/pass"
)

// spelled is the network from the picture to y in operators that the rules of
// DeepLIFT and LRP know: functions inlined, for the picture's shape, and
// normalizations written as what they compute.
func (p *probe) spelled(y ir.ValueID) (*ir.Graph, error) {
	var feeds []exec.Feed
	for v, x := range p.Feeds() {
		feeds = append(feeds, exec.Feed{Value: v, DType: x.DType(), Shape: x.Shape()})
	}
	slices.SortFunc(feeds, func(a, b exec.Feed) int { return cmp.Compare(a.Value, b.Value) })
	g, err := exec.Prepare(p.Model.Net, feeds, []ir.ValueID{y})
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
