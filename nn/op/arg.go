package op

import (
	"fmt"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

var argOps = []Op{
	argExtreme("ArgMax", func(c int) bool { return c > 0 }),
	argExtreme("ArgMin", func(c int) bool { return c < 0 }),
}

// argExtreme makes the operator that finds the index of the extreme element
// along an axis: the first one, or with select_last_index the last. NaN is
// more extreme than any number, as in NumPy. better judges a comparison.
func argExtreme(name string, better func(int) bool) Op {
	return Op{
		Name: name, MinIn: 1, Grad: zeroGrad,
		Infer: func(n *ir.Node, in []Type) ([]Type, error) {
			out := Type{DType: tensor.Int64}
			if in[0].Shape == nil {
				return []Type{out}, nil
			}
			axis, err := axisOf(n.Attrs.Int("axis", 0), len(in[0].Shape))
			if err == nil {
				out.Shape = reducedDims(in[0].Shape, []int{axis}, n.Attrs.Bool("keepdims", true))
			}
			return []Type{out}, err
		},
		Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
			axis, err := axisOf(n.Attrs.Int("axis", 0), in[0].Rank())
			if err != nil {
				return nil, err
			}
			if in[0].Dim(axis) == 0 {
				return nil, fmt.Errorf("axis %d has no elements to choose from", axis)
			}
			cmp, err := comparer(in[0])
			if err != nil {
				return nil, err
			}
			r, err := newReducer(in[0].Shape(), []int{axis})
			if err != nil {
				return nil, err
			}
			last := n.Attrs.Bool("select_last_index", false)
			index := mapTo(r.starts, func(start int) int64 { return r.argExtreme(start, cmp, better, last) })
			return one(tensor.Of(index, r.shape(n.Attrs.Bool("keepdims", true))...))
		},
	}
}

// argExtreme returns the place of the extreme element of one group.
func (r reducer) argExtreme(start int, cmp func(i, j int) int, better func(int) bool, last bool) int64 {
	best := 0
	for k, step := range r.steps {
		at := start + r.steps[best]
		if cmp(at, at) != 0 { // NaN: nothing beats it
			if last && cmp(start+step, start+step) != 0 {
				best = k
			}
			continue
		}
		c := cmp(start+step, at)
		if better(c) || c == unordered || last && c == 0 {
			best = k
		}
	}
	return int64(best)
}

// unordered is the result of comparing NaN with anything.
const unordered = 2

// comparer returns a function that compares elements i and j of t: negative,
// 0, positive, or unordered.
func comparer(t *tensor.Tensor) (func(i, j int) int, error) {
	switch t.DType() {
	case tensor.Float32:
		return compareIn[float32](t), nil
	case tensor.Float64:
		return compareIn[float64](t), nil
	case tensor.Uint64:
		return compareIn[uint64](t), nil
	case tensor.String:
		return nil, errElements(t)
	}
	v, err := t.Ints()
	if err != nil {
		return nil, errElements(t)
	}
	return compareSlice(v), nil
}

func compareIn[T number](t *tensor.Tensor) func(i, j int) int {
	return compareSlice(tensor.Data[T](t))
}

func compareSlice[T number | int | string](x []T) func(i, j int) int {
	return func(i, j int) int {
		switch a, b := x[i], x[j]; {
		case a < b:
			return -1
		case a > b:
			return 1
		case a == b:
			return 0
		}
		return unordered
	}
}
