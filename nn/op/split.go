package op

import (
	"fmt"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// split cuts an axis into parts: of the sizes given (an input since opset 13,
// an attribute before), or into as many equal ones as there are outputs, the
// last one smaller where they do not divide.
var split = Op{
	Name: "Split", MinIn: 1, AnyType: true, moves: onlyFirst,
	Infer: inferSplit,
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		axis, err := axisOf(n.Attrs.Int("axis", 0), in[0].Rank())
		if err != nil {
			return nil, err
		}
		sizes := n.Attrs.Ints("split")
		if t := opt(in, 1); t != nil {
			if sizes, err = t.Ints(); err != nil {
				return nil, fmt.Errorf("split: %w", err)
			}
		}
		if sizes, err = partSizes(n, sizes, in[0].Dim(axis)); err != nil {
			return nil, err
		}
		out := make([]*tensor.Tensor, len(sizes))
		ranges := slices.Repeat([]span{whole}, in[0].Rank())
		start := 0
		for i, size := range sizes {
			ranges[axis] = span{start, start + size, 1}
			out[i] = cut(in[0], ranges)
			start += size
		}
		return out, nil
	},
	Grad: splitGrad,
}

// parts is how many outputs the node has.
func parts(n *ir.Node) int { return n.Attrs.Int("num_outputs", len(n.Outputs)) }

func partSizes(n *ir.Node, sizes []int, extent int) ([]int, error) {
	if sizes == nil {
		return equalParts(parts(n), extent)
	}
	sum := 0
	for _, s := range sizes {
		if s < 0 || s > extent-sum {
			return nil, fmt.Errorf("the parts %v do not make up the extent %d", sizes, extent)
		}
		sum += s
	}
	if sum != extent {
		return nil, fmt.Errorf("the parts %v do not make up the extent %d", sizes, extent)
	}
	return sizes, nil
}

func equalParts(k, extent int) ([]int, error) {
	if k < 1 || k > max(extent, 1) {
		return nil, fmt.Errorf("extent %d cannot be split into %d parts", extent, k)
	}
	size := (extent + k - 1) / k
	sizes := slices.Repeat([]int{size}, k)
	for i := range sizes {
		sizes[i] = min(size, max(0, extent-i*size))
	}
	return sizes, nil
}

func inferSplit(n *ir.Node, in []Type) ([]Type, error) {
	s := in[0].Shape
	sizes, known := n.Attrs.Ints("split"), true
	if n.Input(1) != ir.None {
		sizes, known = opt(in, 1).Ints()
	}
	out := slices.Repeat([]Type{{DType: in[0].DType}}, max(len(n.Outputs), len(sizes)))
	if s == nil {
		return out, nil
	}
	axis, err := axisOf(n.Attrs.Int("axis", 0), len(s))
	if err != nil {
		return nil, err
	}
	dims := slices.Repeat(ir.Shape{ir.Symbol("")}, len(out))
	switch {
	case s[axis].IsKnown() && known:
		if sizes, err = partSizes(n, sizes, s[axis].N); err != nil {
			return nil, err
		}
		out = slices.Repeat(out[:1:1], len(sizes))
		dims = ir.Dims(sizes...)
	case known && sizes != nil:
		dims = mapTo(sizes, dimOf)
	case known:
		dims = slices.Repeat(ir.Shape{divDims(s[axis], ir.Known(len(out)))}, len(out))
	}
	for i := range out {
		out[i].Shape = slices.Clone(s)
		out[i].Shape[axis] = dims[i]
	}
	return out, nil
}

func splitGrad(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	out := noGrads(n)
	if !g.Needs(0) {
		return out, nil
	}
	// A part that the node leaves out has no value whose shape zeros could take,
	// so that it is cut again.
	parts := n.Outputs
	if slices.Contains(parts, ir.None) {
		parts = g.splitAgain(n)
	}
	whole := make([]ir.ValueID, len(dy))
	for i, d := range dy {
		if whole[i] = d; d == ir.None {
			whole[i] = g.zerosLike(parts[i])
		}
	}
	out[0] = g.Op("Concat", ir.Pairs("axis", n.Attrs.Int("axis", 0)), whole...)
	return out, nil
}

// splitAgain appends a Split like n with all its parts, as the newest opset has
// it.
func (g *Grad) splitAgain(n *ir.Node) []ir.ValueID {
	axis := n.Attrs.Int("axis", 0)
	switch sizes := n.Attrs.Ints("split"); {
	case n.Input(1) != ir.None:
		return g.Node("", "Split", ir.Pairs("axis", axis), len(n.Outputs), n.Inputs...)
	case sizes != nil:
		return g.Node("", "Split", ir.Pairs("axis", axis), len(n.Outputs), n.Inputs[0], g.Ints(sizes...))
	}
	return g.Node("", "Split", ir.Pairs("axis", axis, "num_outputs", len(n.Outputs)), len(n.Outputs), n.Inputs[0])
}

// zerosLike appends zeros of the type and shape of a forward value.
func (g *Grad) zerosLike(v ir.ValueID) ir.ValueID {
	return g.Op("Expand", nil, g.scalar(0, v), g.Op("Shape", nil, v))
}
