package pass

import (
	"fmt"
	"math"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// Unpack returns g with tensors in place of what is taken out of sequences that
// are made on the spot, as exporters write the parts of a split: a part that is
// known is a slice. Nothing else has to know sequences then, nor have gradients
// through them. It returns g itself if there is none; the sequences that nobody
// reads any more are for Prune.
func Unpack(g *ir.Graph) *ir.Graph {
	u := &unpacking{g: g}
	for i := range g.Nodes {
		n := &u.g.Nodes[i]
		if n.Domain != "" || n.Input(0) == ir.None {
			continue
		}
		producer := g.Values[n.Inputs[0]].Producer
		if producer == ir.None {
			continue
		}
		u.rewrite(ir.NodeID(i), &g.Nodes[producer])
	}
	return u.g
}

type unpacking struct {
	g      *ir.Graph
	copied bool
}

// rewrite gives a node that takes from the sequence of another one an operator
// on tensors.
func (u *unpacking) rewrite(id ir.NodeID, from *ir.Node) {
	n := &u.g.Nodes[id]
	if from.Domain != "" {
		return
	}
	switch {
	case n.Op == "ConcatFromSequence" && from.Op == "SequenceConstruct" && !n.Attrs.Bool("new_axis", false):
		u.put(id, "Concat", ir.Pairs("axis", n.Attrs.Int("axis", 0)), from.Inputs...)
	case n.Op == "SequenceAt":
		at, ok := u.number(n.Input(1))
		if !ok {
			return
		}
		switch from.Op {
		case "SequenceConstruct":
			if at < 0 {
				at += len(from.Inputs)
			}
			if at >= 0 && at < len(from.Inputs) {
				u.put(id, "Identity", nil, from.Inputs[at])
			}
		case "SplitToSequence":
			u.part(id, from, at)
		}
	}
}

// part takes part number at of what a node splits.
func (u *unpacking) part(id ir.NodeID, from *ir.Node, at int) {
	axis, x := from.Attrs.Int("axis", 0), from.Inputs[0]
	var lo, hi int
	if split := from.Input(1); split != ir.None {
		c := u.g.Values[split].Const
		if c == nil {
			return
		}
		sizes, err := c.Ints()
		switch {
		case err != nil || len(sizes) == 0:
			return
		case c.Rank() == 0: // all of that size, but for the last
			if at < 0 || sizes[0] < 1 || at > math.MaxInt/sizes[0]-1 {
				return // how many there are is the extent's matter
			}
			lo, hi = at*sizes[0], (at+1)*sizes[0]
			if n, known := u.extent(x, axis); known && lo >= n {
				return // there is no such part, and running it tells
			}
		default:
			if at < 0 {
				at += len(sizes)
			}
			if at < 0 || at >= len(sizes) {
				return
			}
			lo = 0
			for _, size := range sizes[:at] {
				lo += size
			}
			hi = lo + sizes[at]
		}
	} else { // Gather, unlike Slice, errs for a row that is not there
		row := tensor.Vector(int64(at))
		if !from.Attrs.Bool("keepdims", true) {
			row = tensor.Scalar(int64(at))
		}
		u.put(id, "Gather", ir.Pairs("axis", axis), x, u.constant(row))
		return
	}
	u.put(id, "Slice", nil, x, u.constant(tensor.Vector(int64(lo))), u.constant(tensor.Vector(int64(hi))), u.constant(tensor.Vector(int64(axis))))
}

// extent is that of a value along an axis, if it is known.
func (u *unpacking) extent(v ir.ValueID, axis int) (int, bool) {
	shape := u.g.Values[v].Shape
	if axis < 0 {
		axis += len(shape)
	}
	if axis < 0 || axis >= len(shape) || !shape[axis].IsKnown() {
		return 0, false
	}
	return shape[axis].N, true
}

// put replaces what a node does, in a copy of the graph.
func (u *unpacking) put(id ir.NodeID, op string, attrs ir.Attrs, inputs ...ir.ValueID) {
	u.own()
	n := &u.g.Nodes[id]
	n.Op, n.Attrs, n.Inputs = op, attrs, slices.Clone(inputs)
}

func (u *unpacking) own() {
	if !u.copied {
		u.g, u.copied = u.g.Clone(), true
	}
}

func (u *unpacking) number(v ir.ValueID) (int, bool) {
	if v == ir.None || u.g.Values[v].Const == nil {
		return 0, false
	}
	list, err := u.g.Values[v].Const.Ints()
	if err != nil || len(list) != 1 {
		return 0, false
	}
	return list[0], true
}

func (u *unpacking) constant(t *tensor.Tensor) ir.ValueID {
	u.own()
	return u.g.AddConst(fmt.Sprintf("unpacked/%d", len(u.g.Values)), t)
}
