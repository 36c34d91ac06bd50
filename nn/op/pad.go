package op

import (
	"fmt"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// pad puts elements around its input, or cuts some off where a pad is negative.
// The pads are an input since opset 11, an attribute before, and in opset 1 are
// called paddings.
var pad = Op{
	Name: "Pad", MinIn: 1, AnyType: true, Infer: inferPad, Grad: padGrad,
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		pads, err := padsOf(n, in)
		if err != nil {
			return nil, err
		}
		x := in[0]
		at, shape, err := padded(x.Shape(), pads, n.Attrs.Str("mode", "constant"))
		if err != nil || at == nil {
			return emptyOf(x.DType(), shape, err)
		}
		if n.Attrs.Str("mode", "constant") != "constant" {
			return one(x.Take(at, 1, shape...))
		}
		fill, err := padValue(n, in)
		if err != nil {
			return nil, err
		}
		for i, p := range at {
			if p < 0 {
				at[i] = x.Len()
			}
		}
		return one(join(x, fill).Take(at, 1, shape...))
	},
}

// padsOf returns how many elements to put before and behind each axis: first
// the befores of all axes, then the behinds.
func padsOf(n *ir.Node, in []*tensor.Tensor) ([]int, error) {
	pads, axes := oldPads(n), []int(nil)
	var err error
	if t := opt(in, 1); t != nil {
		if pads, err = t.Ints(); err != nil {
			return nil, fmt.Errorf("pads: %w", err)
		}
	}
	if t := opt(in, 3); t != nil {
		if axes, err = t.Ints(); err != nil {
			return nil, fmt.Errorf("axes: %w", err)
		}
		if axes == nil {
			axes = []int{}
		}
	}
	return padsOfAxes(pads, axes, in[0].Rank())
}

func oldPads(n *ir.Node) []int {
	if pads := n.Attrs.Ints("pads"); pads != nil {
		return pads
	}
	return n.Attrs.Ints("paddings")
}

// padsOfAxes spreads the pads of some axes (nil: all) over all.
func padsOfAxes(pads, axes []int, rank int) ([]int, error) {
	k := rank
	if axes != nil {
		k = len(axes)
	}
	if len(pads) != 2*k {
		return nil, fmt.Errorf("%d pads are given for %d axes, which need %d", len(pads), k, 2*k)
	}
	if axes == nil {
		return pads, nil
	}
	axes, err := axesOf(axes, rank)
	if err != nil {
		return nil, err
	}
	all := make([]int, 2*rank)
	for i, a := range axes {
		all[a], all[rank+a] = pads[i], pads[k+i]
	}
	return all, nil
}

// padValue returns one element of the input's type: the input
// constant_value, the attribute value, or zero.
func padValue(n *ir.Node, in []*tensor.Tensor) (*tensor.Tensor, error) {
	if t := opt(in, 2); t != nil {
		if t.Len() != 1 || t.DType() != in[0].DType() {
			return nil, fmt.Errorf("the padding value is %v, not one %s", t, in[0].DType())
		}
		return t, nil
	}
	if v := n.Attrs.Float("value", 0); v != 0 {
		return tensor.Vector(v).Convert(in[0].DType())
	}
	return tensor.New(in[0].DType(), 1), nil
}

// padded returns the shape of the output and, for each of its elements, the
// place it comes from, -1 for a constant.
func padded(shape, pads []int, mode string) (at, out []int, err error) {
	out = make([]int, len(shape))
	for a, d := range shape {
		before, behind := pads[a], pads[len(shape)+a]
		if max(before, behind) > maxElements || min(before, behind) < -maxElements || d+before+behind < 0 {
			return nil, nil, fmt.Errorf("pads %d and %d do not fit the extent %d of axis %d", before, behind, d, a)
		}
		out[a] = d + before + behind
	}
	if n, err := checkSize(out); err != nil || n == 0 {
		return nil, out, err
	}
	at = []int{0}
	for a, stride := range stridesOf(shape) {
		index, err := padIndex(shape[a], pads[a], out[a], mode)
		if err != nil {
			return nil, nil, fmt.Errorf("axis %d: %w", a, err)
		}
		next := make([]int, 0, len(at)*len(index))
		for _, p := range at {
			for _, i := range index {
				if p < 0 || i < 0 {
					next = append(next, -1)
				} else {
					next = append(next, p+i*stride)
				}
			}
		}
		at = next
	}
	return at, out, nil
}

