package op

import (
	"fmt"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// concat lays its inputs behind each other along an axis (1 by default before
// opset 4, which had it optional).
var concat = Op{
	Name: "Concat", MinIn: 1, AnyType: true, moves: everyInput,
	Infer: inferConcat,
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		if slices.Contains(in, nil) {
			return nil, fmt.Errorf("an input is missing")
		}
		if err := sameElements(in...); err != nil {
			return nil, err
		}
		return concatenate(in, n.Attrs.Int("axis", 1))
	},
	Grad: concatGrad,
}

// concatenate lays tensors of one element type behind each other.
func concatenate(in []*tensor.Tensor, axis int) ([]*tensor.Tensor, error) {
	axis, err := axisOf(axis, in[0].Rank())
	if err != nil {
		return nil, err
	}
	shape := slices.Clone(in[0].Shape())
	shape[axis] = 0
	for i, t := range in {
		if err := alike(in[0].Shape(), t.Shape(), axis); err != nil {
			return nil, fmt.Errorf("input %d: %w", i, err)
		}
		shape[axis] += t.Dim(axis)
	}
	if n, err := checkSize(shape); err != nil || n == 0 {
		return emptyOf(in[0].DType(), shape, err)
	}
	return one(stack(in, shape, axis))
}

// alike errs unless two shapes differ at one axis at most.
func alike(a, b []int, axis int) error {
	if len(a) != len(b) {
		return fmt.Errorf("shapes %v and %v differ in rank", a, b)
	}
	for i := range a {
		if i != axis && a[i] != b[i] {
			return fmt.Errorf("shapes %v and %v differ at axis %d too", a, b, i)
		}
	}
	return nil
}

func stack(in []*tensor.Tensor, shape []int, axis int) *tensor.Tensor {
	out := tensor.New(in[0].DType(), shape...)
	outer, _, _ := around(shape, axis)
	at := 0
	for o := range outer {
		for _, t := range in {
			run := product(t.Shape()[axis:])
			out.CopyRange(at, t, o*run, run)
			at += run
		}
	}
	return out
}

func inferConcat(n *ir.Node, in []Type) ([]Type, error) {
	out := Type{DType: in[0].DType}
	for _, t := range in {
		if t.Shape == nil {
			return []Type{out}, nil
		}
	}
	first := in[0].Shape
	axis, err := axisOf(n.Attrs.Int("axis", 1), len(first))
	if err != nil {
		return nil, err
	}
	out.Shape = slices.Clone(first)
	for i, t := range in[1:] {
		if len(t.Shape) != len(first) {
			return nil, fmt.Errorf("input %d has shape %v, which differs in rank from %v", i+1, t.Shape, first)
		}
		for a, d := range t.Shape {
			switch {
			case a == axis:
				out.Shape[a] = addDims(out.Shape[a], d)
			case !out.Shape[a].IsKnown():
				out.Shape[a] = betterDim(out.Shape[a], d)
			case d.IsKnown() && d != out.Shape[a]:
				return nil, fmt.Errorf("input %d has shape %v, which does not fit %v", i+1, t.Shape, first)
			}
		}
	}
	return []Type{out}, nil
}

// betterDim returns, of two Dims for one extent, the one that tells more.
func betterDim(a, b ir.Dim) ir.Dim {
	if a.IsKnown() || !b.IsKnown() && a.Sym != "" {
		return a
	}
	return b
}

// concatGrad splits the gradient as the inputs were sized.
func concatGrad(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	axis := n.Attrs.Int("axis", 1)
	parts := g.Node("", "Split", ir.Pairs("axis", axis), len(n.Inputs), dy[0], g.sizesAlong(axis, n.Inputs))
	for i := range parts {
		if !g.Needs(i) {
			parts[i] = ir.None
		}
	}
	return parts, nil
}

// sizesAlong is the vector of the values' extents along an axis.
func (g *Grad) sizesAlong(axis int, values []ir.ValueID) ir.ValueID {
	var known []int
	for _, v := range values {
		s := g.Type(v).Shape
		if a, err := axisOf(axis, len(s)); err == nil && s[a].IsKnown() {
			known = append(known, s[a].N)
		}
	}
	if len(known) == len(values) {
		return g.Ints(known...)
	}
	sizes := mapTo(values, func(v ir.ValueID) ir.ValueID {
		return g.Op("Gather", nil, g.Op("Shape", nil, v), g.Ints(axis))
	})
	return g.Op("Concat", ir.Pairs("axis", 0), sizes...)
}
