package op

import (
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// foldLimit bounds the elements of values that Infer computes: enough for all
// arithmetic with shapes, nothing against a weight.
const foldLimit = 1 << 12

// Infer returns what is known of the outputs of one node; see Op.Infer. It
// also computes the elements of small outputs that depend on nothing but
// constants and shapes.
func Infer(n *ir.Node, in []Type) ([]Type, error) {
	o := Lookup(n.Domain, n.Op)
	if o == nil || o.Infer == nil {
		return nil, &UnknownError{n.Name, n.Op, n.Domain}
	}
	err := o.checkArity(func(i int) bool { return i < len(in) && n.Input(i) != ir.None })
	if err == nil {
		err = o.checkKinds(len(in), func(i int) tensor.DType { return in[i].DType })
	}
	var out []Type
	if err == nil {
		in = complete(in)
		out, err = o.Infer(n, in)
	}
	if err != nil {
		return nil, &NodeError{n.Name, n.Op, err}
	}
	o.fold(n, in, out)
	return out, nil
}

// complete turns extents that are all known into elements.
func complete(in []Type) []Type {
	in = append([]Type(nil), in...)
	for i, t := range in {
		shape, ok := t.Shape.Ints()
		v, all := t.Ints()
		if t.Value != nil || !ok || !all || product(shape) != len(v) {
			continue
		}
		elements := tensor.Of(mapTo(v, func(x int) int64 { return int64(x) }), shape...)
		if e, err := elements.Convert(t.DType); err == nil {
			in[i].Value = e
		}
	}
	return in
}

// fold adds the elements of the outputs to their types where they are known.
func (o *Op) fold(n *ir.Node, in, out []Type) {
	if o.Random || o.Eval == nil || !small(in) || !small(out) {
		return
	}
	if values := o.constants(n, in); values != nil {
		for i, t := range values {
			if i < len(out) && t != nil && t.Len() <= foldLimit {
				out[i].Value = t
			}
		}
		return
	}
	switch {
	case o.moves != nil:
		o.moveDims(n, in, out)
	case o.dims != nil:
		out[0].Extents = zipDims(in[0], in[1], out[0], o.dims)
	}
}

// small reports whether no type is known to be too large to fold.
func small(types []Type) bool {
	for _, t := range types {
		if shape, ok := t.Shape.Ints(); ok && len(shape) > 0 {
			if n, err := tensor.NumElements(shape); err != nil || n > foldLimit {
				return false
			}
		}
	}
	return true
}

// constants computes the outputs if the elements of all inputs are known.
func (o *Op) constants(n *ir.Node, in []Type) []*tensor.Tensor {
	values := make([]*tensor.Tensor, len(in))
	for i, t := range in {
		if n.Input(i) == ir.None {
			continue
		}
		if values[i] = t.Value; values[i] == nil {
			return nil
		}
	}
	out, err := evalWide(o, n, values)
	if err != nil {
		return nil // what runs will say so
	}
	return out
}

// moveDims moves extents as the operator moves elements: it evaluates the
// node on labels in place of the elements that are not numbers. Labels lie
// far above any extent.
func (o *Op) moveDims(n *ir.Node, in, out []Type) {
	const first = 1 << 60
	var labelled []ir.Dim
	values := make([]*tensor.Tensor, len(in))
	for i, t := range in {
		switch {
		case n.Input(i) == ir.None:
		case t.Value != nil && (!o.moves(i) || !t.DType.IsInt()):
			values[i] = t.Value
		case o.moves(i):
			dims := t.Dims()
			shape, ok := t.Shape.Ints()
			if dims == nil || !ok || product(shape) != len(dims) {
				return
			}
			labels := mapTo(dims, func(d ir.Dim) int64 {
				if v, ok := dimNumber(d); ok {
					return int64(v)
				}
				labelled = append(labelled, d)
				return first + int64(len(labelled)-1)
			})
			values[i] = tensor.Of(labels, shape...)
		default:
			return
		}
	}
	moved, err := o.Eval(n, values)
	if err != nil {
		return
	}
	for i, t := range moved {
		if i >= len(out) || t == nil || t.DType() != tensor.Int64 {
			continue
		}
		out[i].Extents = mapTo(t.I64(), func(v int64) ir.Dim {
			if v >= first && v-first < int64(len(labelled)) {
				return labelled[v-first]
			}
			return dimOf(int(v))
		})
	}
}

// zipDims computes with extents elementwise: vectors of one length, or one of
// them of a single element.
func zipDims(a, b, out Type, f func(a, b ir.Dim) ir.Dim) ir.Shape {
	x, y := a.Dims(), b.Dims()
	shape, ok := out.Shape.Ints()
	if x == nil || y == nil || !ok || len(shape) > 1 {
		return nil
	}
	dims := make(ir.Shape, product(shape))
	for i := range dims {
		d, ok1 := dimAt(x, i)
		e, ok2 := dimAt(y, i)
		if !ok1 || !ok2 {
			return nil
		}
		dims[i] = f(d, e)
	}
	return dims
}

func dimAt(s ir.Shape, i int) (ir.Dim, bool) {
	if len(s) == 1 {
		return s[0], true
	}
	if i < len(s) {
		return s[i], true
	}
	return ir.Dim{}, false
}

func onlyFirst(input int) bool { return input == 0 }
func everyInput(int) bool      { return true }
