package ort

import (
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
)

// lowerReduceProdGrad multiplies dy with the product of the others of each
// group: of those before and of those behind.
func lowerReduceProdGrad(l *lowering, n *ir.Node) (ir.ValueID, error) {
	dy, x, shape := n.Inputs[0], n.Inputs[1], l.shape(n.Inputs[1])
	kept := l.shape(dy)
	if product(shape) == 0 {
		return x, nil
	}
	var order, groups, members []int
	for a, d := range shape {
		if a < len(kept) && kept[a] == d && d != 1 {
			order, groups = append(order, a), append(groups, d)
		}
	}
	for a, d := range shape {
		if !slices.Contains(order, a) {
			order, members = append(order, a), append(members, d)
		}
	}
	size := product(members)
	v := l.reshape(l.transpose(x, order...), product(groups), size)
	before := l.runningProduct(l.shifted(v, 1), size)
	behind := l.reverse(l.runningProduct(l.shifted(l.reverse(v, 1), 1), size), 1)
	others := l.reshape(l.mul(before, behind), append(groups, members...)...)
	back := make([]int, len(order))
	for i, a := range order {
		back[a] = i
	}
	return l.mul(dy, l.transpose(others, back...)), nil
}

// shifted moves rows to the right, with ones from the left.
func (l *lowering) shifted(v ir.ValueID, by int) ir.ValueID {
	return l.Op("Pad", nil, v, l.Ints(0, by, 0, -by), l.number(1))
}

// runningProduct multiplies each element with all before it, in steps that
// double (Hillis and Steele, CACM 29, 1986).
func (l *lowering) runningProduct(v ir.ValueID, size int) ir.ValueID {
	for by := 1; by < size; by *= 2 {
		v = l.mul(v, l.shifted(v, by))
	}
	return v
}
