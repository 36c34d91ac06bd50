package saliency

import (
	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/pass"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// spelled is the network from the picture to y in operators that the rules of
// DeepLIFT and LRP know: functions inlined, for the picture's shape, and
// normalizations written as what they compute.
func (p *probe) spelled(y ir.ValueID) (*ir.Graph, error) {
	picture := exec.Feed{Value: p.Model.Input, DType: tensor.Float32, Shape: p.Input.Shape()}
	g, err := exec.Prepare(p.Model.Net, []exec.Feed{picture}, []ir.ValueID{y})
	if err != nil {
		return nil, err
	}
	types, err := pass.InferStrict(g)
	if err != nil {
		return nil, err
	}
	return pass.Respell(g, func(b *ir.Builder, n *ir.Node) []ir.ValueID { return spellNorm(b, n, types) }), nil
}

// spellNorm writes a normalization as what it computes, of which every part has
// a rule: y = (x - mean) / sqrt(mean square + ε), scaled and shifted.
func spellNorm(b *ir.Builder, n *ir.Node, types []op.Type) []ir.ValueID {
	x, rank := n.Input(0), 0
	if x != ir.None {
		rank = len(types[x].Shape)
	}
	from, centred, perChannel := rank, true, false
	switch n.Op {
	case "LayerNormalization":
		from = n.Attrs.Int("axis", -1)
	case "RMSNormalization", "SimplifiedLayerNormalization":
		from, centred = n.Attrs.Int("axis", -1), false
	case "InstanceNormalization":
		from, perChannel = 2, true
	default:
		return nil
	}
	if from < 0 {
		from += rank
	}
	if len(n.Outputs) > 1 || from < 0 || from >= rank || n.Domain != "" {
		return nil
	}
	var axes []int
	for a := from; a < rank; a++ {
		axes = append(axes, a)
	}
	over, keep := b.Ints(axes...), ir.Pairs("keepdims", 1)
	if centred {
		x = b.Op("Sub", nil, x, b.Op("ReduceMean", keep, x, over))
	}
	spread := b.Op("ReduceMean", keep, b.Op("Mul", nil, x, x), over)
	epsilon := b.Float(n.Attrs.Float("epsilon", 1e-5), types[n.Inputs[0]].DType)
	y := b.Op("Div", nil, x, b.Op("Sqrt", nil, b.Op("Add", nil, spread, epsilon)))
	fit := func(v ir.ValueID) ir.ValueID {
		if !perChannel {
			return v
		}
		shape := []int{-1}
		for range axes {
			shape = append(shape, 1)
		}
		return b.Op("Reshape", nil, v, b.Ints(shape...))
	}
	if scale := n.Input(1); scale != ir.None {
		y = b.Op("Mul", nil, y, fit(scale))
	}
	if shift := n.Input(2); shift != ir.None {
		y = b.Op("Add", nil, y, fit(shift))
	}
	return []ir.ValueID{y}
}
