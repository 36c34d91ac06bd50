package op

import (
	"fmt"
	"math"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

var sliceOps = []Op{slice, split, concat, pad, dropout}

// slice cuts a range out of each axis named: from start to before end, counted
// from the end where negative, in steps that may go backwards. Ranges are
// clamped. Before opset 10 the ranges are attributes, without steps.
var slice = Op{
	Name: "Slice", MinIn: 1, AnyType: true, moves: onlyFirst, Grad: moveGrad("Slice"),
	Infer: inferSlice,
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		var lists [4][]int
		for i, name := range sliceInputs {
			lists[i] = n.Attrs.Ints(name)
			if t := opt(in, i+1); t != nil {
				var err error
				if lists[i], err = t.Ints(); err != nil {
					return nil, fmt.Errorf("%s: %w", name, err)
				}
			}
		}
		ranges, err := rangesOf(lists, in[0].Rank())
		if err != nil {
			return nil, err
		}
		return one(cut(in[0], ranges))
	},
}

var sliceInputs = [4]string{"starts", "ends", "axes", "steps"}

// A span is a range of one axis.
type span struct{ start, end, step int }

var whole = span{0, math.MaxInt, 1}

// rangesOf returns the range of every axis.
func rangesOf(lists [4][]int, rank int) ([]span, error) {
	starts, ends, axes, steps := lists[0], lists[1], lists[2], lists[3]
	if len(starts) != len(ends) || axes != nil && len(axes) != len(starts) || steps != nil && len(steps) != len(starts) {
		return nil, fmt.Errorf("starts %v, ends %v, axes %v and steps %v differ in length", starts, ends, axes, steps)
	}
	if axes == nil {
		if len(starts) > rank {
			return nil, fmt.Errorf("%d ranges for %d axes", len(starts), rank)
		}
		for a := range starts {
			axes = append(axes, a)
		}
	}
	axes, err := axesOf(axes, rank)
	if err != nil {
		return nil, err
	}
	ranges := slices.Repeat([]span{whole}, rank)
	for i, a := range axes {
		s := span{starts[i], ends[i], 1}
		if steps != nil {
			s.step = steps[i]
		}
		if s.step == 0 {
			return nil, fmt.Errorf("a step of 0 along axis %d", a)
		}
		ranges[a] = s
	}
	return ranges, nil
}

// within resolves a range against an extent: where it starts and how many
// elements it takes.
func (s span) within(n int) (start, count int) {
	lo, hi := 0, n // where start and end may lie
	if s.step < 0 {
		lo, hi = -1, n-1
	}
	resolve := func(v int) int {
		if v < 0 {
			v += n
		}
		return min(max(v, lo), hi)
	}
	start, end := resolve(s.start), resolve(s.end)
	length, step := end-start, s.step
	if step < 0 {
		length, step = -length, -max(step, -math.MaxInt)
	}
	if length <= 0 {
		return start, 0
	}
	return start, (length-1)/step + 1
}

// cut takes the ranges out of t.
func cut(t *tensor.Tensor, ranges []span) *tensor.Tensor {
	shape := slices.Clone(t.Shape())
	strides := stridesOf(shape)
	from := 0
	for a, s := range ranges {
		start, count := s.within(shape[a])
		from += start * strides[a]
		strides[a] *= s.step
		shape[a] = count
	}
	return strided(t, from, shape, strides)
}

func inferSlice(n *ir.Node, in []Type) ([]Type, error) {
	out := Type{DType: in[0].DType}
	if in[0].Shape == nil {
		return []Type{out}, nil
	}
	out.Shape = slices.Repeat(ir.Shape{ir.Symbol("")}, len(in[0].Shape))
	var lists [4][]int
	for i, name := range sliceInputs {
		lists[i] = n.Attrs.Ints(name)
		if n.Input(i+1) == ir.None {
			continue
		}
		var known bool
		if lists[i], known = opt(in, i+1).Ints(); !known {
			return inferSlicePart(n, in, out)
		}
	}
	ranges, err := rangesOf(lists, len(out.Shape))
	if err != nil {
		return nil, err
	}
	for a, s := range ranges {
		out.Shape[a] = s.dim(in[0].Shape[a])
	}
	return []Type{out}, nil
}

// inferSlicePart keeps the axes that are not named when the ranges are not
// known.
func inferSlicePart(n *ir.Node, in []Type, out Type) ([]Type, error) {
	axes, known := opt(in, 3).Ints()
	if n.Input(3) == ir.None || !known {
		return []Type{out}, nil
	}
	axes, err := axesOf(axes, len(out.Shape))
	if err != nil {
		return nil, err
	}
	for a, d := range in[0].Shape {
		if !slices.Contains(axes, a) {
			out.Shape[a] = d
		}
	}
	return []Type{out}, nil
}

// dim is what the range leaves of an extent.
func (s span) dim(d ir.Dim) ir.Dim {
	if d.IsKnown() {
		_, count := s.within(d.N)
		return ir.Known(count)
	}
	if s.start == 0 && s.end >= math.MaxInt32 && s.step == 1 {
		return d // exporters write such an end for "to the last"
	}
	return ir.Symbol("")
}