// padIndex lists, for the indices of a padded axis, those of the axis.
func padIndex(extent, before, n int, mode string) ([]int, error) {
	index := make([]int, n)
	for i := range index {
		index[i] = i - before
	}
	if mode == "constant" {
		for i, k := range index {
			if k < 0 || k >= extent {
				index[i] = -1
			}
		}
		return index, nil
	}
	if extent == 0 {
		return nil, fmt.Errorf("there is nothing to pad an empty axis with")
	}
	var inside func(k int) int
	switch mode {
	case "edge":
		inside = func(k int) int { return min(max(k, 0), extent-1) }
	case "wrap": // what negative pads leave goes round
		lo, hi := max(-before, 0), extent+min(n-extent-before, 0)
		if lo >= hi {
			return nil, fmt.Errorf("nothing is left to pad with")
		}
		inside = func(k int) int { return lo + int(floorModInt(int64(k-lo), int64(hi-lo))) }
	case "reflect":
		inside = func(k int) int { return reflected(k, extent) }
	default:
		return nil, fmt.Errorf("the mode %q is not known", mode)
	}
	for i, k := range index {
		index[i] = inside(k)
	}
	return index, nil
}

// reflected mirrors an index at the first and last elements, which are not
// repeated.
func reflected(k, extent int) int {
	if extent == 1 {
		return 0
	}
	period := 2 * (extent - 1)
	k = int(floorModInt(int64(k), int64(period)))
	return min(k, period-k)
}

func inferPad(n *ir.Node, in []Type) ([]Type, error) {
	out := Type{DType: in[0].DType}
	s := in[0].Shape
	if s == nil {
		return []Type{out}, nil
	}
	out.Shape = slices.Repeat(ir.Shape{ir.Symbol("")}, len(s))
	pads, axes := oldPads(n), []int(nil)
	known, axesKnown := true, true
	if n.Input(1) != ir.None {
		pads, known = opt(in, 1).Ints()
	}
	if n.Input(3) != ir.None {
		axes, axesKnown = opt(in, 3).Ints()
		if axes == nil {
			axes = []int{}
		}
	}
	if !known || !axesKnown {
		return []Type{out}, nil
	}
	pads, err := padsOfAxes(pads, axes, len(s))
	if err != nil {
		return nil, err
	}
	for a, d := range s {
		out.Shape[a] = addDims(d, dimOf(pads[a]+pads[len(s)+a]))
		if v, ok := dimNumber(out.Shape[a]); ok && v < 0 {
			return nil, fmt.Errorf("pads %d and %d do not fit the extent %d of axis %d", pads[a], pads[len(s)+a], d.N, a)
		}
	}
	return []Type{out}, nil
}

// padGrad cuts off what was put around a constant padding; other modes add the
// gradient to the elements that were repeated.
func padGrad(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	if n.Attrs.Str("mode", "constant") != "constant" {
		return moveGrad("Pad")(g, n, dy)
	}
	out := noGrads(n)
	if !g.Needs(0) {
		return out, nil
	}
	inputs := []ir.ValueID{dy[0]}
	if n.Input(1) == ir.None {
		inputs = append(inputs, g.Ints(mapTo(oldPads(n), func(p int) int { return -p })...))
	} else {
		inputs = append(inputs, g.Op("Neg", nil, n.Inputs[1]))
	}
	if n.Input(3) != ir.None {
		inputs = append(inputs, ir.None, n.Inputs[3])
	}
	out[0] = g.Op("Pad", nil, inputs...)
	return out, nil
}
