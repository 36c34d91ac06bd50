package ort

import (
	"math"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// lowerMaskScores makes the scores [batch, heads, queries, keys] of attention
// that must not count -∞; nn/op says when they must not.
func lowerMaskScores(l *lowering, n *ir.Node) (ir.ValueID, error) {
	scores, past, lengths := n.Inputs[0], n.Input(2), n.Input(3)
	if mask := n.Input(1); mask != ir.None {
		scores = l.masked(scores, mask, l.shape(n.Inputs[0])[3])
	}
	hidden := ir.ValueID(ir.None)
	causal := n.Attrs.Bool("is_causal", false)
	switch s := l.shape(n.Inputs[0]); {
	case lengths != ir.None:
		hidden = l.hiddenBehind(s, lengths, causal)
	case causal:
		shift := 0
		if past != ir.None && len(l.shape(past)) == 4 {
			shift = l.shape(past)[2]
		}
		hidden = l.hiddenFuture(s, shift)
	}
	if hidden == ir.None {
		return scores, nil
	}
	return l.where(hidden, l.number(math.Inf(-1)), scores), nil
}

// masked adds a mask of numbers, or hides where one of truth values is false.
// Keys beyond its end are hidden.
func (l *lowering) masked(scores, mask ir.ValueID, keys int) ir.ValueID {
	shape, boolean := l.shape(mask), l.types[mask].DType == tensor.Bool
	never := l.number(math.Inf(-1))
	bias := mask
	if boolean {
		bias = l.where(mask, l.number(0), never)
	}
	if last := len(shape) - 1; last >= 0 && shape[last] != 1 && shape[last] < keys {
		pads := make([]int, 2*len(shape))
		pads[len(pads)-1] = keys - shape[last]
		bias = l.Op("Pad", nil, bias, l.Ints(pads...), never)
	}
	return l.where(l.Op("Equal", nil, bias, never), never, l.add(scores, bias))
}

// hiddenFuture tells the keys behind a query's own place, which begins behind
// the past ones.
func (l *lowering) hiddenFuture(scores []int, past int) ir.ValueID {
	queries, keys := scores[2], scores[3]
	hidden := make([]bool, queries*keys)
	for i := range hidden {
		hidden[i] = i%keys > i/keys+past
	}
	return l.Const(tensor.Of(hidden, queries, keys))
}

// hiddenBehind tells the keys beyond the number of each batch, and if causal
// those behind a query's own place, the last query being at the last key.
func (l *lowering) hiddenBehind(scores []int, lengths ir.ValueID, causal bool) ir.ValueID {
	batch, queries, keys := scores[0], scores[2], scores[3]
	count := l.reshape(l.long(lengths), batch, 1, 1, 1)
	key := l.reshape(l.Ints(until(keys)...), 1, 1, 1, keys)
	hidden := l.Op("GreaterOrEqual", nil, key, count)
	if !causal {
		return hidden
	}
	own := l.add(l.sub(count, l.Ints(queries)), l.reshape(l.Ints(until(queries)...), 1, 1, queries, 1))
	return l.Op("Or", nil, hidden, l.Op("Greater", nil, key, own))
}

// lowerMaskedSoftmax is a softmax that makes zeros of rows of nothing but -∞.
func lowerMaskedSoftmax(l *lowering, n *ir.Node) (ir.ValueID, error) {
	x := n.Inputs[0]
	most := l.Op("ReduceMax", ir.Pairs("keepdims", 1), x, l.Ints(-1))
	empty := l.Op("Equal", nil, most, l.number(math.Inf(-1)))
	y := l.Op("Softmax", ir.Pairs("axis", -1), l.where(empty, l.number(0), x))
	return l.where(empty, l.number(0), y), nil
}
