package exec

import (
	"math"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/kernel"
)

var normLowerings = map[string]lowering{
	"BatchNormalization":    lowerBatchNorm,
	"LayerNormalization":    lowerLayerNorm,
	"InstanceNormalization": lowerInstanceNorm,

	"RMSNormalization":             lowerRMSNorm,
	"SimplifiedLayerNormalization": lowerRMSNorm,
}

// lowerBatchNorm lowers a batch normalisation outside training to a factor and a
// term per channel.
func lowerBatchNorm(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
	n := &p.g.Nodes[id]
	x, y := n.Inputs[0], n.Outputs[0]
	if n.Version >= 14 && n.Attrs.Bool("training_mode", false) {
		return lowerTrainedNorm(p, id)
	}
	if len(n.Inputs) != 5 || len(n.Outputs) != 1 || !p.isFloat(n.Inputs...) || !p.isFloat(y) ||
		!n.Attrs.Bool("spatial", true) || len(p.shape(x)) < 2 {
		return nil, 0
	}
	shape := p.shape(x)
	channels, size := shape[1], elementsOf(shape[2:])
	for _, v := range n.Inputs[1:] {
		if elementsOf(p.shape(v)) != channels {
			return nil, 0
		}
	}
	affine := p.batchNormAffine(n)
	return &stage{
		reads: slices.Clone(n.Inputs), writes: []ir.ValueID{y}, over: []ir.ValueID{x},
		run: func(r *run) error {
			a := affine(r)
			kernel.ChannelAffine(r.team, r.out(y), r.in(x), a.scale, a.shift, shape[0], channels, size)
			return nil
		},
	}, id
}

// batchNormAffine returns what makes the affine map, once if its parameters are
// constant.
func (p *planner) batchNormAffine(n *ir.Node) func(*run) affine {
	if constants, ok := p.normConstants(n); ok {
		a := batchNorm(n, constants[0].F32(), constants[1].F32(), constants[2].F32(), constants[3].F32())
		return func(*run) affine { return a }
	}
	v := n.Inputs[1:]
	return func(r *run) affine { return batchNorm(n, r.in(v[0]), r.in(v[1]), r.in(v[2]), r.in(v[3])) }
}

// batchNorm turns scale, bias, mean and variance into an affine map.
func batchNorm(n *ir.Node, scale, bias, mean, variance []float32) affine {
	a := affine{make([]float32, len(scale)), make([]float32, len(scale))}
	for i := range scale {
		f := float64(scale[i]) / math.Sqrt(float64(variance[i])+epsilon(n))
		a.scale[i], a.shift[i] = float32(f), float32(float64(bias[i])-float64(mean[i])*f)
	}
	return a
}

func epsilon(n *ir.Node) float64 { return n.Attrs.Float("epsilon", 1e-5) }

// lowerLayerNorm lowers a layer normalisation; mean and inverse deviation are
// made if they are asked for.
func lowerLayerNorm(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
	n := &p.g.Nodes[id]
	x, gamma, beta, y, mean, inv := n.Input(0), n.Input(1), n.Input(2), n.Output(0), n.Output(1), n.Output(2)
	if !p.isFloat(x, gamma, beta, y, mean, inv) || y == ir.None || gamma == ir.None {
		return nil, 0
	}
	shape := p.shape(x)
	axis := n.Attrs.Int("axis", -1)
	if axis < 0 {
		axis += len(shape)
	}
	if axis < 0 || axis >= len(shape) {
		return nil, 0
	}
	cols := elementsOf(shape[axis:])
	if cols == 0 || elementsOf(p.shape(gamma)) != cols || beta != ir.None && elementsOf(p.shape(beta)) != cols {
		return nil, 0
	}
	eps := float32(epsilon(n))
	absent := func(v ir.ValueID) bool { return v == ir.None }
	return &stage{
		reads: slices.DeleteFunc([]ir.ValueID{x, gamma, beta}, absent), over: []ir.ValueID{x},
		writes: slices.DeleteFunc([]ir.ValueID{y, mean, inv}, absent),
		run: func(r *run) error {
			dst := r.out(y)
			kernel.LayerNorm(r.team, dst, r.in(x), r.in(gamma), r.maybe(beta), len(dst)/cols, cols, eps,
				kernel.RowStats{Mean: r.maybeOut(mean), InvStd: r.maybeOut(inv)})
			return nil
		},
	}, id
}

// lowerInstanceNorm normalises each channel of each image, then scales it.
func lowerInstanceNorm(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
	n := &p.g.Nodes[id]
	x, scale, bias, y := n.Input(0), n.Input(1), n.Input(2), n.Output(0)
	if bias == ir.None || !p.isFloat(x, scale, bias, y) || len(p.shape(x)) < 3 {
		return nil, 0
	}
	shape := p.shape(x)
	batch, channels, size := shape[0], shape[1], elementsOf(shape[2:])
	if size == 0 || elementsOf(p.shape(scale)) != channels || elementsOf(p.shape(bias)) != channels {
		return nil, 0
	}
	eps := float32(epsilon(n))
	return &stage{
		reads: []ir.ValueID{x, scale, bias}, writes: []ir.ValueID{y}, over: []ir.ValueID{x},
		run: func(r *run) error {
			dst := r.out(y)
			kernel.LayerNorm(r.team, dst, r.in(x), nil, nil, batch*channels, size, eps, kernel.RowStats{})
			kernel.ChannelAffine(r.team, dst, dst, r.in(scale), r.in(bias), batch, channels, size)
			return nil
		},
	}, id
}
