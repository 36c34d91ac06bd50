package exec

import (
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/kernel"
	"github.com/tomo-viz/tomo/nn/op"
)

// blockedLowerings are of operators on images in the blocked layout; those that go
// element by element, or along whole blocks, are lowered as ever.
var blockedLowerings map[opName]lowering

func init() { // not a literal: lowerings reach the table through the planner
	blockedLowerings = map[opName]lowering{
		{op.Domain, toBlocked}: lowerConversion, {op.Domain, fromBlocked}: lowerConversion,
		{op.Domain, "ConvGradInput"}: lowerBlockedInputGrad, {op.Domain, "ConvGradWeight"}: lowerBlockedWeightGrad,
		{op.Domain, "MaxPoolGrad"}: lowerBlockedMaxPoolGrad,
	}
	for name, l := range map[string]lowering{
		"Conv": lowerBlockedConv, "MaxPool": lowerBlockedPool, "AveragePool": lowerBlockedPool,
		"GlobalAveragePool": lowerBlockedMean, "ReduceMean": lowerBlockedMean,
		"BatchNormalization": lowerBlockedNorm, "Concat": lowerConcat, "Split": lowerSplit,
		"Equal": lowerEqual, "ReduceSum": lowerBlockedSum,
	} {
		blockedLowerings[opName{"", name}] = l
	}
	for name, l := range activationGradLowerings {
		blockedLowerings[opName{op.Domain, name}] = l
	}
	for name, l := range unaryLowerings {
		blockedLowerings[opName{"", name}] = l
	}
	for name, l := range binaryLowerings {
		blockedLowerings[opName{"", name}] = func(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
			if s, last := lowerActivation(p, id); s != nil {
				return s, last
			}
			if s, last := p.scaledInputGrad(id); s != nil {
				return s, last
			}
			if s, last := p.blockedDot(id); s != nil {
				return s, last
			}
			if s := p.blockedBroadcast(id); s != nil {
				return s, id
			}
			return l(p, id)
		}
	}
}

// isBlocked reports whether a value lies in the blocked layout.
func (p *planner) isBlocked(v ir.ValueID) bool { _, ok := p.logical[v]; return ok }

// touchesBlocked reports whether a node reads or makes a blocked value.
func (p *planner) touchesBlocked(n *ir.Node) bool {
	return slices.ContainsFunc(n.Inputs, p.isBlocked) || slices.ContainsFunc(n.Outputs, p.isBlocked)
}

// planes returns the extents of a value in the plain layout.
func (p *planner) planes(v ir.ValueID) []int {
	if t, ok := p.logical[v]; ok {
		shape, _ := t.Shape.Ints()
		return shape
	}
	return p.shape(v)
}

// lowerConversion converts between the layouts. Where an image is one position and
// its channels are whole blocks, they are the same.
func lowerConversion(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
	n := &p.g.Nodes[id]
	x, y := n.Inputs[0], n.Outputs[0]
	shape := p.planes(y)
	batch, channels, size := shape[0], shape[1], elementsOf(shape[2:])
	s := &stage{reads: []ir.ValueID{x}, writes: []ir.ValueID{y}}
	if size == 1 && elementsOf(p.shape(x)) == elementsOf(p.shape(y)) {
		s.view = true
		return s, id
	}
	convert := kernel.FromBlocked
	if n.Op == toBlocked {
		convert = kernel.ToBlocked
	}
	s.run = func(r *run) error {
		convert(r.team, r.out(y), r.in(x), batch, channels, size)
		return nil
	}
	return s, id
}

// lowerBlockedPool makes the stage of pooling.
func lowerBlockedPool(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
	n := &p.g.Nodes[id]
	x, y := n.Inputs[0], n.Outputs[0]
	w, _, ok := p.poolWindow(n, x, y)
	if !ok || !p.isBlocked(x) || !p.isBlocked(y) {
		return nil, 0
	}
	pool := kernel.NewBlockedMaxPool(w)
	if n.Op == "AveragePool" {
		pool = kernel.NewBlockedAveragePool(w, n.Attrs.Bool("count_include_pad", false))
	}
	shape := p.planes(x)
	return &stage{reads: []ir.ValueID{x}, writes: []ir.ValueID{y}, run: func(r *run) error {
		pool.Run(r.team, shape[0], shape[1], r.out(y), r.in(x))
		return nil
	}}, id
}

// lowerBlockedMean makes the stage of the mean of each channel.
func lowerBlockedMean(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
	n := &p.g.Nodes[id]
	x, y := n.Inputs[0], n.Outputs[0]
	if !p.isBlocked(x) || !p.isBlocked(y) {
		return nil, 0
	}
	shape := p.planes(x)
	return &stage{reads: []ir.ValueID{x}, writes: []ir.ValueID{y}, run: func(r *run) error {
		kernel.BlockedMean(r.team, r.out(y), r.in(x), shape[0], shape[1], elementsOf(shape[2:]))
		return nil
	}}, id
}
