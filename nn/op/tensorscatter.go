package op

import (
	"fmt"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

var cacheOps = []Op{tensorScatter, tensorGather, det}

// tensorScatter writes updates into a cache of keys or values along an axis,
// for each batch from its index on; in mode circular it goes on at the start
// behind the end. Inputs: cache, updates, indices [batch].
var tensorScatter = Op{
	Name: "TensorScatter", MinIn: 2, AnyType: true, Infer: sameType,
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		cache, update := in[0], in[1]
		if err := sameElements(cache, update); err != nil {
			return nil, err
		}
		axis, err := axisOf(n.Attrs.Int("axis", -2), cache.Rank())
		if err != nil {
			return nil, err
		}
		if err := alike(cache.Shape(), update.Shape(), axis); err != nil {
			return nil, err
		}
		if axis == 0 || update.Dim(axis) > cache.Dim(axis) {
			return nil, fmt.Errorf("updates %v do not fit a cache %v along axis %d", update, cache, axis)
		}
		starts, err := writeIndices(opt(in, 2), cache.Dim(0))
		if err != nil {
			return nil, err
		}
		at, run, err := cachePlaces(cache.Shape(), update.Shape(), axis, starts, n.Attrs.Str("mode", "linear") == "circular")
		if err != nil {
			return nil, err
		}
		return put(&ir.Node{}, cache, at, run, update)
	},
	Grad: func(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
		out := noGrads(n)
		if g.Needs(0) { // nothing of what was overwritten
			inputs := append([]ir.ValueID{dy[0], g.zerosLike(n.Inputs[1])}, n.Inputs[2:]...)
			out[0] = g.Op("TensorScatter", n.Attrs, inputs...)
		}
		if g.Needs(1) {
			out[1] = g.Node(Domain, "TensorGather", n.Attrs, 1, append([]ir.ValueID{dy[0]}, n.Inputs[1:]...)...)[0]
		}
		return out, nil
	},
}

// tensorGather reads what tensorScatter writes: the gradient of the updates.
// Inputs: cache, updates for their shape, indices.
var tensorGather = Op{
	Name: "TensorGather", Domain: Domain, MinIn: 2, AnyType: true,
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		return []Type{{DType: in[0].DType, Shape: in[1].Shape}}, nil
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		axis, err := axisOf(n.Attrs.Int("axis", -2), in[0].Rank())
		if err == nil {
			err = alike(in[0].Shape(), in[1].Shape(), axis)
		}
		if err == nil && axis == 0 {
			err = fmt.Errorf("the batch is no axis to gather along")
		}
		if err != nil {
			return nil, err
		}
		starts, err := writeIndices(opt(in, 2), in[0].Dim(0))
		if err != nil {
			return nil, err
		}
		at, run, err := cachePlaces(in[0].Shape(), in[1].Shape(), axis, starts, n.Attrs.Str("mode", "linear") == "circular")
		if err != nil {
			return nil, err
		}
		return takeAs(in[0], in[1].Shape(), func() ([]int, int) { return at, run })
	},
}

func writeIndices(t *tensor.Tensor, batch int) ([]int, error) {
	if t == nil {
		return make([]int, batch), nil
	}
	v, err := t.Ints()
	if err == nil && len(v) != batch {
		err = fmt.Errorf("%d indices for a batch of %d", len(v), batch)
	}
	return v, err
}

// cachePlaces lists where in the cache each run of the updates goes.
func cachePlaces(cache, update []int, axis int, starts []int, circular bool) (at []int, run int, err error) {
	if slices.Contains(update, 0) {
		return nil, 0, nil
	}
	outer, extent, run := around(cache, axis)
	for o := range outer {
		start := starts[o/(outer/cache[0])]
		if start < 0 || !circular && start > extent-update[axis] || start > 1<<40 {
			return nil, 0, fmt.Errorf("%d updates do not fit at index %d of %d", update[axis], start, extent)
		}
		for i := range update[axis] {
			at = append(at, (o*extent+(start+i)%extent)*run)
		}
	}
	return at, run, nil
}
