package op

import (
	"math"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

var compareOps = []Op{
	comparison("Equal", relation{equal[float64], equal[int64], equal[uint64], equal[bool], equal[string]}),
	comparison("Greater", relation{f: greater[float64], i: greater[int64], u: greater[uint64]}),
	comparison("GreaterOrEqual", relation{f: greaterEqual[float64], i: greaterEqual[int64], u: greaterEqual[uint64]}),
	comparison("Less", relation{f: less[float64], i: less[int64], u: less[uint64]}),
	comparison("LessOrEqual", relation{f: lessEqual[float64], i: lessEqual[int64], u: lessEqual[uint64]}),
	comparison("And", relation{b: func(x, y bool) bool { return x && y }}),
	comparison("Or", relation{b: func(x, y bool) bool { return x || y }}),
	comparison("Xor", relation{b: func(x, y bool) bool { return x != y }}),
}

func equal[T comparable](x, y T) bool    { return x == y }
func greater[T number](x, y T) bool      { return x > y }
func greaterEqual[T number](x, y T) bool { return x >= y }
func less[T number](x, y T) bool         { return x < y }
func lessEqual[T number](x, y T) bool    { return x <= y }

// A relation is a truth value of two elements, in the widest type of each kind.
// Any comparison with NaN is false.
type relation struct {
	f func(a, b float64) bool
	i func(a, b int64) bool
	u func(a, b uint64) bool
	b func(a, b bool) bool
	s func(a, b string) bool
}

func comparison(name string, r relation) Op {
	o := Op{
		Name: name, MinIn: 2, Grad: zeroGrad,
		Infer: func(n *ir.Node, in []Type) ([]Type, error) {
			out, err := inferBinary(n, in)
			if err != nil {
				return nil, err
			}
			out[0].DType = tensor.Bool
			return out, nil
		},
		Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
			b, err := alignOld(n, in[0], in[1])
			if err != nil {
				return nil, err
			}
			if err := sameElements(in[0], b); err != nil {
				return nil, err
			}
			return r.apply(in[0], b)
		},
	}
	if name == "Equal" {
		o.dims = equalDims
	}
	return o
}

// equalDims knows that an extent differs from every negative number.
func equalDims(a, b ir.Dim) ir.Dim {
	x, ok1 := dimNumber(a)
	y, ok2 := dimNumber(b)
	switch {
	case a.Same(b):
		return ir.Known(1)
	case ok1 && ok2, ok1 && x < 0 && b.Sym != "", ok2 && y < 0 && a.Sym != "":
		return ir.Known(0)
	}
	return ir.Symbol("")
}

func (r relation) apply(a, b *tensor.Tensor) ([]*tensor.Tensor, error) {
	switch d := a.DType(); {
	case d.IsFloat() && r.f != nil:
		return r.floats(a, b)
	case isSigned(d) && r.i != nil:
		return r.signed(a, b)
	case isUnsigned(d) && r.u != nil:
		return r.unsigned(a, b)
	case d == tensor.Bool && r.b != nil:
		return zip(a, b, r.b)
	case d == tensor.String && r.s != nil:
		return zip(a, b, r.s)
	}
	return nil, errElements(a)
}

func (r relation) floats(a, b *tensor.Tensor) ([]*tensor.Tensor, error) {
	switch a.DType() {
	case tensor.Float32:
		return relate[float32](a, b, r.f)
	case tensor.Float64:
		return relate[float64](a, b, r.f)
	}
	return nil, errElements(a)
}

func (r relation) signed(a, b *tensor.Tensor) ([]*tensor.Tensor, error) {
	switch a.DType() {
	case tensor.Int8:
		return relate[int8](a, b, r.i)
	case tensor.Int16:
		return relate[int16](a, b, r.i)
	case tensor.Int32:
		return relate[int32](a, b, r.i)
	}
	return relate[int64](a, b, r.i)
}

func (r relation) unsigned(a, b *tensor.Tensor) ([]*tensor.Tensor, error) {
	switch a.DType() {
	case tensor.Uint8:
		return relate[uint8](a, b, r.u)
	case tensor.Uint16:
		return relate[uint16](a, b, r.u)
	case tensor.Uint32:
		return relate[uint32](a, b, r.u)
	}
	return relate[uint64](a, b, r.u)
}

func relate[T, W number](a, b *tensor.Tensor, f func(W, W) bool) ([]*tensor.Tensor, error) {
	return zip(a, b, func(x, y T) bool { return f(W(x), W(y)) })
}

var isNaN = predicate("IsNaN", func(n *ir.Node) func(float64) bool { return math.IsNaN })

var isInf = predicate("IsInf", func(n *ir.Node) func(float64) bool {
	above := n.Attrs.Bool("detect_positive", true)
	below := n.Attrs.Bool("detect_negative", true)
	return func(x float64) bool { return above && math.IsInf(x, 1) || below && math.IsInf(x, -1) }
})

// predicate makes an operator that asks something of each float.
func predicate(name string, ask func(n *ir.Node) func(float64) bool) Op {
	return Op{
		Name: name, MinIn: 1, Infer: truthOfFirst, Grad: zeroGrad,
		Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
			if !in[0].DType().IsFloat() {
				return nil, errElements(in[0])
			}
			v, err := in[0].Floats()
			if err != nil {
				return nil, err
			}
			return one(tensor.Of(mapTo(v, ask(n)), in[0].Shape()...))
		},
	}
}

var not = Op{
	Name: "Not", MinIn: 1, Infer: truthOfFirst, Grad: zeroGrad,
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		if in[0].DType() != tensor.Bool {
			return nil, errElements(in[0])
		}
		x := tensor.Data[bool](in[0])
		return one(tensor.Of(mapTo(x, func(b bool) bool { return !b }), in[0].Shape()...))
	},
}

func truthOfFirst(n *ir.Node, in []Type) ([]Type, error) {
	return []Type{{DType: tensor.Bool, Shape: in[0].Shape}}, nil
}
