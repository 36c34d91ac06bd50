package op

import (
	"math"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

var unaryOps = []Op{
	unaryNumber("Abs", mapping{f: math.Abs, i: absInt, u: func(x uint64) uint64 { return x }}, absGrad),
	unaryNumber("Neg", mapping{f: func(x float64) float64 { return -x }, i: func(x int64) int64 { return -x }}, negGrad),
	unaryNumber("Sign", mapping{f: signFloat, i: signInt, u: func(x uint64) uint64 { return min(x, 1) }}, zeroGrad),

	unary("Floor", math.Floor, zeroGrad),
	unary("Ceil", math.Ceil, zeroGrad),
	unary("Round", math.RoundToEven, zeroGrad),

	unary("Exp", math.Exp, times(func(g *Grad, x, y ir.ValueID) ir.ValueID { return y })),
	unary("Log", math.Log, over(func(g *Grad, x, y ir.ValueID) ir.ValueID { return x })),
	unary("Sqrt", math.Sqrt, over(func(g *Grad, x, y ir.ValueID) ir.ValueID { return g.Op("Add", nil, y, y) })),
	unary("Reciprocal", func(x float64) float64 { return 1 / x }, times(func(g *Grad, x, y ir.ValueID) ir.ValueID {
		return g.Op("Neg", nil, g.square(y))
	})),
	unary("Erf", math.Erf, times(func(g *Grad, x, y ir.ValueID) ir.ValueID {
		bell := g.Op("Exp", nil, g.Op("Neg", nil, g.square(x)))
		return g.Op("Mul", nil, bell, g.scalar(2/math.SqrtPi, x))
	})),

	isNaN, isInf, not, clip,
}

// A mapping is a function of one number in the widest type of each kind.
type mapping struct {
	f func(float64) float64
	i func(int64) int64
	u func(uint64) uint64
}

// mapNumber applies the function for the kind of t's elements.
func mapNumber(t *tensor.Tensor, m mapping) ([]*tensor.Tensor, error) {
	switch d := t.DType(); {
	case d.IsFloat() && m.f != nil:
		return mapFloat(t, m.f)
	case isSigned(d) && m.i != nil:
		return one(mapSigned(t, m.i))
	case isUnsigned(d) && m.u != nil:
		return one(mapUnsigned(t, m.u))
	}
	return nil, errElements(t)
}

func mapSigned(t *tensor.Tensor, f func(int64) int64) *tensor.Tensor {
	switch t.DType() {
	case tensor.Int8:
		return mapAs[int8](t, f)
	case tensor.Int16:
		return mapAs[int16](t, f)
	case tensor.Int32:
		return mapAs[int32](t, f)
	}
	return mapAs[int64](t, f)
}

func mapUnsigned(t *tensor.Tensor, f func(uint64) uint64) *tensor.Tensor {
	switch t.DType() {
	case tensor.Uint8:
		return mapAs[uint8](t, f)
	case tensor.Uint16:
		return mapAs[uint16](t, f)
	case tensor.Uint32:
		return mapAs[uint32](t, f)
	}
	return mapAs[uint64](t, f)
}

// unary makes an elementwise operator of floats.
func unary(name string, f func(float64) float64, grad GradFunc) Op {
	return unaryNumber(name, mapping{f: f}, grad)
}

// unaryNumber makes an elementwise operator of floats and integers.
func unaryNumber(name string, m mapping, grad GradFunc) Op {
	return Op{
		Name: name, MinIn: 1, Infer: sameType, Cost: flops(1), Grad: grad,
		Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
			return mapNumber(in[0], m)
		},
	}
}

func absInt(x int64) int64 { return max(x, -x) }

func signInt(x int64) int64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return 0
}

func signFloat(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return x // zero of either sign, and NaN
}

// times is the rule dx = dy·slope.
func times(slope func(g *Grad, x, y ir.ValueID) ir.ValueID) GradFunc {
	return unaryGrad(func(g *Grad, x, y, dy ir.ValueID) ir.ValueID {
		return g.Op("Mul", nil, dy, slope(g, x, y))
	})
}

// over is the rule dx = dy/divisor.
func over(divisor func(g *Grad, x, y ir.ValueID) ir.ValueID) GradFunc {
	return unaryGrad(func(g *Grad, x, y, dy ir.ValueID) ir.ValueID {
		return g.Op("Div", nil, dy, divisor(g, x, y))
	})
}

func (g *Grad) square(x ir.ValueID) ir.ValueID { return g.Op("Mul", nil, x, x) }

var absGrad = times(func(g *Grad, x, y ir.ValueID) ir.ValueID { return g.Op("Sign", nil, x) })

var negGrad = unaryGrad(func(g *Grad, x, y, dy ir.ValueID) ir.ValueID { return g.Op("Neg", nil, dy) })
