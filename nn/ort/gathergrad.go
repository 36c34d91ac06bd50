package ort

import (
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// lowerGatherGrad adds the slices where the indices chose them. One that is
// known and chosen alone, as of the three that queries, keys and values are
// stacked from, has zeros around it.
func lowerGatherGrad(l *lowering, n *ir.Node) (ir.ValueID, error) {
	dy, indices, x := n.Inputs[0], n.Inputs[2], l.shape(n.Outputs[0])
	axis := n.Attrs.Int("axis", 0)
	if axis < 0 {
		axis += len(x)
	}
	rows := product(l.shape(indices))
	if at, ok := l.types[indices].Ints(); ok && rows == 1 {
		pads := make([]int, 2*len(x))
		pads[axis] = (at[0] + x[axis]) % x[axis]
		pads[len(x)+axis] = x[axis] - 1 - pads[axis]
		one := slices.Clone(x)
		one[axis] = 1
		return l.pad(l.reshape(dy, one...), pads...), nil
	}
	rest := slices.Delete(slices.Clone(x), axis, axis+1)
	updates := l.reshape(dy, product(x[:axis]), rows, product(x[axis+1:]))
	if axis > 0 {
		updates = l.transpose(updates, 1, 0, 2)
	}
	updates = l.reshape(updates, slices.Insert(slices.Clone(rest), 0, rows)...)
	zeros := l.zeros(slices.Insert(slices.Clone(rest), 0, x[axis])...)
	dx := l.addRows(zeros, l.reshape(l.long(indices), rows, 1), updates)
	if axis == 0 {
		return dx, nil
	}
	dx = l.transpose(l.reshape(dx, x[axis], product(x[:axis]), product(x[axis+1:])), 1, 0, 2)
	return l.reshape(dx, x...), nil
}

// lowerGatherNDGrad adds the slices that were chosen; batches are moves.
func lowerGatherNDGrad(l *lowering, n *ir.Node) (ir.ValueID, error) {
	if n.Attrs.Int("batch_dims", 0) != 0 {
		return lowerMoveGrad(l, n)
	}
	return l.addRows(l.zeros(l.shape(n.Outputs[0])...), l.long(n.Inputs[2]), n.Inputs[0]), nil
}

// lowerGatherElementsGrad adds the elements that were chosen.
func lowerGatherElementsGrad(l *lowering, n *ir.Node) (ir.ValueID, error) {
	zeros := l.zeros(l.shape(n.Outputs[0])...)
	return l.addAt(zeros, n.Inputs[2], n.Inputs[0], n.Attrs.Int("axis", 0)), nil
}

// addRows adds slices to data, at the places that indices [...,axes] begin
// with.
func (l *lowering) addRows(data, indices, slices ir.ValueID) ir.ValueID {
	return l.Op("ScatterND", ir.Pairs("reduction", "add"), data, indices, slices)
}

// long makes indices 64 bits wide.
func (l *lowering) long(indices ir.ValueID) ir.ValueID {
	if l.types[indices].DType == tensor.Int64 {
		return indices
	}
	return l.Op("Cast", ir.Pairs("to", 7), indices)
}
