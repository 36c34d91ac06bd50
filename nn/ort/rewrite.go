package ort

import (
	"maps"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
)

// lowerBody writes the operators that an operator is defined by.
func lowerBody(l *lowering, n *ir.Node) ([]ir.ValueID, error) {
	return op.Lookup(n.Domain, n.Op).Body(l.Builder, n, n.Inputs)
}

// lowerAffine is alpha·x + beta.
func lowerAffine(l *lowering, n *ir.Node) (ir.ValueID, error) {
	return l.plus(l.times(n.Inputs[0], n.Attrs.Float("alpha", 1)), n.Attrs.Float("beta", 0)), nil
}

// lowerSwish is x·sigmoid(alpha·x).
func lowerSwish(l *lowering, n *ir.Node) (ir.ValueID, error) {
	x, z := n.Inputs[0], n.Inputs[0]
	if alpha := n.Attrs.Float("alpha", 1); alpha != 1 {
		z = l.times(z, alpha)
	}
	return l.mul(x, l.sigmoid(z)), nil
}

// rewriteConv crops first where padding is negative, as it is in gradients of
// transposed convolutions.
func rewriteConv(l *lowering, n *ir.Node) ([]ir.ValueID, error) {
	pads := n.Attrs.Ints("pads")
	if !slices.ContainsFunc(pads, func(p int) bool { return p < 0 }) {
		return nil, nil
	}
	axes := len(pads) / 2
	crop := make([]int, 2*(axes+2))
	for i, p := range pads {
		crop[2*(1+i/axes)+i] = min(p, 0)
		pads[i] = max(p, 0)
	}
	attrs := maps.Clone(n.Attrs)
	maps.Copy(attrs, ir.Pairs("pads", pads))
	x := l.pad(n.Inputs[0], crop...)
	return []ir.ValueID{l.Op("Conv", attrs, append([]ir.ValueID{x}, n.Inputs[1:]...)...)}, nil
}

// rewriteRecurrent puts the steps before the batch: x is [batch,steps,inputs],
// states are [batch,directions,hidden], y is [batch,steps,directions,hidden].
func rewriteRecurrent(l *lowering, n *ir.Node) ([]ir.ValueID, error) {
	if !n.Attrs.Bool("layout", false) {
		return nil, nil
	}
	inputs := slices.Clone(n.Inputs)
	for _, i := range []int{op.LayerX, op.LayerH, op.LayerC} {
		if n.Input(i) != ir.None {
			inputs[i] = l.transpose(inputs[i], 1, 0, 2)
		}
	}
	attrs := maps.Clone(n.Attrs)
	delete(attrs, "layout")
	outputs := slices.Clone(l.Node("", n.Op, attrs, len(n.Outputs), inputs...))
	for i, v := range outputs {
		perm := []int{1, 0, 2}
		if i == 0 {
			perm = []int{2, 0, 1, 3}
		}
		outputs[i] = l.transpose(v, perm...)
	}
	return outputs, nil
}
