package op

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

var selectOps = []Op{
	where, nonZero, topK, unique, trilu, depthToSpace, spaceToDepth, reverseSequence,
}

// nonZero lists the indices of the elements that are not zero: [rank, count].
var nonZero = Op{
	Name: "NonZero", MinIn: 1, Grad: zeroGrad,
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		rank := ir.Symbol("")
		if in[0].Shape != nil {
			rank = ir.Known(len(in[0].Shape))
		}
		return []Type{{DType: tensor.Int64, Shape: ir.Shape{rank, ir.Symbol("")}}}, nil
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		v, err := in[0].Floats()
		if err != nil {
			return nil, err
		}
		var found []int
		for i, x := range v {
			if x != 0 {
				found = append(found, i)
			}
		}
		shape := in[0].Shape()
		out := make([]int64, 0, len(shape)*len(found))
		for a, stride := range stridesOf(shape) {
			for _, i := range found {
				out = append(out, int64(i/stride%shape[a]))
			}
		}
		return one(tensor.Of(out, len(shape), len(found)))
	},
}

// topK returns the k largest, or smallest, elements along an axis in order,
// and their indices; of equal ones the first come first.
var topK = Op{
	Name: "TopK", MinIn: 1,
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		out := []Type{{DType: in[0].DType}, {DType: tensor.Int64}}
		if in[0].Shape == nil {
			return out, nil
		}
		axis, err := axisOf(n.Attrs.Int("axis", -1), len(in[0].Shape))
		if err != nil {
			return nil, err
		}
		k := ir.Symbol("")
		if n.Input(1) == ir.None {
			k = dimOf(n.Attrs.Int("k", -1))
		} else if d := opt(in, 1).Dims(); len(d) == 1 {
			k = d[0]
		}
		if v, ok := dimNumber(k); ok && (v < 0 || in[0].Shape[axis].IsKnown() && v > in[0].Shape[axis].N) {
			return nil, fmt.Errorf("k is %d for extent %v", v, in[0].Shape[axis])
		}
		for i := range out {
			out[i].Shape = slices.Clone(in[0].Shape)
			out[i].Shape[axis] = k
		}
		return out, nil
	},
	Eval: evalTopK,
	Grad: func(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
		out := noGrads(n)
		if g.Needs(0) && dy[0] != ir.None {
			axis := ir.Pairs("axis", n.Attrs.Int("axis", -1))
			if n.Output(1) == ir.None {
				return nil, fmt.Errorf("the indices are needed to send the gradient back, and this node does not output them")
			}
			out[0] = g.Op("ScatterElements", axis, g.zerosLike(n.Inputs[0]), n.Outputs[1], dy[0])
		}
		return out, nil
	},
}

func evalTopK(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	x := in[0]
	axis, err := axisOf(n.Attrs.Int("axis", -1), x.Rank())
	if err != nil {
		return nil, err
	}
	k := []int{n.Attrs.Int("k", -1)}
	if t := opt(in, 1); t != nil {
		if k, err = t.Ints(); err != nil {
			return nil, fmt.Errorf("k: %w", err)
		}
	}
	if len(k) != 1 || k[0] < 0 || k[0] > x.Dim(axis) {
		return nil, fmt.Errorf("k is %v for extent %d", k, x.Dim(axis))
	}
	order, err := ordering(x, n.Attrs.Bool("largest", true))
	if err != nil {
		return nil, err
	}
	r, err := newReducer(x.Shape(), []int{axis})
	if err != nil {
		return nil, err
	}
	shape := slices.Clone(x.Shape())
	shape[axis] = k[0]
	outer, _, inner := around(shape, axis)
	at := make([]int, outer*k[0]*inner)
	index := make([]int64, len(at))
	for g, start := range r.starts {
		places := mapTo(r.steps, func(step int) int { return start + step })
		slices.SortStableFunc(places, order)
		for i, p := range places[:k[0]] {
			to := (g/inner*k[0]+i)*inner + g%inner
			at[to], index[to] = p, int64(p/inner%x.Dim(axis))
		}
	}
	return []*tensor.Tensor{x.Take(at, 1, shape...), tensor.Of(index, shape...)}, nil
}

// ordering compares the elements at two places, the one to come first being
// less. NaN counts as the largest.
func ordering(t *tensor.Tensor, largestFirst bool) (func(p, q int) int, error) {
	compare, err := comparer(t)
	if err != nil {
		return nil, err
	}
	sign := 1
	if largestFirst {
		sign = -1
	}
	isNaN := func(p int) int {
		if compare(p, p) == unordered {
			return 1
		}
		return 0
	}
	return func(p, q int) int {
		c := compare(p, q)
		if c == unordered {
			c = cmp.Compare(isNaN(p), isNaN(q))
		}
		return sign * c
	}, nil
}
