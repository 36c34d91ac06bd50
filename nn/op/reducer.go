package op

import (
	"fmt"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A reducer says which elements make a group: output i is made of those at
// starts[i]+steps[0], starts[i]+steps[1], ...
type reducer struct {
	in            []int
	reduced       []bool // by axis
	starts, steps []int
}

// reducing reads the axes of a node that reduces a tensor of the given shape.
func reducing(n *ir.Node, shape []int, axesInput *tensor.Tensor) (reducer, error) {
	var given []int
	if axesInput != nil {
		var err error
		if given, err = axesInput.Ints(); err != nil {
			return reducer{}, fmt.Errorf("axes: %w", err)
		}
	}
	axes, err := reducedAxes(n, len(shape), given)
	if err != nil {
		return reducer{}, err
	}
	return newReducer(shape, axes)
}

func newReducer(shape, axes []int) (reducer, error) {
	r := reducer{in: shape, reduced: make([]bool, len(shape))}
	for _, a := range axes {
		r.reduced[a] = true
	}
	if _, err := checkSize(r.shape(true)); err != nil {
		return r, err
	}
	var outer, outerStrides, inner, innerStrides []int
	for a, stride := range stridesOf(shape) {
		if r.reduced[a] {
			inner, innerStrides = append(inner, shape[a]), append(innerStrides, stride)
		} else {
			outer, outerStrides = append(outer, shape[a]), append(outerStrides, stride)
		}
	}
	r.starts, r.steps = offsets(outer, 0, outerStrides), offsets(inner, 0, innerStrides)
	return r, nil
}

// reducedAxes resolves axes given as an input or as the attribute (before
// opset 18; ReduceSum, 13). None means all, or with noop_with_empty_axes none.
func reducedAxes(n *ir.Node, rank int, given []int) ([]int, error) {
	if given == nil {
		given = n.Attrs.Ints("axes")
	}
	if len(given) == 0 {
		if n.Attrs.Bool("noop_with_empty_axes", false) {
			return nil, nil
		}
		given = make([]int, rank)
		for i := range given {
			given[i] = i
		}
	}
	return axesOf(given, rank)
}

// shape is that of the output.
func (r reducer) shape(keep bool) []int {
	out := []int{}
	for a, d := range r.in {
		switch {
		case !r.reduced[a]:
			out = append(out, d)
		case keep:
			out = append(out, 1)
		}
	}
	return out
}
