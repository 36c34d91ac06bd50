package ort

import (
	"math"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// The parts that the bodies of ONNX Runtime's own operators of transformers are
// made of, for gradients: the library computes the operators themselves. nn/op
// says what they mean.

// lowerSplitHeads makes [batch, heads, sequence, size] of [batch, sequence,
// heads·size], and lowerJoinHeads goes back; each is the other's gradient.
func lowerSplitHeads(l *lowering, n *ir.Node) (ir.ValueID, error) {
	x, y := l.shape(n.Inputs[0]), l.shape(n.Outputs[0])
	if len(x) == len(y) {
		return n.Inputs[0], nil
	}
	return l.transpose(l.reshape(n.Inputs[0], y[0], y[2], y[1], y[3]), 0, 2, 1, 3), nil
}

func lowerJoinHeads(l *lowering, n *ir.Node) (ir.ValueID, error) {
	x, y := l.shape(n.Inputs[0]), l.shape(n.Outputs[0])
	if len(x) == len(y) {
		return n.Inputs[0], nil
	}
	return l.reshape(l.transpose(n.Inputs[0], 0, 2, 1, 3), y...), nil
}

// lowerKeyBias adds up what the mask hides and what lies behind a query.
func lowerKeyBias(l *lowering, n *ir.Node) (ir.ValueID, error) {
	scores, to := l.shape(n.Inputs[0]), l.shape(n.Outputs[0])
	past := 0
	if v := n.Input(2); v != ir.None && len(l.shape(v)) == 4 {
		past = l.shape(v)[2]
	}
	bias := l.zeros(to...)
	if mask := n.Input(1); mask != ir.None {
		if hidden := l.hiddenByMask(mask, scores, past); hidden != ir.None {
			bias = l.where(hidden, l.number(n.Attrs.Float("mask_filter_value", -10000)), bias)
		}
	}
	if n.Attrs.Bool("causal", false) {
		bias = l.where(l.hiddenFuture(scores, past), l.number(-math.MaxFloat32), bias)
	}
	return bias, nil
}

// hiddenByMask tells the keys that a mask hides, [batch, 1, queries or 1, keys];
// None if it hides none.
func (l *lowering) hiddenByMask(mask ir.ValueID, scores []int, past int) ir.ValueID {
	batch, queries, keys := scores[0], scores[2], scores[3]
	shape := l.shape(mask)
	long := l.long(mask)
	zero := l.Ints(0)
	switch {
	case len(shape) == 1:
		key := l.reshape(l.Ints(until(keys)...), 1, 1, 1, keys)
		part := func(i int) ir.ValueID { return l.reshape(l.slice(long, 0, i*batch, (i+1)*batch), batch, 1, 1, 1) }
		hidden := l.Op("GreaterOrEqual", nil, key, part(0))
		if shape[0] == 2*batch && shape[0] != batch {
			hidden = l.Op("Or", nil, hidden, l.Op("Less", nil, key, part(1)))
		}
		return hidden
	case len(shape) == 2 && shape[1] != keys:
		return ir.None
	case len(shape) == 4:
		rows := l.slice(long, 2, past, past+queries)
		return l.Op("Equal", nil, l.slice(rows, 3, 0, keys), zero)
	}
	rows := 1
	if len(shape) == 3 {
		rows = queries
	}
	return l.Op("Equal", nil, l.reshape(long, batch, 1, rows, keys), zero)
}

// lowerWindowBias hides the keys behind a query's own place, those before its
// window, and those behind a sequence's last.
func lowerWindowBias(l *lowering, n *ir.Node) (ir.ValueID, error) {
	s := l.shape(n.Inputs[0])
	batch, queries, keys := s[0], s[2], s[3]
	last := l.reshape(l.long(n.Inputs[1]), batch, 1, 1, 1)
	key := l.reshape(l.Ints(until(keys)...), 1, 1, 1, keys)
	hidden := ir.ValueID(ir.None)
	if n.Attrs.Bool("causal", true) {
		start := l.Op("Max", nil, l.sub(last, l.Ints(queries-1)), l.Ints(0))
		own := l.add(start, l.reshape(l.Ints(until(queries)...), 1, 1, queries, 1))
		hidden = l.Op("Greater", nil, key, own)
		if window := n.Attrs.Int("local_window_size", -1); window > 0 {
			hidden = l.Op("Or", nil, hidden, l.Op("LessOrEqual", nil, key, l.sub(own, l.Ints(window))))
		}
	} else {
		hidden = l.Op("Greater", nil, key, last)
	}
	return l.where(hidden, l.number(math.Inf(-1)), l.zeros(batch, 1, queries, keys)), nil
}

// lowerRotaryPlaces spreads the places, or counts on from the first one.
func lowerRotaryPlaces(l *lowering, n *ir.Node) (ir.ValueID, error) {
	to, ids := l.shape(n.Outputs[0]), l.long(n.Inputs[0])
	if from := l.shape(n.Inputs[0]); len(from) > 1 || product(from) != 1 {
		return l.reshape(ids, to...), nil
	}
	row := l.add(l.reshape(ids, 1, 1), l.reshape(l.Ints(until(to[1])...), 1, to[1]))
	return l.Op("Expand", nil, row, l.Ints(to...)), nil
}

// lowerTensorGather reads for each batch as many places of a cache as there were
// updates, from its index on.
func lowerTensorGather(l *lowering, n *ir.Node) (ir.ValueID, error) {
	from, to := l.shape(n.Inputs[0]), l.shape(n.Outputs[0])
	axis := n.Attrs.Int("axis", -2)
	if axis < 0 {
		axis += len(to)
	}
	along := slices.Repeat([]int{1}, len(to))
	along[axis] = to[axis]
	places := l.reshape(l.Ints(until(to[axis])...), along...)
	if starts := n.Input(2); starts != ir.None {
		along[axis], along[0] = 1, to[0]
		places = l.add(places, l.reshape(l.long(starts), along...))
	}
	if n.Attrs.Str("mode", "linear") == "circular" {
		places = l.Op("Mod", nil, places, l.Ints(from[axis]))
	}
	return l.Op("GatherElements", ir.Pairs("axis", axis), n.Inputs[0], l.Op("Expand", nil, places, l.Ints(to...))), nil
}

// lowerUnpackBits takes weights out of their bytes while it is written.
func lowerUnpackBits(l *lowering, n *ir.Node) (ir.ValueID, error) {
	if l.types[n.Inputs[0]].DType == l.dtype {
		return n.Inputs[0], nil
	}
	from := l.held(n.Inputs[0])
	if from == nil {
		return ir.None, &UnsupportedError{n.Name, n.Op, "its weights are computed"}
	}
	levels, err := op.Eval(n, []*tensor.Tensor{from, tensor.New(l.dtype)})
	if err != nil {
		return ir.None, err
	}
	return l.Const(levels[0]), nil
}
