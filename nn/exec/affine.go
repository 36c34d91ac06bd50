package exec

import (
	"fmt"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/kernel"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// An affine multiplies each channel by a number and adds one.
type affine struct{ scale, shift []float32 }

// into changes weights, [filters][...], and bias so that their result is that of
// the map.
func (a affine) into(weights, bias []float32) {
	size := len(weights) / len(bias)
	for f := range bias {
		row := weights[f*size : (f+1)*size]
		kernel.Scale(row, row, a.scale[f])
		bias[f] = bias[f]*a.scale[f] + a.shift[f]
	}
}

// An affines is a chain of affine maps with the constants they are made of.
type affines struct {
	steps     []affine
	constants []*tensor.Tensor
	how       string
	last      ir.NodeID
}

// into returns weights and bias, nil if there is none, of so many filters with the
// maps in them.
func (a *affines) into(filters int, weights, bias *tensor.Tensor) (w, b []float32) {
	w = weights.F32()
	if bias != nil {
		b = bias.F32()
	}
	if len(a.steps) > 0 {
		w, b = padded32(w, len(w)), padded32(b, filters)
		for _, step := range a.steps {
			step.into(w, b)
		}
	}
	return w, b
}

// takeAffines takes along the batch normalisations, and the sums and products
// with one number per channel, that follow the value y of node id; it returns
// them with the value that they make.
func (p *planner) takeAffines(id ir.NodeID, y ir.ValueID) (affines, ir.ValueID) {
	a := affines{last: id}
	for {
		next, ok := p.reader(y)
		if !ok {
			return a, y
		}
		step, constants, how, ok := p.affine(next, y)
		if !ok || len(a.constants)+len(constants) > 4 {
			return a, y
		}
		a.steps, a.constants = append(a.steps, step), append(a.constants, constants...)
		a.how += how
		a.last = next
		p.fused[next] = true
		y = p.g.Nodes[next].Outputs[0]
	}
}

// affine reads node id as an affine map of the channels of v.
func (p *planner) affine(id ir.NodeID, v ir.ValueID) (affine, []*tensor.Tensor, string, bool) {
	n := &p.g.Nodes[id]
	if p.is(id, "BatchNormalization") && n.Inputs[0] == v {
		constants, ok := p.normConstants(n)
		if !ok {
			return affine{}, nil, "", false
		}
		return batchNorm(n, constants[0].F32(), constants[1].F32(), constants[2].F32(), constants[3].F32()), constants, fmt.Sprintf("norm %g;", epsilon(n)), true
	}
	if !p.is(id, "Add") && !p.is(id, "Mul") {
		return affine{}, nil, "", false
	}
	c := p.constant(p.other(id, v))
	channels := p.planes(v)[1]
	if c == nil || !perChannel(c.Shape(), p.planes(v)) || !slices.Equal(p.shape(n.Outputs[0]), p.shape(v)) {
		return affine{}, nil, "", false
	}
	numbers := c.F32()
	if len(numbers) == 1 {
		numbers = repeated(numbers[0], channels)
	}
	a := affine{scale: numbers, shift: make([]float32, channels)}
	if n.Op == "Add" {
		a = affine{scale: repeated(1, channels), shift: numbers}
	}
	return a, []*tensor.Tensor{c}, n.Op + ";", true
}

// perChannel reports whether a constant broadcasts to shape [N,C,...] with one
// number for each channel, or one for all.
func perChannel(c, shape []int) bool {
	if len(c) > len(shape) {
		return false
	}
	axis := 1 - (len(shape) - len(c)) // of c, that of the channels
	for i, d := range c {
		if d != 1 && (i != axis || d != shape[1]) {
			return false
		}
	}
	return true
}

func repeated(x float32, n int) []float32 { return slices.Repeat([]float32{x}, n) }

// normConstants returns scale, bias, mean and variance of a batch normalisation
// outside training, if all are constant.
func (p *planner) normConstants(n *ir.Node) ([]*tensor.Tensor, bool) {
	if len(n.Inputs) != 5 || n.Attrs.Bool("training_mode", false) || len(n.Outputs) != 1 || !n.Attrs.Bool("spatial", true) {
		return nil, false
	}
	channels := p.planes(n.Outputs[0])[1]
	var constants []*tensor.Tensor
	for _, v := range n.Inputs[1:] {
		c := p.constant(v)
		if c == nil || c.Len() != channels {
			return nil, false
		}
		constants = append(constants, c)
	}
	return constants, true
}
