package op

import (
	"fmt"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// splitToSequence cuts an axis into parts of one size, the last one smaller
// where it does not divide, or of the sizes given; without either into slices
// of extent 1, whose axis may be dropped.
var splitToSequence = Op{
	Name: "SplitToSequence", MinIn: 1, AnyType: true,
	Infer: inferSplitToSequence,
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		x := in[0]
		axis, err := axisOf(n.Attrs.Int("axis", 0), x.Rank())
		if err != nil {
			return nil, err
		}
		sizes, err := chunkSizes(opt(in, 1), x.Dim(axis))
		if err != nil {
			return nil, err
		}
		elems := make([]*tensor.Tensor, len(sizes))
		ranges := slices.Repeat([]span{whole}, x.Rank())
		start := 0
		for i, size := range sizes {
			ranges[axis] = span{start, start + size, 1}
			if elems[i] = cut(x, ranges); dropsAxis(n) {
				elems[i] = elems[i].Reshape(slices.Delete(slices.Clone(elems[i].Shape()), axis, axis+1)...)
			}
			start += size
		}
		return newSequence(elems)
	},
}

// dropsAxis reports whether the parts, all of extent 1, lose the axis.
func dropsAxis(n *ir.Node) bool { return n.Input(1) == ir.None && !n.Attrs.Bool("keepdims", true) }

// chunkSizes returns the extents of the parts of an axis.
func chunkSizes(split *tensor.Tensor, extent int) ([]int, error) {
	size := 1
	if split != nil {
		v, err := split.Ints()
		if err != nil || split.Rank() > 1 {
			return nil, fmt.Errorf("split must be one integer or a vector of them, not %v", split)
		}
		if split.Rank() == 1 {
			if len(v) > maxSequence {
				return nil, fmt.Errorf("%d parts are more than %d", len(v), maxSequence)
			}
			return partSizes(nil, append([]int{}, v...), extent)
		}
		if size = v[0]; size < 1 {
			return nil, fmt.Errorf("the parts cannot have the extent %d", size)
		}
	}
	count := (extent-1)/size + 1
	if extent == 0 {
		count = 0
	}
	if count > maxSequence {
		return nil, fmt.Errorf("extent %d would be split into more than %d parts", extent, maxSequence)
	}
	sizes := slices.Repeat([]int{size}, count)
	if count > 0 {
		sizes[count-1] = extent - (count-1)*size
	}
	return sizes, nil
}

func inferSplitToSequence(n *ir.Node, in []Type) ([]Type, error) {
	elem := Type{DType: in[0].DType}
	s := in[0].Shape
	if s == nil {
		return []Type{sequenceType(ir.Symbol(""), &elem)}, nil
	}
	axis, err := axisOf(n.Attrs.Int("axis", 0), len(s))
	if err != nil {
		return nil, err
	}
	count, extent := ir.Symbol(""), ir.Symbol("")
	split := opt(in, 1)
	switch {
	case n.Input(1) == ir.None:
		count, extent = s[axis], ir.Known(1)
	case s[axis].IsKnown() && split.Value != nil:
		sizes, err := chunkSizes(split.Value, s[axis].N)
		if err != nil {
			return nil, err
		}
		if count = ir.Known(len(sizes)); len(sizes) > 0 && slices.Min(sizes) == slices.Max(sizes) {
			extent = ir.Known(sizes[0])
		}
	case len(split.Shape) == 1:
		count = split.Shape[0]
	}
	elem.Shape = slices.Clone(s)
	if elem.Shape[axis] = extent; dropsAxis(n) {
		elem.Shape = slices.Delete(elem.Shape, axis, axis+1)
	}
	return []Type{sequenceType(count, &elem)}, nil
}

// concatFromSequence concatenates along an axis, or stacks along a new one.
var concatFromSequence = Op{
	Name: "ConcatFromSequence", MinIn: 1, AnyType: true, Containers: true,
	Infer: inferConcatFromSequence,
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		elems, err := sequenceOf(in[0])
		if err != nil {
			return nil, err
		}
		if len(elems) == 0 {
			return nil, fmt.Errorf("there is nothing to concatenate in an empty sequence")
		}
		axis, fresh := n.Attrs.Int("axis", 0), n.Attrs.Bool("new_axis", false)
		if !fresh {
			return concatenate(elems, axis)
		}
		if axis, err = axisOf(axis, elems[0].Rank()+1); err != nil {
			return nil, err
		}
		rows := make([]*tensor.Tensor, len(elems))
		for i, t := range elems {
			if err := needShape(fmt.Sprintf("element %d", i), t.Shape(), elems[0].Shape()); err != nil {
				return nil, err
			}
			rows[i] = t.Reshape(slices.Insert(slices.Clone(t.Shape()), axis, 1)...)
		}
		return concatenate(rows, axis)
	},
}

func inferConcatFromSequence(n *ir.Node, in []Type) ([]Type, error) {
	length, err := lengthOf(in[0])
	if err != nil {
		return nil, err
	}
	elem := in[0].element()
	out := Type{DType: elem.DType}
	if elem.Shape == nil {
		return []Type{out}, nil
	}
	axis := n.Attrs.Int("axis", 0)
	if n.Attrs.Bool("new_axis", false) {
		if axis, err = axisOf(axis, len(elem.Shape)+1); err != nil {
			return nil, err
		}
		out.Shape = slices.Insert(slices.Clone(elem.Shape), axis, length)
		return []Type{out}, nil
	}
	if axis, err = axisOf(axis, len(elem.Shape)); err != nil {
		return nil, err
	}
	out.Shape = slices.Clone(elem.Shape)
	out.Shape[axis] = mulDims(length, elem.Shape[axis])
	if in[0].Value != nil { // what holds for all of them says less
		out.Shape[axis] = ir.Known(0)
		for _, t := range in[0].Value.Elements() {
			out.Shape[axis] = addDims(out.Shape[axis], ir.Known(t.Dim(axis)))
		}
	}
	return []Type{out}, nil
}
