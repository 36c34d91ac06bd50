package op

import (
	"fmt"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

var scatterOps = []Op{scatterElements("ScatterElements"), scatterElements("Scatter"), scatterND}

// scatterElements puts single elements where indices say along an axis; the
// attribute reduction combines them with what is there. Scatter is its name
// before opset 11.
func scatterElements(name string) Op {
	return Op{
		Name: name, MinIn: 3, AnyType: true, Infer: sameType,
		Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
			at, err := elementPlaces(n, in[0].Shape(), in[1])
			if err != nil {
				return nil, err
			}
			if !slices.Equal(in[1].Shape(), in[2].Shape()) {
				return nil, fmt.Errorf("indices %v and updates %v differ in shape", in[1], in[2])
			}
			return put(n, in[0], at, 1, in[2])
		},
		Grad: scatterGrad("GatherElements", func(n *ir.Node) ir.Attrs {
			return ir.Pairs("axis", n.Attrs.Int("axis", 0))
		}),
	}
}

// scatterND puts slices where index tuples say.
var scatterND = Op{
	Name: "ScatterND", MinIn: 3, AnyType: true, Infer: sameType,
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		at, run, err := tuplePlaces(in[0].Shape(), in[1], 0)
		if err != nil {
			return nil, err
		}
		index := in[1].Shape()
		last := len(index) - 1
		want := slices.Concat(index[:last], in[0].Shape()[index[last]:])
		if !slices.Equal(in[2].Shape(), want) {
			return nil, fmt.Errorf("updates have shape %v, not %v", in[2].Shape(), want)
		}
		return put(n, in[0], at, run, in[2])
	},
	Grad: scatterGrad("GatherND", func(*ir.Node) ir.Attrs { return nil }),
}

// put returns x with the runs of updates put at the given places one after
// another, by the node's reduction.
func put(n *ir.Node, x *tensor.Tensor, at []int, run int, updates *tensor.Tensor) ([]*tensor.Tensor, error) {
	if err := sameElements(x, updates); err != nil {
		return nil, err
	}
	out := x.Clone()
	if updates.Len() == 0 {
		return one(out)
	}
	var k arith
	switch r := n.Attrs.Str("reduction", "none"); r {
	case "none", "":
		for i, p := range at {
			out.CopyRange(p, updates, i*run, run)
		}
		return one(out)
	case "add":
		k = arithAdd
	case "mul":
		k = arithMul
	case "max":
		k = arithMax
	case "min":
		k = arithMin
	default:
		return nil, fmt.Errorf("the reduction %q is not known", r)
	}
	return putBy(k, out, at, run, updates)
}

// putBy combines in float32 what 16 bits hold: ScatterElements moves any type,
// so it is not widened before.
func putBy(k arith, out *tensor.Tensor, at []int, run int, updates *tensor.Tensor) ([]*tensor.Tensor, error) {
	narrow := out.DType()
	if narrow == tensor.Float16 || narrow == tensor.BFloat16 {
		var err error
		if out, err = out.Convert(tensor.Float32); err != nil {
			return nil, err
		}
		if updates, err = updates.Convert(tensor.Float32); err != nil {
			return nil, err
		}
	}
	switch out.DType() {
	case tensor.Float32:
		putAs[float32](k.f, out, at, run, updates)
	case tensor.Float64:
		putAs[float64](k.f, out, at, run, updates)
	case tensor.Int8:
		putAs[int8](k.i, out, at, run, updates)
	case tensor.Int16:
		putAs[int16](k.i, out, at, run, updates)
	case tensor.Int32:
		putAs[int32](k.i, out, at, run, updates)
	case tensor.Int64:
		putAs[int64](k.i, out, at, run, updates)
	case tensor.Uint8:
		putAs[uint8](k.u, out, at, run, updates)
	case tensor.Uint16:
		putAs[uint16](k.u, out, at, run, updates)
	case tensor.Uint32:
		putAs[uint32](k.u, out, at, run, updates)
	case tensor.Uint64:
		putAs[uint64](k.u, out, at, run, updates)
	default:
		return nil, errElements(out)
	}
	out, err := out.Convert(narrow)
	if err != nil {
		return nil, err
	}
	return one(out)
}

func putAs[T, W number](f func(a, b W) W, out *tensor.Tensor, at []int, run int, updates *tensor.Tensor) {
	y, u := tensor.Data[T](out), tensor.Data[T](updates)
	for i, p := range at {
		for e := range run {
			y[p+e] = T(f(W(y[p+e]), W(u[i*run+e])))
		}
	}
}

// scatterGrad is the rule of an operator that puts updates (input 2) at places
// (input 1): they get the gradient from there, by the operator that takes
// elements from such places, and the rest of the data keeps its own. Adding
// leaves the data its whole gradient.
func scatterGrad(take string, attrs func(n *ir.Node) ir.Attrs) GradFunc {
	return func(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
		out := noGrads(n)
		reduction := n.Attrs.Str("reduction", "none")
		if reduction != "none" && reduction != "add" && reduction != "" {
			return nil, fmt.Errorf("there is no gradient for the reduction %q", reduction)
		}
		if out[0] = dy[0]; !g.Needs(0) {
			out[0] = ir.None
		} else if reduction != "add" {
			a := ir.Attrs{}
			if n.Attrs.Has("axis") {
				a["axis"] = n.Attrs["axis"]
			}
			out[0] = g.Op(n.Op, a, dy[0], n.Inputs[1], g.zerosLike(n.Inputs[2]))
		}
		if g.Needs(2) {
			out[2] = g.Op(take, attrs(n), dy[0], n.Inputs[1])
		}
		return out, nil
	}
}
