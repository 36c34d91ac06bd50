package op

import (
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// unique finds the distinct elements, or slices of an axis, sorted or in the
// order they come in. Outputs: them, where each first occurs, which of them
// each input is, and how often each occurs.
var unique = Op{
	Name: "Unique", MinIn: 1, AnyType: true, Grad: zeroGrad,
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		list := Type{DType: tensor.Int64, Shape: ir.Shape{ir.Symbol("")}}
		out := Type{DType: in[0].DType, Shape: list.Shape}
		if n.Attrs.Has("axis") {
			if out.Shape = slices.Clone(in[0].Shape); out.Shape != nil {
				axis, err := axisOf(n.Attrs.Int("axis", 0), len(out.Shape))
				if err != nil {
					return nil, err
				}
				out.Shape[axis] = ir.Symbol("")
			}
		}
		return []Type{out, list, list, list}, nil
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		x := in[0]
		if !n.Attrs.Has("axis") {
			x = x.Reshape(x.Len())
		}
		axis, err := axisOf(n.Attrs.Int("axis", 0), x.Rank())
		if err != nil {
			return nil, err
		}
		u, err := findUnique(x, axis, n.Attrs.Bool("sorted", true))
		if err != nil {
			return nil, err
		}
		shape := slices.Clone(x.Shape())
		shape[axis] = len(u.first)
		out, err := takeAs(x, shape, func() ([]int, int) { return alongAxis(x.Shape(), axis, u.first) })
		if err != nil {
			return nil, err
		}
		for _, list := range [][]int{u.first, u.which, u.counts} {
			out = append(out, tensor.Vector(mapTo(list, func(i int) int64 { return int64(i) })...))
		}
		return out, nil
	},
}

// A uniques holds indices of slices: the first of each kind, the kind of each
// slice, and how many there are of each kind.
type uniques struct{ first, which, counts []int }

func findUnique(x *tensor.Tensor, axis int, sorted bool) (uniques, error) {
	compare, err := sliceComparer(x, axis)
	if err != nil {
		return uniques{}, err
	}
	order := make([]int, x.Dim(axis))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, compare)
	u := uniques{which: make([]int, len(order))}
	for k, i := range order {
		if k == 0 || compare(order[k-1], i) != 0 {
			u.first, u.counts = append(u.first, i), append(u.counts, 0)
		}
		u.which[i] = len(u.first) - 1
		u.counts[len(u.counts)-1]++
	}
	if !sorted {
		u.inOrder()
	}
	return u, nil
}

// inOrder renumbers the kinds by where they first occur.
func (u *uniques) inOrder() {
	byPlace := make([]int, len(u.first))
	for i := range byPlace {
		byPlace[i] = i
	}
	slices.SortFunc(byPlace, func(a, b int) int { return u.first[a] - u.first[b] })
	rank := make([]int, len(byPlace))
	for to, from := range byPlace {
		rank[from] = to
	}
	u.first, u.counts = permuted(u.first, byPlace), permuted(u.counts, byPlace)
	u.which = mapTo(u.which, func(k int) int { return rank[k] })
}

// sliceComparer compares slices i and j of an axis element by element.
func sliceComparer(x *tensor.Tensor, axis int) (func(i, j int) int, error) {
	order, err := elementOrder(x)
	if err != nil {
		return nil, err
	}
	outer, n, inner := around(x.Shape(), axis)
	return func(i, j int) int {
		for o := range outer {
			for k := range inner {
				if c := order((o*n+i)*inner+k, (o*n+j)*inner+k); c != 0 {
					return c
				}
			}
		}
		return 0
	}, nil
}

// elementOrder is ordering from the smallest on, for strings too.
func elementOrder(x *tensor.Tensor) (func(p, q int) int, error) {
	switch x.DType() {
	case tensor.String:
		return compareSlice(tensor.Data[string](x)), nil
	case tensor.Float16, tensor.BFloat16:
		wide, err := x.Convert(tensor.Float32)
		if err != nil {
			return nil, err
		}
		x = wide
	}
	return ordering(x, false)
}
