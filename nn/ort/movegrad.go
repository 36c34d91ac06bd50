package ort

import (
	"maps"
	"slices"
	"strings"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// maxLabels bounds the elements of a tensor whose places are written into the
// model, 8 bytes each.
const maxLabels = 1 << 24

// lowerMove serves every operator that makes its output of elements of its
// first input: the places they come from are a constant.
func lowerMove(l *lowering, n *ir.Node) (ir.ValueID, error) {
	x, to := n.Inputs[0], l.shape(n.Outputs[0])
	at, err := l.places(n, n, l.shape(x), n.Inputs[1:])
	if err != nil {
		return ir.None, err
	}
	flat := l.concat(0, l.zeros(1), l.reshape(x, -1)) // what the operator fills in comes from 0
	return l.reshape(l.Op("Gather", nil, flat, at), to...), nil
}

// lowerMoveGrad serves the gradients of such operators: each is added at the
// place that its number says.
func lowerMoveGrad(l *lowering, n *ir.Node) (ir.ValueID, error) {
	dy, shape := n.Inputs[0], l.shape(n.Outputs[0])
	forward := *n
	forward.Op, forward.Version = strings.TrimSuffix(n.Op, "Grad"), n.Attrs.Int("opset", ir.LatestOpset)
	if op.Lookup(op.Domain, forward.Op) == nil {
		forward.Domain = ""
	}
	forward.Attrs = maps.Clone(n.Attrs)
	delete(forward.Attrs, "opset")
	at, err := l.places(n, &forward, shape, n.Inputs[2:])
	if err != nil {
		return ir.None, err
	}
	sum := l.addAt(l.zeros(product(shape)+1), at, l.reshape(dy, -1), 0)
	return l.reshape(l.slice(sum, 0, 1, product(shape)+1), shape...), nil
}

// places lists for each element of the output of a moving operator the place,
// counted from 1, that it comes from; 0 where the operator fills something in.
// The operator itself moves the numbers. They are constant if its other inputs
// are.
func (l *lowering) places(n, forward *ir.Node, shape []int, rest []ir.ValueID) (ir.ValueID, error) {
	size := product(shape)
	if size > maxLabels {
		return ir.None, &UnsupportedError{n.Name, n.Op, "its input is too large"}
	}
	labels := make([]int64, size)
	for i := range labels {
		labels[i] = int64(i + 1)
	}
	from := tensor.Of(labels, shape...)
	inputs := []*tensor.Tensor{from}
	for _, v := range rest {
		inputs = append(inputs, l.held(v))
		if v != ir.None && l.held(v) == nil {
			if forward.Domain == op.Domain {
				return ir.None, &UnsupportedError{n.Name, n.Op, "it depends on what is computed"}
			}
			at := l.Op(forward.Op, forward.Attrs, append([]ir.ValueID{l.Const(from)}, rest...)...)
			l.G.Nodes[len(l.G.Nodes)-1].Version = forward.Version
			return l.reshape(at, -1), nil
		}
	}
	moved, err := op.Eval(forward, inputs)
	if err != nil {
		return ir.None, err
	}
	return l.Const(moved[0].Reshape(moved[0].Len())), nil
}

// addAt adds updates to data at indices along an axis, in float32 where they have
// 16 bits, of which the library does not add.
func (l *lowering) addAt(data, indices, updates ir.ValueID, axis int) ir.ValueID {
	sum := l.Op("ScatterElements", ir.Pairs("axis", axis, "reduction", "add"), l.widened(data), indices, l.widened(updates))
	return l.narrowed(sum, data)
}

// widened makes float32 of 16 bits, and narrowed gives them back as like has them.
func (l *lowering) widened(v ir.ValueID) ir.ValueID {
	if l.isHalf() && v != ir.None {
		return l.Op("CastLike", nil, v, l.Float(0, tensor.Float32))
	}
	return v
}

func (l *lowering) narrowed(v, like ir.ValueID) ir.ValueID {
	if l.isHalf() {
		return l.Op("CastLike", nil, v, like)
	}
	return v
}

func (l *lowering) isHalf() bool { return l.dtype == tensor.Float16 || l.dtype == tensor.BFloat16 }

// lowerPadGrad cuts off what was padded with constants; others are moves.
func lowerPadGrad(l *lowering, n *ir.Node) (ir.ValueID, error) {
	x := l.shape(n.Outputs[0])
	pads := n.Attrs.Ints("pads")
	if v := n.Input(2); v != ir.None {
		pads, _ = l.types[v].Ints()
	}
	if n.Attrs.Str("mode", "constant") != "constant" || len(pads) != 2*len(x) || n.Input(4) != ir.None {
		return lowerMoveGrad(l, n)
	}
	back := make([]int, len(pads))
	for i, p := range pads {
		back[i] = -p
	}
	return l.pad(n.Inputs[0], back...), nil
}

// lowerTileGrad adds the tiles up.
func lowerTileGrad(l *lowering, n *ir.Node) (ir.ValueID, error) {
	x, dy := l.shape(n.Outputs[0]), l.shape(n.Inputs[0])
	var split, tiles []int
	for a, d := range x {
		if d == 0 {
			return l.zeros(x...), nil
		}
		tiles = append(tiles, len(split))
		split = append(split, dy[a]/d, d)
	}
	if len(x) == 0 {
		return n.Inputs[0], nil
	}
	return l.sum(l.reshape(n.Inputs[0], split...), tiles...), nil
}

// lowerDepthToSpaceGrad moves the squares of pixels back into channels.
func lowerDepthToSpaceGrad(l *lowering, n *ir.Node) (ir.ValueID, error) {
	x, b := l.shape(n.Outputs[0]), n.Attrs.Int("blocksize", 1)
	c := x[1] / (b * b)
	v := l.reshape(n.Inputs[0], x[0], c, x[2], b, x[3], b)
	perm := []int{0, 3, 5, 1, 2, 4}
	if n.Attrs.Str("mode", "DCR") == "CRD" {
		perm = []int{0, 1, 3, 5, 2, 4}
	}
	return l.reshape(l.transpose(v, perm...), x...), nil
}

// lowerRepeatHeads copies each head for the query heads that share it.
func lowerRepeatHeads(l *lowering, n *ir.Node) (ir.ValueID, error) {
	x, y := l.shape(n.Inputs[0]), l.shape(n.Outputs[0])
	if x[1] == y[1] {
		return n.Inputs[0], nil
	}
	heads := until(y[1])
	for i := range heads {
		heads[i] /= y[1] / x[1]
	}
	return l.Op("Gather", ir.Pairs("axis", 1), n.Inputs[0], l.Ints(heads...)), nil
}

// lowerRepeatHeadsGrad adds up what the copies of a head get.
func lowerRepeatHeadsGrad(l *lowering, n *ir.Node) (ir.ValueID, error) {
	x, dy := l.shape(n.Outputs[0]), l.shape(n.Inputs[0])
	if x[1] == dy[1] {
		return n.Inputs[0], nil
	}
	return l.sum(l.reshape(n.Inputs[0], slices.Insert(slices.Clone(x), 2, dy[1]/x[1])...), 2), nil
}
